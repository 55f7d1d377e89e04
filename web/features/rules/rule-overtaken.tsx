import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { api, query } from '../../api/queries.ts'
import { Fault } from '../../ui/fault.tsx'
import { ActionText } from './action-text.tsx'
import type { Rule } from './rule-draft.ts'
import { useRuleWords } from './use-rule-words.ts'

interface RuleOvertakenProps {
  readonly id: number
  readonly detail: string
  readonly onKeep: (theirs: Rule) => void
  readonly onTake: (theirs: Rule) => void
}

/** Somebody saved meanwhile: what they saved stands here, and whoever is here decides which holds. */
export const RuleOvertaken = ({ id, detail, onKeep, onTake }: RuleOvertakenProps) => {
  const { t } = useTranslation()
  const words = useRuleWords()
  const theirs = useQuery({ ...query(api.rules.get, { params: { id } }), staleTime: 0 })
  return (
    <Alert color="yellow" title={t('rules.overtaken')}>
      <Stack align="start" gap="sm">
        {detail}
        {theirs.isError && <Fault error={theirs.error} onRetry={() => void theirs.refetch()} />}
        {theirs.isSuccess && !theirs.isFetching && (
          <>
            <Text size="sm" component="div">
              <bdi>{theirs.data.rule.name}</bdi>: <bdi>{words.trigger(theirs.data.rule.trigger)}</bdi>
              {theirs.data.rule.actions.map((action) => (
                <div key={action.kind}>
                  <ActionText action={action} />
                </div>
              ))}
            </Text>
            <Group>
              <Button variant="default" onClick={() => onTake(theirs.data.rule)}>
                {t('rules.takeTheirs')}
              </Button>
              <Button onClick={() => onKeep(theirs.data.rule)}>{t('rules.keepMine')}</Button>
            </Group>
          </>
        )}
      </Stack>
    </Alert>
  )
}
