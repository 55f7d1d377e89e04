import { Button, Group, Stack, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { api, query } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { UsageBars } from '../../ui/usage-bars.tsx'
import { AccountCard } from './account-card.tsx'
import { Queue } from './queue.tsx'
import { SafeLimits } from './safe-limits.tsx'
import { SendingSwitch } from './sending-switch.tsx'

const LOOK_AGAIN_MS = 10_000

/** What bounds the tenant's sending: its accounts and how they are, quotas, what waits, and what was held back. */
export const Accounts = () => {
  const { t } = useTranslation()
  const { session, tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const accounts = useQuery({ ...query(api.accounts.list, {}), refetchInterval: LOOK_AGAIN_MS })
  const [seesQueue, seesLimits] = [useMay('deliveries.view'), useMay('settings.view')]
  const mayLink = useMay('accounts.link')
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('screens.accounts')}
        </Title>
        {mayLink && (
          <Button component={Link} to="/accounts/new">
            {t('links.title')}
          </Button>
        )}
      </Group>
      {accounts.isPending && <Rows />}
      {accounts.isError && <Fault error={accounts.error} onRetry={() => void accounts.refetch()} />}
      {accounts.isSuccess && (
        <>
          <SendingSwitch sending={accounts.data.sending} />
          {accounts.data.items.length === 0 ? (
            <EmptyState title={t('accounts.none')} next={t('accounts.noneNext')} />
          ) : (
            accounts.data.items.map((account) => <AccountCard key={account.id} account={account} />)
          )}
          <Stack gap="xs" component="section" aria-labelledby="quotas">
            <Title order={2} size="h5" id="quotas">
              {t('accounts.quotas')}
            </Title>
            <UsageBars usage={accounts.data.usage} formats={formats} now={session.now} />
          </Stack>
        </>
      )}
      {seesQueue && <Queue />}
      {seesLimits && <SafeLimits />}
    </Stack>
  )
}
