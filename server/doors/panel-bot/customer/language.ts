import { LOCALES, type Locale } from '#contract/words.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { setPanelLocale } from '#server/modules/admin/index.ts'

import type { PanelCommand } from '../panel-command.ts'
import type { Reply } from '../reply.ts'
import type { Talk } from '../talk.ts'

/** Each in its own letters, whatever language is shown now. */
const NAMES: Readonly<Record<Locale, string>> = { tr: 'Türkçe', en: 'English', ru: 'Русский', ar: 'العربية' }

const show = (talk: Talk): Reply => ({
  text: talk.t('language.title'),
  rows: [
    LOCALES.slice(0, 2).map((locale) => choice(talk, locale)),
    LOCALES.slice(2).map((locale) => choice(talk, locale)),
  ],
})

const choice = (talk: Talk, locale: Locale) => ({
  label: `${talk.speaker.locale === locale ? '✅ ' : ''}${NAMES[locale]}`,
  action: 'lang.set',
  args: [locale],
  tenantId: 0,
})

const choose = async (talk: Talk): Promise<Reply> => {
  const locale = LOCALES.find((word) => word === talk.args[0]?.toLowerCase())
  if (!locale) return show(talk)
  await asOperator(talk.deps.db, 'language of a person', (tx) => setPanelLocale(tx, talk.speaker.telegramId, locale))
  const t = talk.deps.translator(locale)
  const shown = show({ ...talk, t, speaker: { ...talk.speaker, locale } })
  return { ...shown, text: t('language.set', { language: NAMES[locale] }) }
}

export const language: PanelCommand = {
  key: 'lang',
  name: 'dil',
  aliases: ['language', 'lang'],
  audience: 'anyone',
  about: 'command.lang',
  run: choose,
  actions: { set: { run: choose } },
}
