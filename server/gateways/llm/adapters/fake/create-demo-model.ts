import { z } from 'zod'

import type { LanguageModel, ModelRequest } from '../../language-model.ts'
import { createFakeModel } from './create-fake-model.ts'
import { fillShape } from './fill-shape.ts'

/** So that nobody takes it for a model that thinks. */
const LABEL = '(demo)'
const LATENCY_MS = 400
/** Turkish words change at their end; their first letters are enough to know them by. */
const STEM_LETTERS = 4
const LISTED_MAX = 3

interface Fact {
  readonly text: string
  readonly isOfCatalogue: boolean
}

/** Under these headings a prompt says how to answer, and not what is so. */
const NO_FACTS = /^(?:never|how it)/i

/** The lines of facts in a system message: `- name: price`, `- question → answer`, under headings that end in a colon. */
const factsOf = (system: string): readonly Fact[] => {
  let heading = ''
  return system.split('\n').flatMap((row): readonly Fact[] => {
    if (row.startsWith('- ')) {
      if (NO_FACTS.test(heading)) return []
      return [{ text: row.slice(2), isOfCatalogue: /^catalog/i.test(heading) }]
    }
    if (/:\s*$/.test(row)) heading = row
    return []
  })
}

const stemsOf = (text: string): ReadonlySet<string> =>
  new Set((text.toLocaleLowerCase('tr').match(/[\p{L}\p{N}]{3,}/gu) ?? []).map((word) => word.slice(0, STEM_LETTERS)))

const GREETING = /^(?:merhaba|selam|iyi (?:günler|akşamlar)|günaydın|hello|hi|salam|привет)\b/iu
const PRICE = /fiyat|ücret|kaç (?:para|lira|tl)|ne kadar|price|how much|цена|سعر/iu

interface Answer {
  readonly text: string
  readonly isSure: boolean
  readonly usedFacts: readonly string[]
}

const answerTo = (asked: string, facts: readonly Fact[]): Answer => {
  const stems = stemsOf(asked)
  const scored = facts
    .map((fact) => ({ ...fact, score: [...stemsOf(fact.text)].filter((stem) => stems.has(stem)).length }))
    .toSorted((a, b) => b.score - a.score)
  const [best] = scored
  if (PRICE.test(asked)) {
    const catalogue = scored.filter((fact) => fact.isOfCatalogue)
    const named = catalogue.filter((fact) => fact.score > 0)
    const listed = (named.length > 0 ? named : catalogue).slice(0, LISTED_MAX).map(({ text }) => text)
    if (listed.length > 0) return { text: listed.join(' · '), isSure: true, usedFacts: listed }
  }
  if (best && best.score > 0)
    return { text: best.text.split(' → ').at(-1) ?? best.text, isSure: true, usedFacts: [best.text] }
  if (GREETING.test(asked.trim()))
    return { text: 'Merhaba! Size nasıl yardımcı olabilirim?', isSure: true, usedFacts: [] }
  return { text: 'Bunu bilmiyorum; sizi ekibimizden birine bağlayayım.', isSure: false, usedFacts: [] }
}

/** A shape that asks for a text is a conversation; everything else is beyond a demo. */
const isAnswered = ({ shape: { schema } }: ModelRequest<unknown>): boolean =>
  schema instanceof z.ZodObject && 'text' in schema.shape

/**
 * A model for the demo, without a server: short Turkish answers by rules, from the facts of its system message alone, each
 * with a label. What it does not find it does not know. It declines whatever is no conversation.
 */
export const createDemoModel = (): LanguageModel =>
  createFakeModel({
    latencyMs: LATENCY_MS,
    otherwise: (request) => {
      if (!isAnswered(request)) return { kind: 'refusal' }
      const system = request.messages.find(({ role }) => role === 'system')?.content ?? ''
      const asked = request.messages.findLast(({ role }) => role === 'user')?.content ?? ''
      const answer = answerTo(asked.replaceAll(/<\/?\w+>/g, ' ').trim(), factsOf(system))
      const byName = {
        text: `${LABEL} ${answer.text}`,
        language: 'tr',
        intent: LABEL,
        needsHuman: !answer.isSure,
        usedFacts: answer.usedFacts,
        sum: (asked.match(/\d+/g) ?? []).reduce((sum, number) => sum + Number(number), 0),
      }
      return {
        kind: 'value',
        value: fillShape(request.shape.schema, { text: LABEL, ratio: answer.isSure ? 0.9 : 0.2, byName }),
      }
    },
  })
