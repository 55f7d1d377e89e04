import { List, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { api, query } from '../../api/queries.ts'
import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'

/** Why the last messages to the person did not leave, or not yet. */
export const ContactUnsent = ({ id }: { id: number }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const unsent = useQuery(query(api.contacts.explainUnsent, { params: { id } }))
  if (unsent.isPending) return <Rows count={3} />
  if (unsent.isError) return <Fault error={unsent.error} onRetry={() => void unsent.refetch()} />
  if (unsent.data.items.length === 0) return <Text c="dimmed">{t('contact.allSent')}</Text>
  return (
    <List size="sm" spacing="xs">
      {unsent.data.items.map(({ deliveryId, state, dueAt, recordedReason, campaignPaused, now }) => {
        const reason = now?.reason ?? recordedReason
        return (
          <List.Item key={deliveryId}>
            {t('contact.unsentIs', { at: formats.instant(dueAt), state: t(`words:deliveryState.${state}`) })}{' '}
            {campaignPaused
              ? t('contact.campaignPaused')
              : reason !== null && t([`words:reason.${reason}`, `words:failure.${reason}`], { defaultValue: reason })}
            {now !== null && now.until !== null && (
              <Text size="sm" c="dimmed">
                {t('contact.notBefore', { at: formats.instant(now.until) })}
              </Text>
            )}
          </List.Item>
        )
      })}
    </List>
  )
}
