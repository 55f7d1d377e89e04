import { Button, List, Menu, Stack, Tabs, Text, Textarea } from '@mantine/core'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { LOCALES } from '#contract/words.ts'

import { type FieldFault, faultAt } from '../../lib/field-fault.ts'
import { useLanguageName } from '../../lib/use-language-name.ts'
import { ButtonFields } from '../../ui/button-fields.tsx'
import { TextTools } from '../../ui/text-tools.tsx'
import type { Reply } from './rule-draft.ts'

type Wording = Reply['texts'][number]

interface ReplyFieldsProps {
  readonly reply: Reply
  /** Of the rule: `actions[0]`. */
  readonly field: string
  readonly faults: readonly FieldFault[]
  readonly onChange: (reply: Reply) => void
}

interface OneProps {
  readonly wording: Wording
  readonly field: string
  readonly faults: readonly FieldFault[]
  readonly onChange: (part: Partial<Wording>) => void
}

const OneLanguage = ({ wording, field, faults, onChange }: OneProps) => {
  const { t } = useTranslation()
  const area = useRef<HTMLTextAreaElement>(null)
  const warnings = faults.filter((fault) => !fault.isError && fault.field.startsWith(`${field}.`))
  return (
    <Stack gap="sm">
      <TextTools area={area} onChange={(text) => onChange({ text })} />
      <Textarea
        ref={area}
        label={t('rules.answer')}
        autosize
        minRows={4}
        maxRows={14}
        dir="auto"
        value={wording.text}
        onChange={(event) => onChange({ text: event.currentTarget.value })}
        error={faultAt(faults, `${field}.text`)}
        required
      />
      {warnings.length > 0 && (
        <List size="sm">
          {warnings.map(({ field: at, detail }) => (
            <List.Item key={`${at}${detail}`} c="dimmed">
              {detail}
            </List.Item>
          ))}
        </List>
      )}
      <ButtonFields
        rows={wording.buttons}
        field={`${field}.buttons`}
        faults={faults}
        onChange={(buttons) => onChange({ buttons })}
      />
    </Stack>
  )
}

/** What is answered, in one language or more. */
export const ReplyFields = ({ reply, field, faults, onChange }: ReplyFieldsProps) => {
  const { t } = useTranslation()
  const languageName = useLanguageName()
  const [chosen, choose] = useState<string | null>(null)
  const { texts } = reply
  const shown = texts.find(({ locale }) => locale === chosen) ?? texts[0]
  const missing = LOCALES.filter((locale) => texts.every((other) => other.locale !== locale))
  return (
    <Stack gap="sm">
      <Tabs value={shown?.locale ?? null} onChange={choose}>
        <Tabs.List aria-label={t('rules.languages')}>
          {texts.map(({ locale }) => (
            <Tabs.Tab key={locale} value={locale}>
              {languageName(locale)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {texts.map((wording, i) => (
          <Tabs.Panel key={wording.locale} value={wording.locale} pt="sm">
            {wording === shown && (
              <OneLanguage
                wording={wording}
                field={`${field}.texts[${i}]`}
                faults={faults}
                onChange={(part) =>
                  onChange({
                    ...reply,
                    texts: texts.map((other) => (other === wording ? { ...other, ...part } : other)),
                  })
                }
              />
            )}
          </Tabs.Panel>
        ))}
      </Tabs>
      <Stack gap="xs" align="start">
        {missing.length > 0 && (
          <Menu>
            <Menu.Target>
              <Button size="compact-sm" variant="default">
                {t('rules.addLanguage')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {missing.map((locale) => (
                <Menu.Item
                  key={locale}
                  onClick={() => {
                    onChange({ ...reply, texts: [...texts, { locale, text: '', buttons: [] }] })
                    choose(locale)
                  }}
                >
                  {languageName(locale)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )}
        {texts.length > 1 && shown && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => onChange({ ...reply, texts: texts.filter((other) => other !== shown) })}
          >
            {t('rules.removeLanguage', { language: languageName(shown.locale) })}
          </Button>
        )}
        <Text size="xs" c="dimmed">
          {t('rules.languagesHint')}
        </Text>
      </Stack>
    </Stack>
  )
}
