import type { Locale } from '#contract/words.ts'

import type { TemplateButton, TemplateMedia, TemplateVariant } from './template.rules.ts'
import {
  AI_NOTE_TEXTS,
  type RenderContext,
  type RenderPerson,
  SLOT_LENGTH_MAX,
  type VariableName,
  cleanValue,
  isKnownVariable,
  slotOf,
  variableValue,
} from './variable.rules.ts'

/** A message ready for Telegram: its HTML, media and buttons, with no variable left. */
export interface RenderedMessage {
  readonly text: string
  readonly media?: TemplateMedia
  readonly buttons: readonly (readonly TemplateButton[])[]
}

/** Where a value lands decides how it is made harmless: in text, in an attribute or address, or in a button's label. */
export type SlotPlace = 'text' | 'address' | 'label'

export interface Slot {
  readonly name: VariableName
  readonly fallback: string
  readonly place: SlotPlace
  /** The fallback, already made harmless for its place. */
  readonly safeFallback: string
}

export type Piece = string | Slot

/** What may stand in the personal slots of one message instead of their fallbacks, by slot. */
export interface SlotTexts {
  /** As they are read, without markup. */
  readonly texts: ReadonlyMap<string, string>
  /** No person read all of them: the message says that a model wrote a part of it. */
  readonly isUnread: boolean
}

const NO_TEXTS: SlotTexts = { texts: new Map(), isUnread: false }

const VARIABLE = /\{\{([^{}]*)\}\}/gu

interface ParsedVariable {
  readonly name: VariableName
  readonly fallback: string
  /** `{{x|}}` says that nothing is what shall stand there; `{{x}}` says nothing about it. */
  readonly hasFallback: boolean
}

/** A variable's inside, `name` or `name|fallback`, taken apart. Null when no variable has that name. */
export const parseVariable = (inside: string): ParsedVariable | null => {
  const bar = inside.indexOf('|')
  const name = (bar < 0 ? inside : inside.slice(0, bar)).trim().toLowerCase()
  if (!isKnownVariable(name)) return null
  return { name, fallback: bar < 0 ? '' : inside.slice(bar + 1).trim(), hasFallback: bar >= 0 }
}

