import { Alert, Badge, Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { PackageName } from '#contract/words.ts'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Ask } from '../../ui/ask.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { UsageBars } from '../../ui/usage-bars.tsx'
import type { BillingView } from './billing-view.ts'
import { PackageChoice } from './package-choice.tsx'
import { Packages } from './packages.tsx'
import { Payments } from './payments.tsx'

const STATE_COLOURS = {
  trial: 'cyan.9',
  active: 'teal.9',
  grace: 'orange.9',
  expired: 'red.9',
  cancelled: 'gray.7',
} as const

const DAY_MS = 86_400_000

/** What the tenant has, until when, and the way to more of it. */
const Current = ({ view, onChoose }: { view: BillingView; onChoose: (name: PackageName) => void }) => {
  const { t } = useTranslation()
  const { session, tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const [isOpen, { open, close }] = useDisclosure(false)
  const [mayPay, mayCancel] = [useMay('billing.pay'), useMay('billing.cancel')]
  const { package: name, state, periodEndsAt, extraBots } = view.subscription
  const isSold = view.packages.some((row) => row.package === name && row.priceMinor !== null)
  const days = periodEndsAt === null ? null : Math.max(0, Math.ceil((periodEndsAt - session.now) / DAY_MS))
  const isEnding = state === 'cancelled' || state === 'expired'
  return (
    <Card withBorder data-state={state} data-package={name}>
      <Group justify="space-between" align="start">
        <div>
          <Group gap="xs">
            <Title order={2} size="h4">
              {t(`words:package.${name}`)}
            </Title>
            <Badge color={STATE_COLOURS[state]}>{t(`words:subscriptionState.${state}`)}</Badge>
          </Group>
          <Text>
            {periodEndsAt === null
              ? t('billing.noEnd')
              : t('billing.ends', { at: formats.day(periodEndsAt), left: t('billing.days', { count: days ?? 0 }) })}
          </Text>
          {extraBots > 0 && <Text size="sm">{t('billing.extraBotsAre', { count: extraBots })}</Text>}
        </div>
        <Group gap="xs">
          {mayPay && isSold && <Button onClick={() => onChoose(name)}>{t('billing.renew')}</Button>}
          {mayCancel && !isEnding && (
            <Button variant="default" onClick={open}>
              {t('billing.cancel')}
            </Button>
          )}
        </Group>
      </Group>
      {isOpen && (
        <Ask
          title={t('billing.cancel')}
          act={t('billing.cancel')}
          color="red.9"
          perform={() => call(api.billing.cancel, {})}
          onClose={close}
        >
          <Text>
            {periodEndsAt === null
              ? t('billing.cancelSureNow')
              : t('billing.cancelSure', { at: formats.day(periodEndsAt) })}
          </Text>
        </Ask>
      )}
    </Card>
  )
}

/** The package, what is used of it, what else is sold, and what was paid. */
export const Billing = () => {
  const { t } = useTranslation()
  const { session, tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const billing = useQuery(query(api.billing.get, {}))
  const [chosen, choose] = useState<PackageName | null>(null)
  return (
    <Stack gap="lg">
      <Title order={1} size="h3">
        {t('screens.billing')}
      </Title>
      {billing.isPending && <Rows />}
      {billing.isError && <Fault error={billing.error} onRetry={() => void billing.refetch()} />}
      {billing.isSuccess && (
        <>
          <Current view={billing.data} onChoose={choose} />
          <Stack gap="xs" component="section" aria-labelledby="used">
            <Title order={2} size="h5" id="used">
              {t('billing.used')}
            </Title>
            <UsageBars usage={billing.data.usage} formats={formats} now={session.now} />
          </Stack>
          <Packages view={billing.data} onChoose={choose} />
          {billing.data.ways.length === 0 && <Alert color="orange">{t('billing.noWays')}</Alert>}
          {chosen !== null && (
            <PackageChoice key={chosen} view={billing.data} name={chosen} onClose={() => choose(null)} />
          )}
        </>
      )}
      <Payments />
    </Stack>
  )
}
