import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { SEGMENTS } from '#contract/words.ts'

import { type OpinionsAnswer, opinionsSchema } from './opinion-prompt.rules.ts'
import { readOpinions } from './opinion.rules.ts'

const REFS = new Set(['p1', 'p2'])

const answers: fc.Arbitrary<OpinionsAnswer> = fc.record({
  people: fc.array(
    fc.record({
      ref: fc.oneof(fc.constantFrom('p1', 'p2', 'p3'), fc.string({ maxLength: 20 })),
      segments: fc.array(
        fc.record({
          segment: fc.oneof(fc.constantFrom(...SEGMENTS), fc.string({ maxLength: 40 })),
          confidence: fc.oneof(fc.double(), fc.integer()),
          reason: fc.string({ unit: 'binary', maxLength: 400 }),
        }),
        { maxLength: 24 },
      ),
    }),
    { maxLength: 10 },
  ),
})

describe('readOpinions', () => {
  it('keeps of any answer only known people and segments, whole confidences from 0 to 100, one line of reason', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        for (const [ref, opinions] of readOpinions(answer, REFS)) {
          expect(REFS.has(ref)).toBe(true)
          expect(new Set(opinions.map((o) => o.segment)).size).toBe(opinions.length)
          for (const { segment, confidence, reason } of opinions) {
            expect(SEGMENTS).toContain(segment)
            expect(Number.isInteger(confidence) && confidence >= 0 && confidence <= 100).toBe(true)
            expect(reason.length <= 200 && !/[\n\r\t]/.test(reason) && !reason.includes('\0')).toBe(true)
            expect(reason.isWellFormed()).toBe(true)
          }
        }
      }),
    )
  })

  it('takes the surer of two opinions on one segment', () => {
    const twice = opinionsSchema.parse({
      people: [
        { ref: 'p1', segments: [{ segment: 'HOT_LEAD', confidence: 60, reason: 'a' }] },
        { ref: 'p1', segments: [{ segment: 'HOT_LEAD', confidence: 140, reason: 'b' }] },
      ],
    })
    expect(readOpinions(twice, REFS).get('p1')).toEqual([{ segment: 'HOT_LEAD', confidence: 100, reason: 'b' }])
  })
})
