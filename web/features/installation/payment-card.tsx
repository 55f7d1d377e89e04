import { Anchor, Badge, Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { RouteOutput } from '#contract/route.ts'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useMayOperate, useZone } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useWhose } from '../../lib/whose.ts'
import { Note } from '../../ui/note.tsx'
import { AskReason } from './ask-reason.tsx'
import { EvidenceFile } from './evidence-file.tsx'

type Payment = RouteOutput<typeof api.paymentQueue.list>['items'][number]
type Act = 'approve' | 'reject' | 'refund'

/** What can be decided about a payment as it stands; the first is what is usually wanted. */
const actsFor = ({ state, reviewReason, received }: Payment): readonly Act[] => {
  if (state === 'claimed') return ['approve', 'reject']
  if (reviewReason !== null && state === 'pending')
    return received === null ? ['reject'] : ['approve', 'reject', 'refund']
  return (state === 'approved' || state === 'paid') && received !== null ? ['refund'] : []
}

/** What was asked beside what came: the one thing that must not be overlooked. */
const Amounts = ({ payment: { asked, received, provider } }: { payment: Payment }) => {
  const { t } = useTranslation()
  const { money } = useFormats(useZone())
  const wanted = money(asked.amountMinor, asked.currency)
  if (received === null)
    return (
      <Text>{t(provider === 'transfer' ? 'installation.checkBank' : 'installation.asked', { asked: wanted })}</Text>
    )
  const isSame = received.amountMinor === asked.amountMinor && received.currency === asked.currency
  const params = { asked: wanted, received: money(received.amountMinor, received.currency) }
  return isSame ? (
    <Text>{t('installation.amountSame', params)}</Text>
  ) : (
    <Note color="orange" title={t('installation.amountDiffers', params)} />
  )
}

const Evidence = ({
  payment: { id, reference, evidenceText, hasEvidenceFile, claimedAt, claimedBy },
}: {
  payment: Payment
}) => {
  const { t } = useTranslation()
  const { instant } = useFormats(useZone())
  const whose = useWhose()
  if (claimedAt === null) return null
  return (
    <Stack gap={4}>
      <Text size="sm" c="dimmed">
        {t('installation.claimed', { at: instant(claimedAt), who: whose(claimedBy ?? '') })}
      </Text>
      {evidenceText !== null && (
        <Text component="blockquote" m={0} ps="sm" style={{ borderInlineStart: '3px solid', whiteSpace: 'pre-wrap' }}>
          <bdi>{evidenceText}</bdi>
        </Text>
      )}
      {hasEvidenceFile && <EvidenceFile id={id} reference={reference} />}
      {evidenceText === null && !hasEvidenceFile && <Text size="sm">{t('installation.noEvidence')}</Text>}
    </Stack>
  )
}

const Question = ({ act, payment, onClose }: { act: Act; payment: Payment; onClose: () => void }) => {
  const { t } = useTranslation()
  const { money } = useFormats(useZone())
  const params = { params: { id: payment.id } }
  const { provider, received, asked } = payment
  const isSentByHand = provider === 'transfer' || provider === 'papara'
  const sum = act === 'refund' && received !== null ? received : asked
  const perform = (reason: string): Promise<unknown> => {
    if (act === 'approve') return call(api.paymentQueue.approve, params)
    if (act === 'reject') return call(api.paymentQueue.reject, { ...params, body: { reason } })
    return call(api.paymentQueue.refund, { ...params, body: { isSentByHand } })
  }
  return (
    <AskReason
      title={t(`installation.${act}`)}
      text={t(act === 'refund' && isSentByHand ? 'installation.refundByHandSure' : `installation.${act}Sure`, {
        amount: money(sum.amountMinor, sum.currency),
        reference: payment.reference,
        name: payment.tenantName,
      })}
      label={act === 'reject' ? t('installation.rejectReason') : null}
      confirm={t(`installation.${act}`)}
      isGrave={act !== 'approve'}
      perform={perform}
      onClose={onClose}
    />
  )
}

/** One payment with what speaks for it, and the decision. */
export const PaymentCard = ({ payment }: { payment: Payment }) => {
  const { t } = useTranslation()
  const { instant } = useFormats(useZone())
  const whose = useWhose()
  const mayDecide = useMayOperate('payments.decide')
  const [asked, ask] = useState<Act | null>(null)
  const { tenantName, tenantId, reference, state, reviewReason, decidedAt, decidedBy, decisionNote } = payment
  const acts = mayDecide ? actsFor(payment) : []
  return (
    <Card withBorder data-payment={reference}>
      <Stack gap="xs">
        <Group justify="space-between">
          <Title order={2} size="h5">
            <Anchor component={Link} to={`/installation/tenants/${tenantId}`} inherit>
              <bdi>{tenantName}</bdi>
            </Anchor>
          </Title>
          <Badge variant="outline" color={reviewReason === null ? 'gray.8' : 'orange.9'} tt="none" data-state={state}>
            {t(`words:paymentState.${state}`)}
          </Badge>
        </Group>
        <Text size="sm">
          <code dir="ltr">{reference}</code> · {t(`words:package.${payment.package}`)} ·{' '}
          {t('installation.periodDays', { count: payment.periodDays })} ·{' '}
          {t(`words:paymentProvider.${payment.provider}`)}
        </Text>
        <Amounts payment={payment} />
        {reviewReason !== null && (
          <Text>{t('installation.review', { why: t(`words:paymentReview.${reviewReason}`) })}</Text>
        )}
        <Evidence payment={payment} />
        {decidedAt !== null && (
          <Text size="sm" c="dimmed">
            {t('installation.decided', { at: instant(decidedAt), who: whose(decidedBy ?? '') })}{' '}
            {decisionNote !== null && <bdi>{decisionNote}</bdi>}
          </Text>
        )}
        {acts.length > 0 && (
          <Group gap="xs">
            {acts.map((act) => (
              <Button key={act} variant={act === 'approve' ? 'filled' : 'default'} onClick={() => ask(act)}>
                {t(`installation.${act}`)}
              </Button>
            ))}
          </Group>
        )}
      </Stack>
      {asked !== null && <Question act={asked} payment={payment} onClose={() => ask(null)} />}
    </Card>
  )
}
