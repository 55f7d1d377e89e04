import type { Locale, MessageClass, MessageStyle, TemplateMediaKind, TemplateState } from '#contract/words.ts'

/** `source` is a Telegram file id or an https address that Telegram fetches. */
export interface TemplateMedia {
  readonly kind: TemplateMediaKind
  readonly source: string
}

/** `action` travels as callback data; see `ACTION_BYTES_MAX`. */
export type TemplateButton =
  | { readonly text: string; readonly url: string }
  | { readonly text: string; readonly action: string }

/** One wording in one language. Variants of one name are translations of each other. */
export interface TemplateVariant {
  /** The arm: what the learner compares. */
  readonly name: string
  readonly locale: Locale
  /** Telegram HTML with `{{variables}}`. */
  readonly text: string
  readonly media: TemplateMedia | null
  readonly buttons: readonly (readonly TemplateButton[])[]
  /** Share among the template's variants, 0–100; 0 is never chosen. */
  readonly weight: number
}

export interface Template {
  readonly id: number
  readonly name: string
  readonly messageClass: MessageClass
  readonly style: MessageStyle | null
  readonly state: TemplateState
  /** Epoch ms of the first approval, which fixes the class for good. */
  readonly approvedAt: number | null
  readonly createdAt: number
  /** What a model is to write into each personal slot; a slot without a brief is never written. */
  readonly slotBriefs: SlotBriefs
  /** The model that wrote the first draft; null for what people wrote. */
  readonly draftedBy: string | null
  readonly variants: readonly TemplateVariant[]
}

/** By slot: one or two sentences that say what to write. */
export type SlotBriefs = Readonly<Record<string, string>>

/** What a caller gives to make a template; everything else follows. */
export interface TemplateInput {
  readonly name: string
  readonly messageClass: MessageClass
  readonly style?: MessageStyle | null
  readonly slotBriefs?: SlotBriefs
  readonly variants: readonly TemplateVariantInput[]
}

export type TemplateVariantInput = Pick<TemplateVariant, 'name' | 'locale' | 'text'> &
  Partial<Pick<TemplateVariant, 'media' | 'buttons' | 'weight'>>

/** Bytes of callback data that the sender keeps for itself: the reference to the delivery that carried the button. */
const ACTION_PREFIX_BYTES = 24
/** Telegram takes 64 bytes of callback data. */
export const ACTION_BYTES_MAX = 64 - ACTION_PREFIX_BYTES

/**
 * The wording of arm `variant` for a person: exact language, else the tenant's, else Turkish, English, whatever exists.
 * `languageCode` is Telegram's IETF tag (`pt-br`) or null. Null when the template has no arm of that name.
 */
export const findVariant = (
  template: Pick<Template, 'variants'>,
  variant: string,
  languageCode: string | null,
  tenantLocale: Locale,
): TemplateVariant | null => {
  const wanted = languageCode === null ? '' : languageCode.slice(0, 2).toLowerCase()
  let best: TemplateVariant | null = null
  let bestRank = Infinity
  for (const candidate of template.variants) {
    if (candidate.name !== variant) continue
    const rank = localeRank(candidate.locale, wanted, tenantLocale)
    if (rank < bestRank) {
      best = candidate
      bestRank = rank
    }
  }
  return best
}

const localeRank = (locale: Locale, wanted: string, tenantLocale: Locale): number => {
  if (locale === wanted) return 0
  if (locale === tenantLocale) return 1
  if (locale === 'tr') return 2
  if (locale === 'en') return 3
  return 4
}
