import { Badge, Button, Card, Group, Stack, Text, Textarea, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Ask } from '../../ui/ask.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import type { Payment } from './billing-view.ts'

const COLOURS: Readonly<Record<Payment['state'], string>> = {
  created: 'cyan.9',
  claimed: 'orange.9',
  pending: 'cyan.9',
  approved: 'teal.9',
  paid: 'teal.9',
  rejected: 'red.9',
  expired: 'gray.7',
  refunded: 'gray.7',
}

/** Where the money of a transfer goes; the reference is what it is found by. */
const Transfer = ({ payment: { transfer, reference } }: { payment: Payment }) => {
  const { t } = useTranslation()
  if (transfer === null) return null
  const lines = [
    ['iban', transfer.iban?.replaceAll(/(.{4})(?=.)/g, '$1 ')],
    ['holder', transfer.holder],
    ['papara', transfer.papara],
    ['reference', reference],
  ] as const
  return (
    <Stack gap={2} component="dl" my={0}>
      {lines.map(([name, value]) =>
        value === null || value === undefined || value === '' ? null : (
          <Group key={name} gap="xs">
            <Text component="dt" size="sm" c="dimmed">
              {t(`billing.transfer.${name}`)}
            </Text>
            <Text component="dd" size="sm" m={0} dir={name === 'holder' ? 'auto' : 'ltr'}>
              {value}
            </Text>
          </Group>
        ),
      )}
    </Stack>
  )
}

/** “I have paid”: the word of whoever paid, with what shows it. */
const Claim = ({ payment, onClose }: { payment: Payment; onClose: () => void }) => {
  const { t } = useTranslation()
  const [evidence, setEvidence] = useState('')
  return (
    <Ask
      title={t('billing.claim')}
      act={t('billing.claim')}
      isReady={evidence.trim() !== ''}
      perform={() => call(api.billing.claim, { params: { id: payment.id }, body: { evidence } })}
      onClose={onClose}
    >
      <Text>{t('billing.claimText')}</Text>
      <Textarea
        label={t('billing.evidence')}
        description={t('billing.evidenceHint')}
        value={evidence}
        onChange={(event) => setEvidence(event.currentTarget.value)}
        maxLength={2_000}
        autosize
        minRows={2}
        data-autofocus
      />
    </Ask>
  )
}

const PaymentCard = ({ payment, onClaim }: { payment: Payment; onClaim: () => void }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const mayPay = useMay('billing.pay')
  const { state, provider, asked, createdAt, expiresAt, reference, isClaimable, payUrl, decisionNote } = payment
  const price =
    asked.currency === 'XTR'
      ? t('billing.stars', { count: asked.amountMinor })
      : formats.money(asked.amountMinor, asked.currency)
  const isOpen = isClaimable || payUrl !== null
  return (
    <Card withBorder padding="sm" data-payment={reference} data-state={state}>
      <Group justify="space-between" align="start">
        <Stack gap={2}>
          <Group gap="xs">
            <Text fw={600}>
              <bdi>{t(`words:package.${payment.package}`, { defaultValue: payment.package })}</bdi> · <bdi>{price}</bdi>
            </Text>
            <Badge color={COLOURS[state]}>{t(`words:paymentState.${state}`)}</Badge>
          </Group>
          <Text size="sm" c="dimmed">
            <bdi>{t(`words:paymentProvider.${provider}`)}</bdi> · <bdi>{formats.instant(createdAt)}</bdi> ·{' '}
            <bdi dir="ltr">{reference}</bdi>
          </Text>
          {isOpen && <Text size="sm">{t('billing.openUntil', { at: formats.instant(expiresAt) })}</Text>}
          {state === 'claimed' && <Text size="sm">{t('billing.claimed')}</Text>}
          {decisionNote !== null && (
            <Text size="sm">
              <bdi>{decisionNote}</bdi>
            </Text>
          )}
          <Transfer payment={payment} />
        </Stack>
        {mayPay && isClaimable && (
          <Button variant="default" onClick={onClaim} aria-label={t('billing.claimOf', { reference })}>
            {t('billing.claim')}
          </Button>
        )}
        {mayPay && payUrl !== null && (
          <Button component="a" href={payUrl} variant="default" rel="noreferrer">
            {t('billing.pay')}
          </Button>
        )}
      </Group>
    </Card>
  )
}

/** What was ordered and paid, newest first. */
export const Payments = () => {
  const { t } = useTranslation()
  const [claimed, claim] = useState<Payment | null>(null)
  const pages = useInfiniteQuery({
    queryKey: [api.billing.payments.path],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      call(api.billing.payments, { query: pageParam === null ? {} : { cursor: pageParam } }, signal),
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Stack gap="xs" component="section" aria-labelledby="payments">
      <Title order={2} size="h5" id="payments">
        {t('billing.payments')}
      </Title>
      {pages.isPending && <Rows count={3} />}
      {pages.isError && <Fault error={pages.error} onRetry={() => void pages.refetch()} />}
      {pages.isSuccess && rows.length === 0 && <Text c="dimmed">{t('billing.noPayments')}</Text>}
      {rows.map((payment) => (
        <PaymentCard key={payment.id} payment={payment} onClaim={() => claim(payment)} />
      ))}
      {pages.hasNextPage && (
        <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('campaigns.more')}
        </Button>
      )}
      {claimed !== null && <Claim payment={claimed} onClose={() => claim(null)} />}
    </Stack>
  )
}
