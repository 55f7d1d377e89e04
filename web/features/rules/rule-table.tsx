import { ActionIcon, Anchor, Group, Stack, Switch, Table, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ArrowDownIcon, ArrowUpIcon, TrashIcon } from '@radix-ui/react-icons'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Ask } from '../../ui/ask.tsx'
import { ActionText } from './action-text.tsx'
import type { ListedRule } from './rule-draft.ts'
import { useRuleWords } from './use-rule-words.ts'

const COLUMNS = ['state', 'name', 'trigger', 'does', 'fired', 'pause'] as const

interface RowProps {
  readonly rule: ListedRule
  readonly isBusy: boolean
  /** Null at the end it stands at already. */
  readonly onUp: (() => void) | null
  readonly onDown: (() => void) | null
  readonly onTurn: (isEnabled: boolean) => void
  readonly onRemove: () => void
}

const Acts = ({ rule: { name }, isBusy, onUp, onDown, onRemove }: RowProps) => {
  const { t } = useTranslation()
  return (
    <Group gap={4} wrap="nowrap" justify="end">
      <ActionIcon
        variant="default"
        aria-label={t('rules.up', { name })}
        disabled={isBusy || !onUp}
        onClick={() => onUp?.()}
      >
        <ArrowUpIcon aria-hidden />
      </ActionIcon>
      <ActionIcon
        variant="default"
        aria-label={t('rules.down', { name })}
        disabled={isBusy || !onDown}
        onClick={() => onDown?.()}
      >
        <ArrowDownIcon aria-hidden />
      </ActionIcon>
      <ActionIcon variant="default" aria-label={t('rules.removeOf', { name })} disabled={isBusy} onClick={onRemove}>
        <TrashIcon aria-hidden />
      </ActionIcon>
    </Group>
  )
}

const Row = (props: RowProps) => {
  const { rule, isBusy, onTurn } = props
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const words = useRuleWords()
  const mayEdit = useMay('settings.edit')
  const { id, name, isEnabled, trigger, scope, actions, fired } = rule
  return (
    <Table.Tr data-rule={id}>
      <Table.Td>
        <Switch
          aria-label={t('rules.works', { name })}
          checked={isEnabled}
          disabled={!mayEdit || isBusy}
          onChange={(event) => onTurn(event.currentTarget.checked)}
        />
      </Table.Td>
      <Table.Td>
        <Anchor renderRoot={(link) => <Link to="/rules/$id" params={{ id: String(id) }} {...link} />}>
          <bdi>{name}</bdi>
        </Anchor>
      </Table.Td>
      <Table.Td>
        <Stack gap={0}>
          <Text size="sm" c="dimmed">
            {t(`words:ruleTrigger.${trigger.kind}`)} · {t(`words:ruleScope.${scope}`)}
          </Text>
          <Text size="sm" lineClamp={2}>
            <bdi>{words.trigger(trigger)}</bdi>
          </Text>
        </Stack>
      </Table.Td>
      <Table.Td maw={280}>
        {actions.map((action) => (
          <Text key={action.kind} size="sm" lineClamp={2}>
            <ActionText action={action} />
          </Text>
        ))}
      </Table.Td>
      <Table.Td>{formats.number(fired)}</Table.Td>
      <Table.Td>{words.pause(rule) || '–'}</Table.Td>
      {mayEdit && (
        <Table.Td>
          <Acts {...props} />
        </Table.Td>
      )}
    </Table.Tr>
  )
}

const swapped = (ids: readonly number[], i: number, j: number): number[] =>
  ids.map((id, at) => (at === i ? (ids[j] ?? id) : at === j ? (ids[i] ?? id) : id))

/** An account's rules in the order they are asked; who may change them turns, moves and removes them here. */
export const RuleTable = ({ accountId, rules }: { accountId: number; rules: readonly ListedRule[] }) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const mayEdit = useMay('settings.edit')
  const [removed, remove] = useState<ListedRule | null>(null)
  const change = useMutation({
    mutationFn: async (act: () => Promise<unknown>) => act(),
    onError: (error) => notifications.show({ message: error.message, color: 'red' }),
    onSettled: () => queries.invalidateQueries(),
  })
  const ids = rules.map(({ id }) => id)
  const order = (i: number, j: number) => () =>
    change.mutate(() => call(api.rules.order, { body: { accountId, ids: swapped(ids, i, j) } }))
  return (
    <>
      <Table.ScrollContainer scrollAreaProps={{ viewportProps: { tabIndex: 0 } }} minWidth={820}>
        <Table highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              {COLUMNS.map((column) => (
                <Table.Th key={column}>{t(`rules.column.${column}`)}</Table.Th>
              ))}
              {mayEdit && <Table.Th ta="end">{t('rules.column.order')}</Table.Th>}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rules.map((rule, i) => (
              <Row
                key={rule.id}
                rule={rule}
                isBusy={change.isPending}
                onUp={i === 0 ? null : order(i - 1, i)}
                onDown={i === rules.length - 1 ? null : order(i, i + 1)}
                onTurn={(isEnabled) =>
                  change.mutate(() => call(api.rules.turn, { params: { id: rule.id }, body: { isEnabled } }))
                }
                onRemove={() => remove(rule)}
              />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {removed && (
        <Ask
          title={t('rules.remove')}
          act={t('rules.remove')}
          color="red"
          perform={() => call(api.rules.remove, { params: { id: removed.id } })}
          onClose={() => remove(null)}
        >
          <Text>{t('rules.removeSure', { name: removed.name })}</Text>
        </Ask>
      )}
    </>
  )
}
