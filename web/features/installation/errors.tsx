import { Card, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { api, query } from '../../api/queries.ts'
import { useZone } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { useReason } from '../../lib/use-reason.ts'

const LOOK_AGAIN_MS = 10_000

interface ListProps {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const List = ({ title, columns, rows }: ListProps) => {
  const { t } = useTranslation()
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="xs">
        {title}
      </Title>
      {rows.length === 0 ? (
        <Text c="dimmed">{t('installation.nothingWrong')}</Text>
      ) : (
        <Table.ScrollContainer scrollAreaProps={{ viewportProps: { tabIndex: 0 } }} minWidth={480}>
          <Table data={{ head: [...columns], body: rows.map((row) => [...row]) }} />
        </Table.ScrollContainer>
      )}
    </Card>
  )
}

/** What is wrong, as far as it is recorded. */
export const Errors = () => {
  const { t } = useTranslation()
  const { instant, number } = useFormats(useZone())
  const reasonOf = useReason()
  const errors = useQuery({ ...query(api.installation.errors, {}), refetchInterval: LOOK_AGAIN_MS })
  if (errors.isPending) return <Rows />
  if (errors.isError) return <Fault error={errors.error} onRetry={() => void errors.refetch()} />
  const { faults, failures, parkedUpdates, parkedEvents } = errors.data
  const head = (...names: readonly string[]) => names.map((name) => t(`installation.${name}`))
  return (
    <Stack>
      <Title order={1} size="h3">
        {t('screens.errors')}
      </Title>
      <Text c="dimmed">{t('installation.errorsText')}</Text>
      <List
        title={t('installation.faults')}
        columns={head('what', 'detail', 'since', 'lastSeen')}
        rows={faults.map(({ params, openedAt, lastSeenAt }) => [
          t(`installation.fault.${params['what'] ?? 'part'}`),
          [params['part'], params['detail'] ?? params['count']].filter((word) => word !== undefined).join(' · '),
          instant(openedAt),
          instant(lastSeenAt),
        ])}
      />
      <List
        title={t('installation.failuresDay')}
        columns={head('why', 'count')}
        rows={failures.map(({ reason, count }) => [reasonOf(reason), number(count)])}
      />
      <List
        title={t('installation.parkedUpdates')}
        columns={head('kind', 'account', 'attempts', 'received')}
        rows={parkedUpdates.map(({ kind, accountId, attempts, receivedAt }) => [
          kind,
          `#${accountId}`,
          number(attempts),
          instant(receivedAt),
        ])}
      />
      <Text>
        {t('installation.parkedEvents', { count: parkedEvents })}{' '}
        {(parkedUpdates.length > 0 || parkedEvents > 0) && <code dir="ltr">gavatcore updates replay</code>}
      </Text>
    </Stack>
  )
}
