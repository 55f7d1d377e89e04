import { Button, Group, Select, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { api, query } from '../../api/queries.ts'
import { useMay } from '../../api/session.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { RuleTable } from './rule-table.tsx'
import { TrySentence } from './try-sentence.tsx'

const screen = getRouteApi('/rules')

const NewRuleButton = ({ account }: { account: number }) => {
  const { t } = useTranslation()
  return (
    <Button renderRoot={(props) => <Link to="/rules/new" search={{ account: String(account) }} {...props} />}>
      {t('rules.new')}
    </Button>
  )
}

const RulesOf = ({ accountId }: { accountId: number }) => {
  const { t } = useTranslation()
  const mayEdit = useMay('settings.edit')
  const rules = useQuery(query(api.rules.list, { query: { accountId } }))
  if (rules.isPending) return <Rows />
  if (rules.isError) return <Fault error={rules.error} onRetry={() => void rules.refetch()} />
  const { items } = rules.data
  if (items.length === 0)
    return (
      <EmptyState title={t('rules.none')} next={t(mayEdit ? 'rules.noneNext' : 'rules.noneNextView')}>
        {mayEdit && <NewRuleButton account={accountId} />}
      </EmptyState>
    )
  return (
    <>
      <Text size="sm" c="dimmed">
        {t('rules.orderText')}
      </Text>
      <RuleTable accountId={accountId} rules={items} />
      <TrySentence key={accountId} accountId={accountId} />
    </>
  )
}

/** What an account answers and does by itself. */
export const Rules = () => {
  const { t } = useTranslation()
  const { account } = screen.useSearch()
  const navigate = screen.useNavigate()
  const mayEdit = useMay('settings.edit')
  const accounts = useQuery(query(api.accounts.list, {}))
  const items = accounts.data?.items ?? []
  const chosen = items.find(({ id }) => String(id) === account) ?? items[0]
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('screens.rules')}
        </Title>
        {mayEdit && chosen && <NewRuleButton account={chosen.id} />}
      </Group>
      <Text c="dimmed">{t('rules.text')}</Text>
      {accounts.isPending && <Rows />}
      {accounts.isError && <Fault error={accounts.error} onRetry={() => void accounts.refetch()} />}
      {accounts.isSuccess && !chosen && (
        <EmptyState title={t('rules.noAccount')} next={t('rules.noAccountNext')}>
          <Button renderRoot={(props) => <Link to="/accounts" {...props} />}>{t('screens.accounts')}</Button>
        </EmptyState>
      )}
      {items.length > 1 && (
        <Select
          label={t('rules.account')}
          data={items.map(({ id, displayName }) => ({ value: String(id), label: displayName }))}
          value={String(chosen?.id)}
          onChange={(value) =>
            void navigate({ search: (before) => ({ ...before, account: value ?? undefined }), replace: true })
          }
          allowDeselect={false}
          maw={320}
        />
      )}
      {chosen && <RulesOf accountId={chosen.id} />}
    </Stack>
  )
}
