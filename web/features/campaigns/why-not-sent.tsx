import { Modal, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { api, query } from '../../api/queries.ts'
import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { useReason } from '../../lib/use-reason.ts'

/** Why one message was not sent: what was recorded, and what holds it now. */
const Explanation = ({ deliveryId }: { deliveryId: number }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const reasonText = useReason()
  const why = useQuery(query(api.deliveries.why, { params: { id: deliveryId } }))
  if (why.isPending) return <Rows count={2} />
  if (why.isError) return <Fault error={why.error} onRetry={() => void why.refetch()} />
  const { state, dueAt, recordedReason, nowSays, isCampaignPaused } = why.data
  return (
    <Stack gap="xs">
      <Text>{t('campaigns.stands', { state: t(`words:deliveryState.${state}`), due: formats.instant(dueAt) })}</Text>
      {recordedReason !== null && <Text>{t('campaigns.recorded', { reason: reasonText(recordedReason) })}</Text>}
      {isCampaignPaused && <Text>{reasonText('campaign_paused')}</Text>}
      {nowSays !== null && (
        <Text>
          {t(`campaigns.now.${nowSays.kind}`, { reason: nowSays.reason === null ? '' : reasonText(nowSays.reason) })}
        </Text>
      )}
      {nowSays !== null && nowSays.until !== null && (
        <Text>{t('campaigns.until', { at: formats.instant(nowSays.until) })}</Text>
      )}
    </Stack>
  )
}

export const WhyNotSent = (props: { deliveryId: number; name: string; onClose: () => void }) => {
  const { t } = useTranslation()
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={<bdi>{props.name}</bdi>}
      closeButtonProps={{ 'aria-label': t('campaigns.close') }}
      centered
    >
      <Explanation deliveryId={props.deliveryId} />
    </Modal>
  )
}
