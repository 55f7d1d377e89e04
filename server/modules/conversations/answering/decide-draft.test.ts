import { beforeAll, describe, expect, it } from 'vitest'

import { HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { createTenant } from '#server/testing/factories.ts'

import { showConversation } from '../inbox/show-conversation.ts'
import { createAnswerWorld, saying } from './answer-world.suite.ts'
import { decideDraft } from './decide-draft.ts'
import { expireDrafts } from './draft.store.ts'
import { getDraft, listDrafts } from './list-drafts.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

/** A contact who asked, and a draft that waits. */
const drafted = async () => {
  const w = await createAnswerWorld(db)
  await w.setMode('hybrid')
  await w.ask()
  await w.drain()
  const [draft] = await w.drafts()
  if (!draft) throw new Error('no draft')
  return { ...w, draftId: draft.id }
}

describe('decideDraft', () => {
  it('sends what a member approved, as the member’s word and not as a model’s', async () => {
    const w = await drafted()
    const draft = await w.decide({ draftId: w.draftId, decision: 'approve' })
    expect(draft).toMatchObject({ state: 'approved', decidedBy: `member:${w.ayla.id}` })
    expect(await w.deliveries()).toMatchObject([{ id: draft.deliveryId, is_ai: false, is_human: false }])
    expect((await w.find())?.state).toBe('waiting')
    expect(await w.leave()).toEqual(['Merhaba! VIP üyelik 250 TL, kargo 3 gün sürer.'])
    const { entries } = await w.within((tx) => showConversation(tx, draft.conversationId, {}, w.actor()))
    const said = entries.find((entry) => entry.type === 'message' && entry.direction === 'out')
    expect(said).toMatchObject({ author: { kind: 'member', id: w.ayla.id }, sent: { confidenceRatio: null } })
  })

  it('sends what a member made of it, without markup, and keeps both texts', async () => {
    const w = await drafted()
    const draft = await w.decide({ draftId: w.draftId, decision: 'edit', text: ' Fiyat <250> ' })
    expect(draft).toMatchObject({
      state: 'edited',
      editedText: 'Fiyat &lt;250&gt;',
      text: expect.stringContaining('250'),
    })
    expect(await w.leave()).toEqual(['Fiyat &lt;250&gt;'])
  })

  it('sends nothing of a rejected, expired or superseded draft, and refuses to decide twice', async () => {
    const rejected = await drafted()
    await rejected.decide({ draftId: rejected.draftId, decision: 'reject' })
    const expired = await drafted()
    expired.advance(HOUR_MS)
    await expect(expired.decide({ draftId: expired.draftId, decision: 'approve' })).rejects.toMatchObject({
      code: 'draft_decided',
      params: { state: 'expired' },
    })
    await expireDrafts(db, expired.now())
    const superseded = await drafted()
    await superseded.ask('Bir de kargo?')
    for (const [w, state] of [
      [rejected, 'rejected'],
      [expired, 'expired'],
      [superseded, 'superseded'],
    ] as const) {
      for (const decision of ['approve', 'reject'] as const)
        await expect(w.decide({ draftId: w.draftId, decision, isSure: true })).rejects.toMatchObject({
          kind: 'conflict',
          code: 'draft_decided',
          params: { state },
        })
      expect(await w.leave()).toEqual([])
    }
  })

  it('keeps drafts alive for as long as the account is set to', async () => {
    const w = await createAnswerWorld(db)
    await w.setMode('hybrid')
    await w.set({ draftLifeMinutes: 5 })
    await w.ask()
    await w.drain()
    const [draft] = await w.drafts()
    w.advance(5 * MINUTE_MS - 1)
    expect(await expireDrafts(db, w.now())).toBe(0)
    w.advance(1)
    expect(await expireDrafts(db, w.now())).toBe(1)
    expect((await w.drafts())[0]).toMatchObject({ id: draft?.id, state: 'expired' })
  })

  it('is taken back by a person’s own answer, and by a stop even after it was approved', async () => {
    const answered = await drafted()
    const { id = 0 } = (await answered.find()) ?? {}
    await answered.reply(id, 'Ben bakıyorum')
    expect((await answered.drafts())[0]?.state).toBe('superseded')

    const stopped = await drafted()
    await stopped.decide({ draftId: stopped.draftId, decision: 'approve' })
    await stopped.stop()
    expect(await stopped.leave()).toEqual([])

    const late = await drafted()
    await late.suppress()
    late.advance(1)
    await expect(late.decide({ draftId: late.draftId, decision: 'approve' })).rejects.toMatchObject({
      code: 'contact_stopped',
    })
  })

  it('goes out although the model is paused, since a member decided', async () => {
    const w = await drafted()
    const { id = 0 } = (await w.find()) ?? {}
    await w.decide({ draftId: w.draftId, decision: 'approve' })
    await db
      .updateTable('conversation')
      .set({ ai_paused_until: new Date(w.now() + HOUR_MS), ai_paused_reason: 'human_wrote' })
      .where('id', '=', id)
      .execute()
    expect(await w.leave()).toHaveLength(1)
  })

  it('tells who moved in between, and sends all the same when sure', async () => {
    const w = await drafted()
    await w.write('Bir şey daha')
    await expect(w.decide({ draftId: w.draftId, decision: 'approve' })).rejects.toMatchObject({
      code: 'conversation_moved',
    })
    expect(await w.decide({ draftId: w.draftId, decision: 'approve', isSure: true })).toMatchObject({
      state: 'approved',
    })
  })

  it('lets exactly one of several who decide at once have their way', async () => {
    for (let round = 0; round < 3; round += 1) {
      const w = await drafted()
      const ends = await Promise.allSettled(
        (['approve', 'reject', 'edit', 'approve', 'reject'] as const).map((decision, i) =>
          w.decide({ draftId: w.draftId, decision, text: 'Düzeltildi' }, w.asMember(i % 2 === 0 ? w.ayla : w.burak)),
        ),
      )
      const [winner, ...others] = ends.filter((end) => end.status === 'fulfilled')
      expect(others).toEqual([])
      const [draft] = await w.drafts()
      expect(winner?.value.state).toBe(draft?.state)
      expect(await w.deliveries()).toHaveLength(draft?.state === 'rejected' ? 0 : 1)
    }
  })

  it('keeps out who may not answer, and other tenants', async () => {
    const w = await drafted()
    const verdict = { draftId: w.draftId, decision: 'approve' } as const
    const analyst = { by: 'member:9', access: { kind: 'member', role: 'analyst' }, at: w.now() } as const
    await expect(w.decide(verdict, analyst)).rejects.toMatchObject({ kind: 'forbidden' })
    await expect(w.within((tx) => listDrafts(tx, {}, { access: { kind: 'nobody' } }))).rejects.toMatchObject({
      kind: 'forbidden',
    })
    const stranger = await createTenant(db)
    const owner = { by: 'member:1', access: { kind: 'member', role: 'owner' }, at: w.now() } as const
    await expect(inTenant(db, stranger, (tx) => decideDraft(tx, verdict, owner))).rejects.toMatchObject({
      kind: 'not_found',
    })
    await expect(inTenant(db, stranger, (tx) => getDraft(tx, w.draftId, owner))).rejects.toMatchObject({
      kind: 'not_found',
    })
    expect(await w.deliveries()).toEqual([])
  })

  it('shows whoever decides what the checks found', async () => {
    const w = await createAnswerWorld(db)
    await w.setMode('hybrid')
    w.script(() => saying({ text: 'Size özel %90 indirim', confidence: 20 }))
    await w.ask()
    await w.drain()
    expect(await w.within((tx) => listDrafts(tx, { state: 'proposed' }, w.actor()))).toMatchObject([
      { findings: ['percentage', 'offer'], confidenceRatio: 0.2 },
    ])
  })
})
