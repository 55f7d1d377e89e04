import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'
import type { Locale } from '#contract/words.ts'

export type Template = RouteOutput<typeof api.templates.get>
export type Preview = RouteOutput<typeof api.templates.preview>
export type Wording = Template['variants'][number]

/** What the form holds: all that a person decides about a message. */
export type TemplateDraft = Pick<Template, 'name' | 'messageClass' | 'style' | 'slotBriefs' | 'variants'>

export const draftOf = ({ name, messageClass, style, slotBriefs, variants }: Template): TemplateDraft => ({
  name,
  messageClass,
  style,
  slotBriefs,
  variants,
})

export const emptyWording = (name: string, locale: Locale, text = ''): Wording => ({
  name,
  locale,
  text,
  media: null,
  buttons: [],
  weight: 1,
})

/** A message nobody wrote yet, in the language of whoever writes; what the law wants of advertising stands there already. */
export const emptyDraft = (locale: Locale): TemplateDraft => ({
  name: '',
  messageClass: 'commercial',
  style: null,
  slotBriefs: {},
  variants: [emptyWording('a', locale, '\n\n{{sender}}\n{{opt_out}}')],
})

export const isSame = (a: TemplateDraft, b: TemplateDraft): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Versions that are compared with each other, in order. */
export const armsOf = (variants: readonly Wording[]): readonly string[] => [
  ...new Set(variants.map(({ name }) => name)),
]

/** The name of a further version: the first letter nobody has. */
export const nextArm = (variants: readonly Wording[]): string =>
  'abcdefghijklmnopqrstuvwxyz'.split('').find((letter) => variants.every(({ name }) => name !== letter)) ?? 'z2'

/** The share of a version among all, from 0 to 1: translations of one version share its weight. */
export const shareOf = (variants: readonly Wording[], arm: string): number => {
  const weights = armsOf(variants).map((name) => variants.find((wording) => wording.name === name)?.weight ?? 0)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return total === 0 ? 0 : (variants.find(({ name }) => name === arm)?.weight ?? 0) / total
}

const SLOT = /\{\{\s*personal:([a-z][a-z0-9_]{0,39})\s*(?:\|[^{}]*)?\}\}/g

/** The personal slots of all wordings: what a model may write for each person. */
export const slotsOf = (variants: readonly Wording[]): readonly string[] => [
  ...new Set(variants.flatMap(({ text }) => [...text.matchAll(SLOT)].map(([, slot = '']) => slot))),
]
