import { Badge, Group, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { CONSENT_PURPOSES } from '#contract/words.ts'

import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useWhose } from '../../lib/whose.ts'
import type { Person } from './person.ts'

/** What the person allowed, when and where they said so; what they were never asked is not allowed. */
export const ContactConsents = ({ consents }: Pick<Person, 'consents'>) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const whose = useWhose()
  return (
    <Stack gap="sm">
      {CONSENT_PURPOSES.map((purpose) => {
        const word = consents.find((consent) => consent.purpose === purpose)
        return (
          <div key={purpose}>
            <Group gap="xs">
              <Text fw={600}>{t(`words:consent.${purpose}`)}</Text>
              <Badge variant="default">
                {t(word === undefined ? 'contact.notAsked' : word.granted ? 'contact.granted' : 'contact.withdrawn')}
              </Badge>
            </Group>
            {word && (
              <Text size="sm" c="dimmed">
                {t('contact.consentGiven', {
                  at: formats.instant(word.changedAt),
                  where: whose(word.source),
                  version: word.textVersion,
                })}
              </Text>
            )}
          </div>
        )
      })}
    </Stack>
  )
}
