import { Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useLanguageName } from '../../lib/use-language-name.ts'
import { type PersonaDraft, differences } from './persona-draft.ts'

/** A persona in lines, part by part. */
const useLines = () => {
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const languageName = useLanguageName()
  return ({ facts, ...said }: PersonaDraft): Readonly<Record<keyof PersonaDraft, readonly string[]>> => ({
    displayName: [said.displayName],
    tone: [said.tone],
    style: [said.style],
    language: [languageName(said.language)],
    greeting: [said.greeting],
    facts: [
      ...facts.catalogue.map(
        ({ name, priceMinor, currency }) => `${name}: ${formats.money(priceMinor ?? 0, currency)}`,
      ),
      ...facts.faq.map(({ question, answer }) => `${question} – ${answer}`),
      ...facts.notes,
    ],
    doNots: said.doNots,
    menu: said.menu.flatMap(({ label, text, items = [] }) => [`${label}: ${text}`, ...items.map((item) => item.label)]),
    sampleReplies: said.sampleReplies.map(({ asked, answered }) => `${asked} – ${answered}`),
  })
}

/** Where another persona is not like the one in the form, as it says it. */
export const PersonaSummary = ({ persona, than }: { persona: PersonaDraft; than: PersonaDraft }) => {
  const { t } = useTranslation()
  const lines = useLines()(persona)
  const fields = differences(persona, than)
  if (fields.length === 0) return <Text>{t('persona.noDifference')}</Text>
  return fields.map((field) => (
    <Stack key={field} gap={2}>
      <Text size="sm" c="dimmed">
        {t(`persona.part.${field}`)}
      </Text>
      {lines[field].map((line, i) => (
        <Text key={i} dir="auto">
          {line}
        </Text>
      ))}
      {lines[field].every((line) => line === '') && <Text>{t('autoReplies.nothing')}</Text>}
    </Stack>
  ))
}