const NEEDS_ESCAPE = /[&<>"']/u

/** Text that Telegram's HTML parser reads back as exactly `value`, inside and outside attributes. */
export const escapeHtml = (value: string): string =>
  NEEDS_ESCAPE.test(value)
    ? value
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;')
        .replaceAll("'", '&#39;')
    : value

/** `encodeURIComponent` that survives half a surrogate pair and leaves no quote to close an attribute. */
const escapeAddress = (value: string): string => encodeURIComponent(value.toWellFormed()).replaceAll("'", '%27')

const makeSafe = (value: string, place: SlotPlace): string => {
  if (place === 'text') return escapeHtml(value)
  return place === 'address' ? escapeAddress(value) : value
}

/** Follows a stretch of HTML and tells whether its end is inside a tag. */
const endsInsideTag = (html: string, inside: boolean): boolean => {
  const open = html.lastIndexOf('<')
  const close = html.lastIndexOf('>')
  return open === close ? inside : open > close
}

/** Cuts a text at its variables. An unknown variable stays text, for the lint to name. */
export const compileText = (source: string, kind: 'html' | 'address' | 'label'): readonly Piece[] => {
  const pieces: Piece[] = []
  let insideTag = false
  let literalFrom = 0
  for (const match of source.matchAll(VARIABLE)) {
    const variable = parseVariable(match[1] ?? '')
    if (!variable) continue
    const literal = source.slice(literalFrom, match.index)
    literalFrom = match.index + match[0].length
    if (literal !== '') pieces.push(literal)
    if (kind === 'html') insideTag = endsInsideTag(literal, insideTag)
    const place: SlotPlace = kind === 'html' ? (insideTag ? 'address' : 'text') : kind
    const { name, fallback } = variable
    pieces.push({ name, fallback, place, safeFallback: makeSafe(fallback, place) })
  }
  if (literalFrom < source.length) pieces.push(source.slice(literalFrom))
  return pieces
}

interface CompiledVariant {
  readonly text: readonly Piece[]
  readonly media: TemplateMedia | undefined
  /** Null when no button holds a variable: the rows are then used as they are. */
  readonly buttons: readonly (readonly CompiledButton[])[] | null
}

interface CompiledButton {
  readonly label: readonly Piece[]
  readonly target: readonly Piece[]
  readonly kind: 'url' | 'action'
}

const compiled = new WeakMap<TemplateVariant, CompiledVariant>()

const compileVariant = (variant: TemplateVariant): CompiledVariant => {
  const buttons = variant.buttons.map((row) =>
    row.map((button): CompiledButton => {
      const label = compileText(button.text, 'label')
      return 'url' in button
        ? { label, target: compileText(button.url, 'address'), kind: 'url' }
        : { label, target: [button.action], kind: 'action' }
    }),
  )
  const isFixed = buttons.flat().every((b) => [...b.label, ...b.target].every((piece) => typeof piece === 'string'))
  return {
    text: compileText(variant.text, 'html'),
    media: variant.media ?? undefined,
    buttons: isFixed ? null : buttons,
  }
}

/** The text for a slot in the message itself; nothing is written into links, buttons and addresses. */
const slotText = ({ name, place }: Slot, { texts }: SlotTexts): string => {
  const slot = place === 'text' ? slotOf(name) : null
  return slot === null ? '' : cleanValue(texts.get(slot) ?? '', SLOT_LENGTH_MAX)
}

const fill = (
  pieces: readonly Piece[],
  person: RenderPerson,
  context: RenderContext,
  locale: Locale,
  slots: SlotTexts = NO_TEXTS,
): string => {
  let out = ''
  for (const piece of pieces) {
    if (typeof piece === 'string') out += piece
    else {
      const value = variableValue(piece.name, person, context, locale) || slotText(piece, slots)
      out += value === '' ? piece.safeFallback : makeSafe(value, piece.place)
    }
  }
  return out
}

/**
 * Fills a wording for one person. Values are HTML-escaped in text, percent-encoded in addresses and plain in button
 * labels, which Telegram does not parse. The wording is taken apart once per loaded object, so a batch pays for
 * compiling only once. A slot without a text shows its fallback. Total: no person makes it throw.
 */
export const renderVariant = (
  variant: TemplateVariant,
  person: RenderPerson,
  context: RenderContext,
  slots: SlotTexts = NO_TEXTS,
): RenderedMessage => {
  let parts = compiled.get(variant)
  if (!parts) {
    parts = compileVariant(variant)
    compiled.set(variant, parts)
  }
  const { locale } = variant
  const filled = fill(parts.text, person, context, locale, slots)
  const isTold =
    slots.isUnread && parts.text.some((piece) => typeof piece !== 'string' && slotText(piece, slots) !== '')
  const text = isTold ? `${filled}\n\n<i>${AI_NOTE_TEXTS[locale]}</i>` : filled
  const buttons =
    parts.buttons === null
      ? variant.buttons
      : parts.buttons.map((row) =>
          row.map((b) => {
            const label = fill(b.label, person, context, locale)
            const target = fill(b.target, person, context, locale)
            return b.kind === 'url' ? { text: label, url: target } : { text: label, action: target }
          }),
        )
  return parts.media ? { text, media: parts.media, buttons } : { text, buttons }
}

/** A text without markup, filled for one person; nothing is escaped, as nothing in it is markup. Total. */
export const renderPlainText = (source: string, locale: Locale, person: RenderPerson, context: RenderContext): string =>
  fill(compileText(source, 'label'), person, context, locale)

/** The first `{{…}}` of a plain text that no variable is called; null where all are known. It has no personal slots. */
export const findUnknownVariable = (source: string): string | null => {
  for (const [, inside = ''] of source.matchAll(VARIABLE)) {
    const variable = parseVariable(inside)
    if (!variable || slotOf(variable.name) !== null) return inside.trim()
  }
  return null
}
