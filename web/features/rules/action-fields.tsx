import { Button, Group, NumberInput, Select, Stack, Switch, TagsInput, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { LOCALES } from '#contract/words.ts'

import { api, query } from '../../api/queries.ts'
import { useMay } from '../../api/session.tsx'
import type { FieldFault } from '../../lib/field-fault.ts'
import { ReplyFields } from './reply-fields.tsx'
import { type Action, actionOf, emptyReply, putAction } from './rule-draft.ts'
import type { RuleFieldsProps } from './trigger-fields.tsx'
import { useRuleWords } from './use-rule-words.ts'

/** What was refused of one action, as far as it belongs to no field of its own. */
const faultOf = (faults: readonly FieldFault[], actions: readonly Action[], kind: Action['kind']) => {
  const at = actions.findIndex((action) => action.kind === kind)
  return faults.find(({ field, isError }) => isError && at >= 0 && field.startsWith(`actions[${at}]`))?.detail
}

/** What is done to the conversation; in a group there is none. */
const ConversationFields = ({ draft, faults, onChange }: RuleFieldsProps) => {
  const { t } = useTranslation()
  const maySee = useMay('conversations.view')
  const members = useQuery({ ...query(api.conversations.listAssignees, {}), enabled: maySee })
  const { actions } = draft
  const put = (kind: Action['kind'], action: Action | null) => onChange({ actions: putAction(actions, kind, action) })
  const [assign, snooze] = [actionOf(draft, 'assign'), actionOf(draft, 'snooze')]
  return (
    <>
      <Select
        label={t('rules.assign')}
        placeholder={t('rules.nobody')}
        data={(members.data?.items ?? []).map(({ id, name }) => ({ value: String(id), label: name }))}
        value={assign === null ? null : String(assign.memberId)}
        onChange={(id) => put('assign', id === null ? null : { kind: 'assign', memberId: Number(id) })}
        error={faultOf(faults, actions, 'assign')}
        clearable
      />
      <NumberInput
        label={t('rules.snooze')}
        value={snooze?.minutes ?? ''}
        onChange={(value) => put('snooze', value === '' ? null : { kind: 'snooze', minutes: Number(value) })}
        min={1}
        allowDecimal={false}
        error={faultOf(faults, actions, 'snooze')}
      />
      <Switch
        label={t('rules.handOver')}
        checked={actionOf(draft, 'hand_over') !== null}
        onChange={(event) => put('hand_over', event.currentTarget.checked ? { kind: 'hand_over' } : null)}
      />
    </>
  )
}

/** What the rule does: an answer, tags, and what becomes of the conversation. */
export const ActionFields = (props: RuleFieldsProps) => {
  const { draft, faults, onChange } = props
  const { t, i18n } = useTranslation()
  const words = useRuleWords()
  const { actions } = draft
  const put = (kind: Action['kind'], action: Action | null) => onChange({ actions: putAction(actions, kind, action) })
  const [reply, tag, stage] = [actionOf(draft, 'reply'), actionOf(draft, 'tag'), actionOf(draft, 'stage')]
  const tags = tag ?? { kind: 'tag' as const, add: [], remove: [] }
  const putTags = (part: { add?: string[]; remove?: string[] }) => {
    const next = { ...tags, ...part }
    put('tag', next.add.length + next.remove.length === 0 ? null : next)
  }
  const locale = LOCALES.find((known) => known === i18n.language) ?? 'tr'
  return (
    <Stack gap="sm">
      <Switch
        label={t('rules.answers')}
        checked={reply !== null}
        onChange={(event) => put('reply', event.currentTarget.checked ? emptyReply(locale) : null)}
      />
      {reply && (
        <ReplyFields
          reply={reply}
          field={`actions[${actions.indexOf(reply)}]`}
          faults={faults}
          onChange={(changed) => put('reply', changed)}
        />
      )}
      <TagsInput
        label={t('rules.addTags')}
        value={tags.add}
        onChange={(add) => putTags({ add })}
        error={faultOf(faults, actions, 'tag')}
        acceptValueOnBlur
      />
      <TagsInput
        label={t('rules.removeTags')}
        value={tags.remove}
        onChange={(remove) => putTags({ remove })}
        acceptValueOnBlur
      />
      {(draft.scope === 'private' || faults.some(({ field }) => field.startsWith('actions['))) && (
        <ConversationFields {...props} />
      )}
      {stage && (
        <Group>
          <Text size="sm">{words.action(stage)}</Text>
          <Button size="compact-sm" variant="default" onClick={() => put('stage', null)}>
            {t('rules.removeStage')}
          </Button>
        </Group>
      )}
      {faults.map(({ field, detail }) =>
        field === 'actions' ? (
          <Text key={detail} c="var(--mantine-color-error)">
            {detail}
          </Text>
        ) : null,
      )}
    </Stack>
  )
}
