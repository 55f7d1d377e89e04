import { describe, expect, it } from 'vitest'

import { MODEL_REFUSALS, type Segment } from '#contract/words.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { recordConsent } from '#server/modules/contacts/index.ts'
import type { AskModel, ModelQuestion } from '#server/modules/llm/index.ts'
import { NOON } from '#server/testing/factories.ts'

import {
  assignSegments,
  explainSegments,
  findSegments,
  gatherOpinions,
  listSegmentHistory,
  recomputeSegments,
  setManualSegment,
} from './index.ts'
import { usePeople } from './people.suite.ts'

const { world, inside, createHot, createLurker } = usePeople()

interface Said {
  readonly segment: Segment
  readonly confidence: number
}

/** A model that says the same of everybody, and keeps what it was asked. */
const modelSaying = (said: readonly Said[]) => {
  const questions: ModelQuestion<unknown>[] = []
  const askModel: AskModel = async (question) => {
    questions.push(question)
    const { people } = JSON.parse(question.messages[0]?.content ?? '{}') as { people: readonly { ref: string }[] }
    const segments = said.map((one) => ({ ...one, reason: 'figures' }))
    const value = question.shape.schema.parse({ people: people.map(({ ref }) => ({ ref, segments })) })
    return { kind: 'answered', value, model: 'test-model', promptVersion: question.prompt.version }
  }
  return { questions, askModel }
}

const refusing =
  (reason: (typeof MODEL_REFUSALS)[number]): AskModel =>
  async () => ({ kind: 'unanswered', reason, retryAfterMs: null })

const agree = (contactId: number, granted = true) =>
  inside((tx) =>
    recordConsent(tx, {
      contactId,
      purpose: 'ai_processing',
      granted,
      textVersion: 'ai-1',
      source: 'bot',
      at: world.clock.now(),
    }),
  )

const switchModel = (mode: 'off' | 'installation') =>
  inside((tx) =>
    tx
      .insertInto('model_setting')
      .values({
        tenant_id: world.tenantId,
        mode,
        tokens_per_month: 1_000,
        per_minute_max: 10,
        changed_by: 'test',
        changed_at: new Date(NOON),
      })
      .onConflict((c) => c.column('tenant_id').doUpdateSet({ mode }))
      .execute(),
  )

const gather = (askModel: AskModel) => gatherOpinions({ ...world.deps, askModel }, world.tenantId)
const held = async (id: number) =>
  (await inside((tx) => findSegments(tx, [id])))[0]?.holdings.map((h) => [h.segment, h.source, h.confidence]) ?? []
const hot = async () => {
  const id = await createHot()
  await agree(id)
  await switchModel('installation')
  await assignSegments(world.deps, world.tenantId, [id])
  return { id, byRules: await held(id) }
}

describe('gatherOpinions', () => {
  it('lets the surer of rule and model count, and labels what the model says', async () => {
    const { id, byRules } = await hot()
    const model = modelSaying([
      { segment: 'PREMIUM_POTENTIAL', confidence: 77 },
      { segment: 'HOT_LEAD', confidence: 1 },
    ])
    expect(await gather(model.askModel)).toEqual({ asked: 1, opinions: 2, moved: 1, stoppedBy: null })
    expect(await held(id)).toEqual([...byRules, ['PREMIUM_POTENTIAL', 'ai', 77]])
    const explained = (await inside((tx) => explainSegments(tx, id, NOON))).segments.flatMap((s) =>
      s.source === null ? [] : [[s.segment, s.source, s.heldConfidence]],
    )
    expect(explained).toEqual(await held(id))
    const [stay] = (await inside((tx) => listSegmentHistory(tx, id, NOON))).filter((s) => s.source === 'ai')
    expect(stay).toMatchObject({ segment: 'PREMIUM_POTENTIAL', reasons: { model: 'test-model', reason: 'figures' } })
  })

  it('shows the model figures and no name, id or word of anybody', async () => {
    const { id } = await hot()
    await inside((tx) =>
      tx.updateTable('contact').set({ first_name: 'Gülizar', username: 'gulizar_x' }).where('id', '=', id).execute(),
    )
    const model = modelSaying([])
    await gather(model.askModel)
    const [question] = model.questions
    expect(question?.contactIds).toEqual([id])
    const [profile] = (JSON.parse(question?.messages[0]?.content ?? '{}') as { people: readonly object[] }).people
    expect(Object.values(profile ?? {}).every((value) => typeof value !== 'string' || value === 'p1')).toBe(true)
    expect(JSON.stringify(question?.messages)).not.toMatch(/Gülizar|gulizar/)
  })

  it.each(MODEL_REFUSALS)('leaves exactly what the rules say when the model is %s', async (reason) => {
    const { id, byRules } = await hot()
    const before = await inside((tx) => findSegments(tx, [id]))
    expect(await gather(refusing(reason))).toMatchObject({ asked: 0, stoppedBy: reason })
    expect(await inside((tx) => findSegments(tx, [id]))).toEqual(before)
    await gather(modelSaying([{ segment: 'LURKER', confidence: 90 }]).askModel)
    await world.clock.advance(6 * DAY_MS)
    await gather(refusing(reason))
    await world.clock.advance(-6 * DAY_MS)
    await assignSegments(world.deps, world.tenantId, [id])
    expect(await held(id)).toEqual(byRules)
  })

  it('asks about nobody who has not agreed, and forgets what it thought of who took it back', async () => {
    const { id, byRules } = await hot()
    const lurker = await createLurker()
    const model = modelSaying([{ segment: 'BOT_LOVER', confidence: 70 }])
    await gather(model.askModel)
    expect(model.questions.flatMap((q) => q.contactIds)).toEqual([id])
    expect(await held(lurker)).toEqual([])
    await agree(id, false)
    await recomputeSegments(world.deps, world.tenantId)
    expect(await held(id)).toEqual(byRules)
  })

  it('counts no opinion while the tenant has its model off, and none that is a week old', async () => {
    const { id, byRules } = await hot()
    await gather(modelSaying([{ segment: 'BOT_LOVER', confidence: 70 }]).askModel)
    expect(await held(id)).not.toEqual(byRules)
    await switchModel('off')
    await recomputeSegments(world.deps, world.tenantId)
    expect(await held(id)).toEqual(byRules)
    await switchModel('installation')
    await recomputeSegments(world.deps, world.tenantId)
    expect(await held(id)).not.toEqual(byRules)
    await world.clock.advance(7 * DAY_MS)
    await recomputeSegments(world.deps, world.tenantId)
    expect((await held(id)).filter(([, source]) => source === 'ai')).toEqual([])
  })

  it('never goes over a hand, and asks about the same person once in five days', async () => {
    const { id } = await hot()
    await inside((tx) => setManualSegment(tx, { contactId: id, segment: 'BOT_LOVER', by: 'member:7', now: NOON }))
    const model = modelSaying([{ segment: 'BOT_LOVER', confidence: 100 }])
    await gather(model.askModel)
    expect(await held(id)).toContainEqual(['BOT_LOVER', 'manual', 100])
    expect(await gather(model.askModel)).toMatchObject({ asked: 0 })
    await world.clock.advance(5 * DAY_MS)
    expect(await gather(model.askModel)).toMatchObject({ asked: 1 })
  })
})
