import { beforeAll, describe, expect, it } from 'vitest'

import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { setReplyMode } from '#server/modules/conversations/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'

import { callbackUpdate, messageUpdate } from './update-factories.suite.ts'
import { createUpdatesWorld } from './updates-world.suite.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const scene = async (mode: 'manual' | 'hybrid' | 'ai') => {
  const world = await createUpdatesWorld(db)
  const { tenantId, accountId } = world
  await inTenant(db, tenantId, (tx) => setReplyMode(tx, { accountId, mode }, { by: 'test', at: NOON }))
  const turns = () => db.selectFrom('answer_turn').selectAll().where('tenant_id', '=', tenantId).execute()
  return { ...world, turns }
}

describe('answerByMode', () => {
  it('owes an answer in hybrid and AI mode, and leaves the conversation to people in manual mode', async () => {
    for (const mode of ['manual', 'hybrid', 'ai'] as const) {
      const world = await scene(mode)
      await world.process(messageUpdate('Fiyat nedir?'), messageUpdate('Orada mısınız?'))
      expect((await world.turns()).map(({ state, revision }) => [state, revision])).toEqual(
        mode === 'manual' ? [] : [['pending', 2]],
      )
    }
  })

  it('owes nothing for commands', async () => {
    const world = await scene('ai')
    await world.process(messageUpdate('/menu'), messageUpdate('/stop'))
    expect(await world.turns()).toEqual([])
  })

  it('takes a yes for what waits for it, with the text it was given to, and a no for the end of it', async () => {
    for (const [action, granted, state] of [
      ['ai_yes', true, 'pending'],
      ['ai_no', false, 'done'],
    ] as const) {
      const world = await scene('ai')
      await world.process(messageUpdate('Fiyat nedir?'))
      await db.updateTable('answer_turn').set({ state: 'consent' }).where('tenant_id', '=', world.tenantId).execute()
      await world.process(callbackUpdate(`1.${action}:ai_processing-0123456789ab`))
      expect(await world.consents()).toEqual({ ai_processing: granted })
      expect((await world.turns()).map((turn) => turn.state)).toEqual([state])
      const { text_version: version } = await db
        .selectFrom('consent_ledger')
        .select('text_version')
        .where('tenant_id', '=', world.tenantId)
        .executeTakeFirstOrThrow()
      expect(version).toBe('ai_processing-0123456789ab')
      expect(await world.replies()).toHaveLength(granted ? 0 : 1)
    }
  })

  it('hands over on /insan, so that the model is silent and owes nothing', async () => {
    const world = await scene('ai')
    await world.process(messageUpdate('Fiyat nedir?'), messageUpdate('/insan'))
    expect((await world.turns()).map(({ state, outcome }) => [state, outcome])).toEqual([['done', 'withdrawn']])
  })

  it('takes nobody else’s turn for its own', async () => {
    const world = await scene('ai')
    await world.process(messageUpdate('Fiyat nedir?'))
    const stranger = await createTenant(db)
    const seen = await inTenant(db, stranger, (tx) => tx.selectFrom('answer_turn').selectAll().execute())
    expect(seen).toEqual([])
  })
})
