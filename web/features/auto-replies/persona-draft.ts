import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'
import { PERSONA_FIELDS } from '#contract/words.ts'

type AccountPersona = RouteOutput<typeof api.personas.get>
export type Persona = NonNullable<AccountPersona['persona']>
/** What the form holds: all that a person decides about a persona. */
export type PersonaDraft = Pick<Persona, (typeof PERSONA_FIELDS)[number]>
export type Facts = PersonaDraft['facts']
export type MenuEntry = PersonaDraft['menu'][number]

export const draftOf = (persona: PersonaDraft): PersonaDraft => {
  const { displayName, tone, style, language, facts, doNots, greeting, menu, sampleReplies } = persona
  return { displayName, tone, style, language, facts, doNots, greeting, menu, sampleReplies }
}

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]),
  )
}

/** The parts in which two personas differ; the order of keys says nothing. */
export const differences = (a: PersonaDraft, b: PersonaDraft) =>
  PERSONA_FIELDS.filter((field) => JSON.stringify(sorted(a[field])) !== JSON.stringify(sorted(b[field])))
