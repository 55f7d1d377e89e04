import { type Locale, MESSAGE_STYLES } from '#contract/words.ts'

import texts from './seed-texts.json' with { type: 'json' }
import type { TemplateInput, TemplateVariantInput } from './template.rules.ts'

const SEED_LOCALES = ['tr', 'en'] as const satisfies readonly Locale[]
type SeedLocale = (typeof SEED_LOCALES)[number]

/** Labels of the buttons whose actions every bot of the product answers. */
const LABELS: Readonly<Record<string, Readonly<Record<SeedLocale, string>>>> = {
  menu: { tr: 'Menüye bak', en: 'See the menu' },
  price: { tr: 'Fiyatları gör', en: 'See prices' },
  human: { tr: 'Bize yazın', en: 'Talk to us' },
}

/** Who speaks and how to leave: at the end of every text. */
const FOOTER = '\n\n<b>{{sender}}</b>\n<i>{{opt_out}}</i>'

const ARMS = 'abcdefgh'

/** One commercial template per style, in Turkish and English, with an arm for each wording. Its name is the style's. */
export const SEED_TEMPLATES: readonly TemplateInput[] = MESSAGE_STYLES.map((style) => ({
  name: texts[style].name,
  messageClass: 'commercial',
  style,
  variants: texts[style].arms.flatMap((arm, i) =>
    SEED_LOCALES.map((locale): TemplateVariantInput => ({
      name: ARMS.charAt(i),
      locale,
      text: arm[locale] + FOOTER,
      buttons: [arm.buttons.map((action) => ({ text: LABELS[action]?.[locale] ?? action, action }))],
    })),
  ),
}))
