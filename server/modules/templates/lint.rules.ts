import type { Locale, MessageClass } from '#contract/words.ts'

import { findUnacceptableUse } from './acceptable-use.rules.ts'
import { lintAdLabel } from './advert.rules.ts'
import { type Complain, LINT_CODES, type LintFinding } from './lint-finding.rules.ts'
import { lintButtons } from './lint-buttons.rules.ts'
import { lintSlotNames, lintSlots } from './lint-slots.rules.ts'
import { type Piece, compileText, parseVariable } from './rendering.rules.ts'
import { parseTelegramHtml } from './telegram-html.rules.ts'
import type { SlotBriefs, TemplateVariant } from './template.rules.ts'
import { AI_NOTE_TEXTS, OPT_OUT_TEXTS, slotOf, variableLengthMax } from './variable.rules.ts'

/** Telegram's limits in UTF-16 units after parsing, the stricter reading of its "characters". */
const TEXT_LENGTH_MAX = 4096
const CAPTION_LENGTH_MAX = 1024

export interface LintableTemplate {
  readonly messageClass: MessageClass
  readonly slotBriefs?: SlotBriefs
  readonly variants: readonly TemplateVariant[]
}

export interface LintOptions {
  /** The tenant's name: written out in the text it identifies the sender as well as `{{sender}}` does. */
  readonly senderName?: string
  /** It is sent as advertising and has to be labelled as such. */
  readonly isAdvert?: boolean
}

/**
 * Everything that is wrong or doubtful with a template's wording. Empty means: any person's message is one that
 * Telegram accepts, within its lengths, with what the law wants on a commercial message. Pure and total.
 */
export const lintTemplate = (template: LintableTemplate, options: LintOptions = {}): readonly LintFinding[] => {
  const findings: LintFinding[] = []
  const complainAs =
    (variant: string | null, locale: Locale | null): Complain =>
    (code, field, params = {}) =>
      findings.push({ code, severity: LINT_CODES[code], field, variant, locale, params })
  for (const variant of template.variants) {
    const complain = complainAs(variant.name, variant.locale)
    lintText(variant, template.messageClass, options, complain)
    lintSlots(variant, complain)
    lintMedia(variant, complain)
    lintButtons(variant.buttons, complain)
  }
  lintSlotNames(template.variants, template.slotBriefs ?? {}, complainAs(null, null))
  lintWeights(template.variants, complainAs(null, null))
  return findings
}

export const hasLintErrors = (findings: readonly LintFinding[]): boolean => findings.some((f) => f.severity === 'error')

/** How long a wording may get, in UTF-16 units: what stands under a picture is shorter. */
export const lengthMaxOf = ({ media }: Pick<TemplateVariant, 'media'>): number =>
  media === null ? TEXT_LENGTH_MAX : CAPTION_LENGTH_MAX

/** The text as its longest possible reader sees it: each variable as long as it can get. */
const worstCase = (pieces: readonly Piece[], locale: Locale): string =>
  pieces
    .map((piece) => {
      if (typeof piece === 'string') return piece
      const longest = piece.name === 'opt_out' ? OPT_OUT_TEXTS[locale].length : variableLengthMax(piece.name)
      return 'x'.repeat(Math.max(longest, piece.fallback.length))
    })
    .join('')

/** Variables that are always there need no fallback. */
const ALWAYS_PRESENT: ReadonlySet<string> = new Set(['sender', 'opt_out'])

