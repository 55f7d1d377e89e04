import { Button, Group, Menu, Stack, Tabs } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { LOCALES } from '#contract/words.ts'

import type { FieldFault } from '../../lib/field-fault.ts'
import { type Wording, armsOf, emptyWording, nextArm, shareOf } from './template-draft.ts'
import { useLanguageName } from '../../lib/use-language-name.ts'
import { WordingFields } from './wording-fields.tsx'

interface WordingTabsProps {
  readonly variants: readonly Wording[]
  readonly chosen: number
  readonly faults: readonly FieldFault[]
  readonly onChoose: (index: number) => void
  readonly onChange: (variants: Wording[]) => void
}

/** Further languages of this version, a further version, or one wording less. */
const Adding = ({ variants, chosen, onChoose, onChange }: Omit<WordingTabsProps, 'faults'>) => {
  const { t } = useTranslation()
  const languageName = useLanguageName()
  const wording = variants[chosen]
  if (wording === undefined) return null
  const add = (added: Wording) => {
    onChange([...variants, added])
    onChoose(variants.length)
  }
  const missing = LOCALES.filter((locale) =>
    variants.every((other) => other.name !== wording.name || other.locale !== locale),
  )
  return (
    <Group gap="xs">
      {missing.length > 0 && (
        <Menu>
          <Menu.Target>
            <Button size="compact-sm" variant="default">
              {t('templates.addLanguage')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {missing.map((locale) => (
              <Menu.Item key={locale} onClick={() => add({ ...wording, locale })}>
                {languageName(locale)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => add(emptyWording(nextArm(variants), wording.locale, wording.text))}
      >
        {t('templates.addVersion')}
      </Button>
      {variants.length > 1 && (
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            onChange(variants.filter((_, i) => i !== chosen))
            onChoose(0)
          }}
        >
          {t('templates.removeWording')}
        </Button>
      )}
    </Group>
  )
}

/** The wordings of a message: versions that are compared, each in its languages. */
export const WordingTabs = (props: WordingTabsProps) => {
  const { variants, chosen, faults, onChoose, onChange } = props
  const { t, i18n } = useTranslation()
  const languageName = useLanguageName()
  const ratio = new Intl.NumberFormat(i18n.language, { style: 'percent' })
  const isCompared = armsOf(variants).length > 1
  const wording = variants[chosen]
  const change = (part: Partial<Wording>) => {
    const { weight } = part
    onChange(
      variants.map((other, i) => {
        if (i === chosen) return { ...other, ...part }
        // Translations of one version are one version.
        return weight !== undefined && other.name === wording?.name ? { ...other, weight } : other
      }),
    )
  }
  return (
    <Stack gap="sm">
      <Tabs value={String(chosen)} onChange={(value) => onChoose(Number(value))}>
        <Tabs.List aria-label={t('templates.versions')}>
          {variants.map(({ name, locale }, i) => (
            <Tabs.Tab key={`${name}/${locale}`} value={String(i)}>
              {isCompared
                ? `${name.toUpperCase()} · ${languageName(locale)} · ${ratio.format(shareOf(variants, name))}`
                : languageName(locale)}
              {faults.some(({ field, isError }) => isError && field.startsWith(`variants[${i}]`)) && (
                <span aria-label={t('templates.hasFault')}> ●</span>
              )}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {variants.map(({ name, locale }, i) => (
          <Tabs.Panel key={`${name}/${locale}`} value={String(i)} pt="sm">
            {i === chosen && wording !== undefined && (
              <WordingFields
                wording={wording}
                field={`variants[${i}]`}
                faults={faults}
                isCompared={isCompared}
                onChange={change}
              />
            )}
          </Tabs.Panel>
        ))}
      </Tabs>
      <Adding {...props} />
    </Stack>
  )
}
