import type { Complain } from './lint-finding.rules.ts'
import { parseVariable } from './rendering.rules.ts'
import type { SlotBriefs, TemplateVariant } from './template.rules.ts'
import { SLOT_LENGTH_MAX, slotOf } from './variable.rules.ts'

/** More places than these would let a model write the message instead of a person. */
export const SLOTS_MAX = 2

/** A personal slot as it stands in a text. */
export interface PersonalSlot {
  readonly slot: string
  readonly fallback: string
  /** Position of its first brace in the text. */
  readonly at: number
}

/** The personal slots of a text, in their order. Total. */
export const slotsIn = (text: string): readonly PersonalSlot[] =>
  [...text.matchAll(/\{\{([^{}]*)\}\}/gu)].flatMap((match) => {
    const variable = parseVariable(match[1] ?? '')
    const slot = variable && slotOf(variable.name)
    return slot ? [{ slot, fallback: variable.fallback, at: match.index }] : []
  })

/** Whether the end of a stretch of HTML is within a tag or between the two of a link. */
const isInsideLink = (before: string): boolean => {
  const [open, close] = [before.lastIndexOf('<'), before.lastIndexOf('>')]
  if (open > close) return true
  const [link] = [...before.matchAll(/<a\s/giu)].toReversed()
  return link !== undefined && !/<\/a\s*>/iu.test(before.slice(link.index))
}

/** Complains about slots without a short fallback, and about slots in links and buttons, where nothing may be written. */
export const lintSlots = (variant: TemplateVariant, complain: Complain): void => {
  for (const { slot, fallback, at } of slotsIn(variant.text)) {
    if (fallback === '' || fallback.length > SLOT_LENGTH_MAX)
      complain('slot_fallback', 'text', { slot, max: SLOT_LENGTH_MAX })
    if (isInsideLink(variant.text.slice(0, at))) complain('slot_place', 'text', { slot })
  }
  for (const [r, row] of variant.buttons.entries())
    for (const [b, button] of row.entries())
      for (const { slot } of [...slotsIn(button.text), ...('url' in button ? slotsIn(button.url) : [])])
        complain('slot_place', `buttons[${r}][${b}]`, { slot })
}

/** Complains about too many slots in a template, slots that nobody said what to write into, and briefs for none. */
export const lintSlotNames = (variants: readonly TemplateVariant[], briefs: SlotBriefs, complain: Complain): void => {
  const names = new Set(variants.flatMap(({ text }) => slotsIn(text)).map(({ slot }) => slot))
  if (names.size > SLOTS_MAX) complain('slots_too_many', 'variants', { count: names.size, max: SLOTS_MAX })
  for (const slot of names) if (briefs[slot] === undefined) complain('slot_without_brief', 'slotBriefs', { slot })
  for (const slot of Object.keys(briefs)) if (!names.has(slot)) complain('brief_without_slot', 'slotBriefs', { slot })
}
