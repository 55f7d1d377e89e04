import { Group, SegmentedControl, Select, Stack, Text, Title } from '@mantine/core'
import { useComputedColorScheme } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { TelegramBubble } from '../../ui/telegram-bubble.tsx'
import type { Preview, Wording } from './template-draft.ts'

const NOBODY = 'nobody'

/** How a wording looks to somebody in Telegram, by day and by night, and how much of Telegram's room it takes. */
export const PreviewPane = ({ preview, wording }: { preview: Preview; wording: Wording }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const own = useComputedColorScheme('light')
  const [scheme, setScheme] = useState<'light' | 'dark'>(own)
  const [chosen, choose] = useState<string | null>(null)
  const people = preview.people.map(({ contactId, name }) => ({
    value: contactId === null ? NOBODY : String(contactId),
    label: contactId === null ? t('templates.nobody') : name || t('templates.person', { id: contactId }),
  }))
  const person = people.find(({ value }) => value === chosen)?.value ?? people[0]?.value ?? NOBODY
  const sample = preview.samples.find(
    ({ contactId, variant, locale }) =>
      (contactId === null ? NOBODY : String(contactId)) === person &&
      variant === wording.name &&
      locale === wording.locale,
  )
  return (
    <Stack gap="sm" component="section" aria-label={t('templates.preview')}>
      <Title order={2} size="h5">
        {t('templates.preview')}
      </Title>
      <Group align="end">
        <Select
          label={t('templates.previewFor')}
          data={people}
          value={person}
          onChange={choose}
          allowDeselect={false}
          flex={1}
          miw={160}
        />
        <SegmentedControl
          aria-label={t('templates.scheme')}
          value={scheme}
          onChange={(value) => setScheme(value === 'dark' ? 'dark' : 'light')}
          data={(['light', 'dark'] as const).map((value) => ({ value, label: t(`templates.${value}`) }))}
        />
      </Group>
      {sample !== undefined && (
        <>
          <TelegramBubble
            text={sample.text.trim()}
            scheme={scheme}
            media={sample.media === null ? null : t(`templates.mediaKind.${sample.media.kind}`)}
            buttons={sample.buttons}
            empty={t('templates.emptyText')}
          />
          <Text
            size="sm"
            data-testid="length"
            c={sample.length > sample.lengthMax ? 'var(--mantine-color-error)' : 'dimmed'}
            aria-live="polite"
          >
            {t('templates.length', {
              length: formats.number(sample.length),
              max: formats.number(sample.lengthMax),
            })}
          </Text>
        </>
      )}
    </Stack>
  )
}
