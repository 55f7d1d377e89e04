import { Button, Group, Modal, NumberInput, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { PackageName, PaymentProviderName } from '#contract/words.ts'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { isolated } from '../../lib/isolated.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import type { BillingView, OrderPreview } from './billing-view.ts'

/** What will happen, before anything does. */
const Forecast = ({ preview }: { preview: OrderPreview }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const { kind, priceMinor, creditMinor, currency, startsAt, endsAt } = preview
  const money = (minor: number) => isolated(formats.money(minor, currency))
  return (
    <Stack gap={4} data-testid="forecast">
      <Text fw={650}>{t('billing.toPay', { price: money(priceMinor) })}</Text>
      {creditMinor > 0 && kind === 'change' && (
        <Text size="sm">{t('billing.credit', { credit: money(creditMinor) })}</Text>
      )}
      <Text size="sm">
        {t(kind === 'renewal' ? 'billing.lastsOn' : 'billing.lasts', {
          from: formats.day(startsAt),
          to: formats.day(endsAt),
        })}
      </Text>
      {kind === 'change' && (
        <Text size="sm" c="dimmed">
          {t('billing.nothingLost')}
        </Text>
      )}
    </Stack>
  )
}

/** Each way to pay; whatever is pressed twice is ordered once. */
const Ways = ({ view, preview, onDone }: { view: BillingView; preview: OrderPreview; onDone: () => void }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const queries = useQueryClient()
  const mayChange = useMay('billing.change')
  const { package: name, extraBots, dueMinor, kind, prices } = preview
  const wanted = { package: name, extraBots }
  const openPage = async () => location.assign((await call(api.billing.payPage, {})).path)
  const order = useMutation({
    mutationFn: async (provider: PaymentProviderName) => {
      // A card that asks for more of the payer is chosen on the page itself.
      if (provider === 'paytr') return openPage()
      const { payUrl } = await call(api.billing.order, { body: { ...wanted, provider } })
      await queries.invalidateQueries()
      return payUrl === null ? openPage() : location.assign(payUrl)
    },
  })
  const change = useMutation({
    mutationFn: () => call(api.billing.change, { body: wanted }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      onDone()
    },
  })
  const isBusy = order.isPending || change.isPending
  const fault = order.error ?? change.error
  return (
    <Stack gap="xs">
      {dueMinor === 0 && kind === 'change' && mayChange && (
        <Button variant="default" disabled={isBusy} loading={change.isPending} onClick={() => change.mutate()}>
          {t('billing.changeNow')}
        </Button>
      )}
      {prices.map(({ provider, amountMinor, currency }) => (
        <Button
          key={provider}
          disabled={isBusy}
          loading={order.isPending && order.variables === provider}
          variant={provider === prices[0]?.provider ? 'filled' : 'default'}
          onClick={() => order.mutate(provider)}
        >
          {t('billing.payBy', {
            way: t(`words:paymentProvider.${provider}`),
            price: provider === 'stars' ? formats.number(amountMinor) : isolated(formats.money(amountMinor, currency)),
          })}
        </Button>
      ))}
      {view.ways.length === 0 && <Text>{t('billing.noWays')}</Text>}
      {fault !== null && <Fault error={fault} />}
    </Stack>
  )
}

const EXTRA_BOTS_MAX = 50

/** A package that somebody looks at: what it would cost and bring, and how it is paid. */
export const PackageChoice = ({
  view,
  name,
  onClose,
}: {
  view: BillingView
  name: PackageName
  onClose: () => void
}) => {
  const { t } = useTranslation()
  const [extraBots, setExtraBots] = useState(view.subscription.extraBots)
  const [asked] = useDebouncedValue(extraBots, 300)
  const preview = useQuery({
    ...query(api.billing.preview, { query: { package: name, extraBots: asked } }),
    placeholderData: keepPreviousData,
  })
  const isOwn = name === view.subscription.package
  const title = t(isOwn ? 'billing.renewOf' : 'billing.changeTo', { package: t(`words:package.${name}`) })
  const closeButtonProps = { 'aria-label': t('state.dismiss') }
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={closeButtonProps} centered>
      <Stack>
        <NumberInput
          label={t('billing.extraBots')}
          description={t('billing.extraBotsHint')}
          value={extraBots}
          onChange={(value) => setExtraBots(Math.min(EXTRA_BOTS_MAX, Math.max(0, Math.trunc(Number(value)))))}
          min={0}
          max={EXTRA_BOTS_MAX}
          allowDecimal={false}
        />
        {preview.isPending && <Rows count={2} />}
        {preview.isError && <Fault error={preview.error} onRetry={() => void preview.refetch()} />}
        {preview.isSuccess && (
          <>
            <Forecast preview={preview.data} />
            {asked === extraBots && !preview.isPlaceholderData && (
              <Ways view={view} preview={preview.data} onDone={onClose} />
            )}
          </>
        )}
        <Group justify="end">
          <Button variant="default" onClick={onClose}>
            {t('state.dismiss')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
