import { LOCALES, MESSAGE_CLASSES, MESSAGE_STYLES, TEMPLATE_MEDIA_KINDS } from '#contract/words.ts'
import { type AppError, invalid } from '#server/base/errors.ts'

import {
  type SlotBriefs,
  type TemplateButton,
  type TemplateInput,
  type TemplateMedia,
  type TemplateVariant,
} from './template.rules.ts'
import { SLOTS_MAX } from './lint-slots.rules.ts'
import { slotOf } from './variable.rules.ts'

const NAME_MAX = 100
const ARM = /^[a-z0-9][a-z0-9_-]{0,39}$/u
const VARIANTS_MAX = 40
/** Room for long addresses in a text of 4096 visible units. */
const SOURCE_MAX = 16_384
const BRIEF_MAX = 300

/** A checked {@link TemplateInput} with every default filled in. */
export interface TemplateContent extends Required<Omit<TemplateInput, 'variants'>> {
  readonly variants: readonly TemplateVariant[]
}

/**
 * Checks the shape of a template (its wording is the lint's business) and fills in defaults: no media, no buttons,
 * weight 1. Errors: `invalid/template_…` naming the field, `variants[2].locale` for example.
 */
export const checkTemplate = (input: TemplateInput): TemplateContent => {
  const name = checkText(input.name, 'name', 1, NAME_MAX).trim()
  if (name === '') throw invalid('template_name_empty', 'name')
  checkWord(input.messageClass, MESSAGE_CLASSES, 'messageClass')
  const style = input.style ?? null
  if (style !== null) checkWord(style, MESSAGE_STYLES, 'style')
  if (!Array.isArray(input.variants) || input.variants.length === 0)
    throw invalid('template_without_variant', 'variants')
  if (input.variants.length > VARIANTS_MAX)
    throw invalid('template_too_many_variants', 'variants', { max: VARIANTS_MAX })
  const variants = input.variants.map((variant, i) => checkVariant(variant, `variants[${i}]`))
  const seen = new Set<string>()
  for (const [i, { name: arm, locale }] of variants.entries()) {
    const key = `${arm}/${locale}`
    if (seen.has(key)) throw invalid('template_variant_twice', `variants[${i}]`, { variant: arm, locale })
    seen.add(key)
  }
  return { name, messageClass: input.messageClass, style, slotBriefs: checkBriefs(input.slotBriefs ?? {}), variants }
}

const checkBriefs = (given: unknown): SlotBriefs => {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw invalid('template_slot_briefs', 'slotBriefs', { max: SLOTS_MAX })
  const briefs = Object.entries(given).map(([slot, brief]) => {
    if (slotOf(`personal:${slot}`) === null) throw invalid('template_slot_briefs', 'slotBriefs', { max: SLOTS_MAX })
    return [slot, checkText(brief, `slotBriefs.${slot}`, 1, BRIEF_MAX).trim()] as const
  })
  if (briefs.length > SLOTS_MAX) throw invalid('template_slot_briefs', 'slotBriefs', { max: SLOTS_MAX })
  return Object.fromEntries(briefs)
}

const checkVariant = (variant: TemplateInput['variants'][number], field: string): TemplateVariant => {
  if (typeof variant.name !== 'string' || !ARM.test(variant.name)) {
    throw invalid('template_variant_name', `${field}.name`, { allowed: 'a-z 0-9 _ -, 1-40' })
  }
  checkWord(variant.locale, LOCALES, `${field}.locale`)
  const weight = variant.weight ?? 1
  if (!Number.isInteger(weight) || weight < 0 || weight > 100) {
    throw invalid('template_weight', `${field}.weight`, { min: 0, max: 100 })
  }
  return {
    name: variant.name,
    locale: variant.locale,
    text: checkText(variant.text, `${field}.text`, 0, SOURCE_MAX),
    media: checkMedia(variant.media ?? null, `${field}.media`),
    buttons: checkButtons(variant.buttons ?? [], `${field}.buttons`),
    weight,
  }
}

const checkMedia = (media: TemplateMedia | null, field: string): TemplateMedia | null => {
  if (media === null) return null
  checkWord(media.kind, TEMPLATE_MEDIA_KINDS, `${field}.kind`)
  return { kind: media.kind, source: checkText(media.source, `${field}.source`, 1, 2048) }
}

const checkButtons = (rows: unknown, field: string): TemplateVariant['buttons'] => {
  if (!Array.isArray(rows) || !rows.every((row) => Array.isArray(row))) {
    throw invalid('template_buttons_shape', field, { expected: '[[{"text": "…", "url": "…"}]]' })
  }
  return rows.map((row: readonly unknown[], r) => row.map((button, b) => checkButton(button, `${field}[${r}][${b}]`)))
}

const checkButton = (value: unknown, field: string): TemplateButton => {
  const button = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>
  const hasUrl = 'url' in button
  if (hasUrl === 'action' in button)
    throw invalid('template_button_target', field, { expected: 'url or action, one of them' })
  const text = checkText(button['text'], `${field}.text`, 0, 256)
  return hasUrl
    ? { text, url: checkText(button['url'], `${field}.url`, 0, 2048) }
    : { text, action: checkText(button['action'], `${field}.action`, 0, 256) }
}

const checkWord = (value: unknown, words: readonly string[], field: string): void => {
  if (typeof value !== 'string' || !words.includes(value)) {
    throw invalid('unknown_word', field, { value: String(value).slice(0, 40), allowed: words.join(', ') })
  }
}

/** PostgreSQL stores no U+0000, Telegram no half characters. */
const checkText = (value: unknown, field: string, min: number, max: number): string => {
  const wrong = (code: string): AppError => invalid(code, field, { min, max })
  if (typeof value !== 'string') throw wrong('text_expected')
  if (value.length < min) throw wrong('text_too_short')
  if (value.length > max) throw wrong('text_too_long')
  if (value.includes('\u0000') || !value.isWellFormed()) throw wrong('text_broken_characters')
  return value
}
