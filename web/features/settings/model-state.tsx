import { Group, Progress, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Note } from '../../ui/note.tsx'
import type { Model } from './model-draft.ts'

const colourOf = (share: number): string => (share >= 1 ? 'red.9' : share >= 0.8 ? 'orange.9' : 'teal.9')

/** What this month has taken of what it may. */
const Budget = ({ model: { tokensTaken, tokensAllowed } }: { model: Model }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const share = tokensAllowed === 0 ? 1 : tokensTaken / tokensAllowed
  return (
    <Stack gap={4} maw={720}>
      <Group justify="space-between" gap="xs">
        <Text size="sm">{t('model.month')}</Text>
        <Text size="sm" fw={600}>
          {t('usage.of', { used: formats.number(tokensTaken), limit: formats.number(tokensAllowed) })}
        </Text>
      </Group>
      <Progress value={Math.min(100, share * 100)} color={colourOf(share)} aria-label={t('model.month')} />
    </Stack>
  )
}

/** How the model is: its budget, whether it rests, and of whom anything may be shown to it. */
export const ModelState = ({ model }: { model: Model }) => {
  const { t } = useTranslation()
  const { session, tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const { mode, rest, consents } = model
  return (
    <Stack>
      <Text c="dimmed">{t('model.text')}</Text>
      {mode !== 'off' && <Budget model={model} />}
      {rest !== null && (
        <Note color="orange" mb={0} title={t('model.rests')}>
          {t('model.restsUntil', {
            reason: t(`words:modelRefusal.${rest.reason}`),
            at: formats.since(rest.until, session.now),
          })}
        </Note>
      )}
      <div>
        <Text>
          {t('model.agreed', { count: consents.granted, number: formats.number(consents.granted) })}{' '}
          {t('model.refused', { count: consents.refused, number: formats.number(consents.refused) })}
        </Text>
        <Text size="sm" c="dimmed">
          {t('model.consentHint')}
        </Text>
      </div>
    </Stack>
  )
}
