import { Text } from '@mantine/core'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { Overtaken } from '../../ui/overtaken.tsx'
import { ActionText } from './action-text.tsx'
import type { Rule } from './rule-draft.ts'
import { useRuleWords } from './use-rule-words.ts'

interface RuleOvertakenProps {
  readonly id: number
  readonly detail: string
  readonly onKeep: (theirs: Rule) => void
  readonly onTake: (theirs: Rule) => void
}

/** Somebody saved the rule meanwhile: what it says by now, in words. */
export const RuleOvertaken = ({ id, ...choice }: RuleOvertakenProps) => {
  const words = useRuleWords()
  return (
    <Overtaken<Rule>
      look={async (signal) => (await call(api.rules.get, { params: { id } }, signal)).rule}
      renderTheirs={({ name, trigger, actions }) => (
        <Text size="sm" component="div">
          <bdi>{name}</bdi>: <bdi>{words.trigger(trigger)}</bdi>
          {actions.map((action) => (
            <div key={action.kind}>
              <ActionText action={action} />
            </div>
          ))}
        </Text>
      )}
      {...choice}
    />
  )
}