const lintText = (
  variant: TemplateVariant,
  messageClass: MessageClass,
  options: LintOptions,
  complain: Complain,
): void => {
  lintVariables(variant.text, complain)
  const pieces = compileText(variant.text, 'html')
  lintPlaces(pieces, complain)
  const parsed = parseTelegramHtml(worstCase(pieces, variant.locale))
  if (!parsed.ok) {
    complain('html_invalid', 'text', { message: parsed.message })
    return
  }
  if (parsed.text.trim() === '' && variant.media === null) complain('text_empty', 'text')
  const max = lengthMaxOf(variant)
  const hasSlots = pieces.some((piece) => typeof piece !== 'string' && slotOf(piece.name) !== null)
  const length = parsed.text.length + (hasSlots ? AI_NOTE_TEXTS[variant.locale].length + 2 : 0)
  if (length > max) complain('text_too_long', 'text', { length, max })
  for (const entity of new Set(parsed.unknownEntities)) complain('entity_unknown', 'text', { entity })
  for (const link of parsed.links) if (!isLink(link)) complain('link_ignored', 'text', { link: link.slice(0, 80) })
  const labels = variant.buttons.flat().map((button) => button.text)
  for (const { category, phrase } of findUnacceptableUse([parsed.text, ...labels].join(' \n '))) {
    const params = { category, phrase: phrase.replace('*', '…') }
    complain(category === 'scarcity' ? 'claim_to_confirm' : 'unacceptable_use', 'text', params)
  }
  if (options.isAdvert) lintAdLabel(parsed.text, variant.locale, complain)
  if (messageClass !== 'commercial') return
  const uses = (name: string) => pieces.some((piece) => typeof piece !== 'string' && piece.name === name)
  const hasStopButton = variant.buttons.flat().some((button) => 'action' in button && button.action === 'stop')
  if (!uses('opt_out') && !hasStopButton) complain('opt_out_missing', 'text', { fix: '{{opt_out}}' })
  const isNamed = options.senderName !== undefined && parsed.text.includes(options.senderName)
  if (!uses('sender') && !isNamed) complain('sender_missing', 'text', { fix: '{{sender}}' })
}

const lintVariables = (text: string, complain: Complain): void => {
  for (const [whole, inside] of text.matchAll(/\{\{([^{}]*)\}\}/gu)) {
    const variable = parseVariable(inside ?? '')
    if (!variable) complain('variable_unknown', 'text', { variable: whole.slice(0, 60) })
    else if (!variable.hasFallback && !ALWAYS_PRESENT.has(variable.name) && slotOf(variable.name) === null) {
      complain('fallback_missing', 'text', { variable: variable.name })
    }
  }
  // An opening without its end, or the other way round, was meant as a variable.
  const rest = text.replace(/\{\{[^{}]*\}\}/gu, '')
  const stray = /\{\{|\}\}/u.exec(rest)
  if (stray) complain('variable_unknown', 'text', { variable: rest.slice(stray.index, stray.index + 40) })
}

/** A link's scheme and host are written out; a variable may only come after them. */
const IN_LINK =
  /^<a\s[^>]*?href\s*=\s*(?:"(?:https?:\/\/[^\s"/?#]+[/?#]|tg:\/\/)[^"]*|'(?:https?:\/\/[^\s'/?#]+[/?#]|tg:\/\/)[^']*)$/iu

const lintPlaces = (pieces: readonly Piece[], complain: Complain): void => {
  let before = ''
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      before += piece
      continue
    }
    if (piece.place === 'address' && !IN_LINK.test(before.slice(before.lastIndexOf('<')))) {
      complain('variable_in_tag', 'text', { variable: piece.name })
    }
    before += piece.place === 'address' ? 'x' : ''
  }
}

/** Links that Telegram keeps; it drops others and leaves their text. */
const isLink = (link: string): boolean =>
  /^(?:tg|ton|mailto|tel):/iu.test(link) ||
  (URL.canParse(/^[a-z][a-z0-9+.-]*:\/\//iu.test(link) ? link : `http://${link}`) &&
    /^(?:https?:\/\/)?[^\s/?#]+\.[^\s/?#]+/iu.test(link) &&
    !/^(?!https?:)[a-z][a-z0-9+.-]*:\/\//iu.test(link))

const lintMedia = ({ media }: TemplateVariant, complain: Complain): void => {
  if (media === null) return
  const isAddress = /^https:\/\/[^\s/?#]+\.[^\s/?#]+/iu.test(media.source) && URL.canParse(media.source)
  const isFileId = /^[A-Za-z0-9_-]{20,256}$/u.test(media.source)
  if (!isAddress && !isFileId) complain('media_source', 'media', { expected: 'https://… or a Telegram file id' })
}

/** Some arm must be choosable, and translations of one arm are one arm: they share its weight. */
const lintWeights = (variants: readonly TemplateVariant[], complain: Complain): void => {
  if (variants.every((variant) => variant.weight === 0)) complain('weight_zero', 'variants')
  for (const [name, translations] of Map.groupBy(variants, (variant) => variant.name)) {
    if (new Set(translations.map((variant) => variant.weight)).size > 1)
      complain('locale_weights_differ', 'variants', { variant: name })
  }
}
