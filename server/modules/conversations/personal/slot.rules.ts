import type { AnswerFinding, Locale, Segment, SlotState } from '#contract/words.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { SLOT_LENGTH_MAX, type Template, cleanValue, slotsIn } from '#server/modules/templates/index.ts'

import { type AnswerGround, checkAnswer } from '../answering/answer-check.rules.ts'
import { placesIn } from '../answering/link-check.rules.ts'
import { LANGUAGE_NAMES } from '../answering/reply-prompt.rules.ts'
import type { SlotTextsAnswer } from './slot-prompt.rules.ts'

/** Who decides about a text that the checks let pass: a member, or the checks alone. */
export const SLOT_REVIEWS = ['required', 'checks'] as const
export type SlotReview = (typeof SLOT_REVIEWS)[number]

/** What a model wrote into a slot of a delivery. Instants are epoch ms. */
export interface WrittenSlot {
  readonly id: number
  readonly deliveryId: number
  readonly contactId: number
  readonly template: string
  readonly slot: string
  readonly state: SlotState
  /** Null once its retention is over. */
  readonly text: string | null
  readonly findings: readonly AnswerFinding[]
  readonly model: string
  readonly promptVersion: number
  /** When the delivery is due. */
  readonly dueAt: number
  readonly createdAt: number
  readonly decidedBy: string | null
}

/** One person whose message has slots, as far as it matters to what is written into them. */
export interface SlotReader {
  readonly contactId: number
  readonly firstName: string
  /** Null when never. */
  readonly lastSeenAt: number | null
  readonly segment: Segment | null
  readonly variant: Template['variants'][number]
  readonly briefs: Template['slotBriefs']
}

/** Stands for the first name; the name itself is not shown to a model. */
const NAME = '[AD]'

/** The slots of a wording that somebody said what to write into. */
export const wantedSlots = ({ variant, briefs }: Pick<SlotReader, 'variant' | 'briefs'>) =>
  slotsIn(variant.text).flatMap(({ slot, fallback }) => {
    const brief = briefs[slot]
    return brief === undefined ? [] : [{ slot, brief, otherwise: fallback }]
  })

/** The message as a model reads it: no markup, slots marked, other variables as they stand. */
const shown = (text: string): string =>
  text.replaceAll(/\{\{\s*personal:\s*([a-z0-9_]+)[^{}]*\}\}/giu, '<<$1>>').replaceAll(/<\/?[a-z][^<>]*>/giu, '')

/** What a model is shown of one person: no name, no id, no word they wrote. Pure and total. */
export const slotProfile = (ref: string, reader: SlotReader, now: number): Readonly<Record<string, unknown>> => ({
  ref,
  language: LANGUAGE_NAMES[reader.variant.locale],
  name: reader.firstName.trim() === '' ? null : NAME,
  segment: reader.segment,
  daysSinceSeen: reader.lastSeenAt === null ? null : Math.max(0, Math.floor((now - reader.lastSeenAt) / DAY_MS)),
  message: shown(reader.variant.text),
  slots: wantedSlots(reader),
})

/** A text for one slot with what speaks against it; empty findings: it may leave. */
export interface CheckedSlot {
  readonly slot: string
  readonly text: string
  readonly findings: readonly AnswerFinding[]
}

const KEPT_MAX = 500

/**
 * A text that a model wrote for a slot, with the name put in, held against everything that answers of a model are held
 * against and the bounds of a slot: one line, 120 characters, no link at all. Total.
 */
const checkSlotText = (
  slot: string,
  written: string,
  person: { readonly firstName: string; readonly locale: Locale },
  ground: AnswerGround,
): CheckedSlot => {
  const name = person.firstName.trim()
  const named = name === '' ? written : written.replaceAll(NAME, () => name)
  const checked = checkAnswer(named, ground, { languages: [person.locale], reserved: 0 })
  const text = cleanValue(checked.text, KEPT_MAX)
  const findings = new Set(checked.findings)
  if (text === '') findings.add('empty')
  if (text.length > SLOT_LENGTH_MAX) findings.add('too_long')
  if (checked.links.length > 0 || placesIn(checked.text).length > 0) findings.add('link')
  return { slot, text, findings: [...findings] }
}

/** What an answer says for each slot that was asked for, in their order; a slot it left out is empty. Total. */
export const readSlotTexts = (
  answer: SlotTextsAnswer,
  ref: string,
  reader: SlotReader,
  ground: AnswerGround,
): readonly CheckedSlot[] =>
  wantedSlots(reader).map(({ slot }) => {
    const written = answer.texts.find((text) => text.ref === ref && text.slot.toLowerCase() === slot)?.text ?? ''
    return checkSlotText(slot, written, { firstName: reader.firstName, locale: reader.variant.locale }, ground)
  })
