import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'

import { HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { auditGuard } from '#server/modules/delivery/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'

import { giveBackConversation, handOverConversation } from '../inbox/hand-over-conversation.ts'
import { type AnswerWorld, createAnswerWorld, saying } from './answer-world.suite.ts'
import { expireDrafts } from './draft.store.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

/** What happens; `during` begins a model's thinking, with the next step in the midst of it. */
const STEPS = [
  'ask',
  'think',
  'during',
  'leave',
  'takeover',
  'hand_over',
  'give_back',
  'stop',
  'approve',
  'reject',
  'expire',
  'wait',
  'manual',
  'hybrid',
  'ai',
] as const
type Step = (typeof STEPS)[number]

/** What must hold by now, kept beside the system and simpler than it. */
interface Promises {
  mode: 'manual' | 'hybrid' | 'ai'
  isStopped: boolean
  isHandedOver: boolean
  pausedUntil: number
}

const PAUSE_MS = 30 * MINUTE_MS

const act = async (w: AnswerWorld, step: Step, promises: Promises): Promise<void> => {
  const conversation = await w.find()
  const id = conversation?.id ?? 0
  switch (step) {
    case 'ask':
      w.advance(1_000)
      await w.ask()
      return
    case 'think':
      return w.drain()
    case 'takeover':
      if (!conversation || promises.isStopped) return
      await w.reply(id, 'İnsan yanıtı', { isSure: true })
      promises.pausedUntil = w.now() + PAUSE_MS
      return
    case 'hand_over':
      if (!conversation) return
      await w.within((tx) => handOverConversation(tx, id, 'asked', w.now()))
      promises.isHandedOver = true
      return
    case 'give_back':
      if (!conversation) return
      await w.within((tx) => giveBackConversation(tx, id, w.actor()))
      Object.assign(promises, { isHandedOver: false, pausedUntil: 0 })
      return
    case 'stop':
      await w.stop()
      promises.isStopped = true
      return
    case 'approve':
    case 'reject': {
      const draft = (await w.drafts()).find(({ state }) => state === 'proposed')
      if (draft) await w.decide({ draftId: draft.id, decision: step, isSure: true }).catch(() => undefined)
      return
    }
    case 'expire':
      w.advance(HOUR_MS)
      await expireDrafts(db, w.now())
      return
    case 'wait':
      return w.advance(20 * MINUTE_MS)
    case 'manual':
    case 'hybrid':
    case 'ai':
      await w.setMode(step)
      promises.mode = step
      return
    case 'during':
    case 'leave':
      return
    default:
      step satisfies never
  }
}

/** Everything that leaves now, held against what must hold. */
const leave = async (w: AnswerWorld, promises: Promises): Promise<void> => {
  const before = new Map((await w.deliveries()).map(({ id, state }) => [id, state]))
  await w.leave()
  const left = (await w.deliveries()).filter(({ id, state }) => state === 'sent' && before.get(id) !== 'sent')
  const approved = new Set(
    (await w.drafts()).filter(({ state }) => state === 'approved').map(({ id }) => `draft:${id}`),
  )
  for (const delivery of left) {
    expect(delivery.text).not.toContain('99 TL')
    if (delivery.dedupe_key.startsWith('draft:'))
      expect(approved.has(delivery.dedupe_key) && !promises.isStopped).toBe(true)
    if (!delivery.is_ai) continue
    expect(promises).toMatchObject({ mode: 'ai', isStopped: false, isHandedOver: false })
    expect(promises.pausedUntil <= w.now()).toBe(true)
  }
}

describe('a model', () => {
  it('says nothing in manual and hybrid mode, after a stop, a takeover or a hand-over, however things interleave', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...STEPS), { minLength: 4, maxLength: 14 }),
        fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
        async (steps, lies) => {
          const w = await createAnswerWorld(db)
          await w.setMode('ai')
          const promises: Promises = { mode: 'ai', isStopped: false, isHandedOver: false, pausedUntil: 0 }
          const honest = (call: number) =>
            saying({ text: lies[call % 20] ? 'VIP üyelik sana 99 TL' : `Kargo 3 gün sürer. ${call}` })
          w.script((_question, call) => honest(call))
          await w.ask()
          for (let i = 0; i < steps.length; i += 1) {
            const [step, next] = [steps[i] ?? 'wait', steps[i + 1]]
            if (step === 'leave') await leave(w, promises)
            else if (
              step === 'during' &&
              next !== undefined &&
              next !== 'during' &&
              next !== 'leave' &&
              next !== 'think'
            ) {
              let isDone = false
              w.script(async (_question, call) => {
                if (!isDone) {
                  isDone = true
                  await act(w, next, promises)
                }
                return honest(call)
              })
              await w.drain()
              w.script((_question, call) => honest(call))
              if (isDone) i += 1
            } else await act(w, step, promises)
          }
          await w.drain()
          await leave(w, promises)
          expect(w.faults).toEqual([])
          expect((await auditGuard(db, w.tenantId)).findings.filter(({ rule }) => rule === 'sent_twice')).toEqual([])
        },
      ),
      { numRuns: 25 },
    )
  }, 240_000)
})
