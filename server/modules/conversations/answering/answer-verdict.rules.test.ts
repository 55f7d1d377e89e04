import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ANSWER_FINDINGS, MODEL_REFUSALS } from '#contract/words.ts'

import { ANSWERS_PER_HOUR_MAX, ATTEMPTS_MAX, judgeReply, retryModelAfter } from './answer-verdict.rules.ts'

const checked = (findings: readonly (typeof ANSWER_FINDINGS)[number][]) => ({
  html: 'x',
  text: 'x',
  links: [],
  findings,
})

describe('judgeReply', () => {
  it('sends only what has no finding, is sure enough, is new, and was not asked to be given away', () => {
    fc.assert(
      fc.property(
        fc.record({
          findings: fc.subarray([...ANSWER_FINDINGS]),
          confidenceRatio: fc.double({ min: 0, max: 1, noNaN: true }),
          confidenceMin: fc.double({ min: 0, max: 1, noNaN: true }),
          needsHuman: fc.boolean(),
          hash: fc.nat(3),
          recentHashes: fc.array(fc.nat(3), { maxLength: 25 }),
          mode: fc.constantFrom('hybrid' as const, 'ai' as const),
        }),
        ({ findings, mode, confidenceMin, recentHashes, ...reply }) => {
          const verdict = judgeReply({ ...reply, checked: checked(findings) }, { mode, confidenceMin, recentHashes })
          if (mode === 'hybrid') expect(['draft', 'drop']).toContain(verdict.kind)
          else expect(['send', 'hand_over']).toContain(verdict.kind)
          if (verdict.kind !== 'send') return
          expect(findings).toEqual([])
          expect(reply.needsHuman).toBe(false)
          expect(reply.confidenceRatio).toBeGreaterThanOrEqual(confidenceMin)
          expect(recentHashes.length).toBeLessThan(ANSWERS_PER_HOUR_MAX)
          expect(recentHashes.filter((hash) => hash === reply.hash).length).toBeLessThan(2)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('retryModelAfter', () => {
  it('asks again only what may pass, a few times, and not after a long wait', () => {
    const retried = MODEL_REFUSALS.filter((reason) => retryModelAfter(reason, 1, null) !== null)
    expect(retried.toSorted()).toEqual(['circuit_open', 'rate_limited', 'timeout', 'unreachable', 'unusable'])
    expect(retryModelAfter('timeout', ATTEMPTS_MAX, null)).toBeNull()
    expect(retryModelAfter('rate_limited', 1, 60_000)).toBeNull()
    expect(retryModelAfter('rate_limited', 1, 5_000)).toBe(5_000)
  })
})
