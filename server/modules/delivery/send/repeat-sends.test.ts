import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'

import { ManualClock, toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { secretBox } from '#server/base/secret.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import type { SendResult, TelegramSender } from '#server/gateways/telegram/sender.ts'
import { openSendKey } from '#server/modules/accounts/index.ts'
import { recordConsent } from '#server/modules/contacts/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createContact, createDelivery, createTenant, createUserAccount } from '#server/testing/factories.ts'

import { auditGuard } from '../guard/audit-guard.ts'
import { reserveRepeats } from '../guard/reserve-repeats.ts'
import { recordOutcomes } from '../outcome/record-outcomes.ts'
import { LaneClaims } from './lane-claims.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const box = secretBox(Buffer.alloc(32, 5))
const UNKNOWN = { kind: 'unknown', reason: 'timeout' } as const
const SENT = { kind: 'sent', messageId: 7 } as const

const scene = async () => {
  const clock = new ManualClock(NOON)
  const tenantId = await createTenant(db, { limits: { outreach_cooldown_minutes: 0 } })
  const accountId = await createUserAccount(db, tenantId)
  const account = { tenantId, accountId, kind: 'user', token: '', apiRoot: null, sessionId: 1 } as const
  const log = { info: () => {}, error: () => {} }
  const sender = {} as TelegramSender
  const sendKeyOf = (id: number) => openSendKey({ db, box, clock }, id)
  const claims = () => new LaneClaims({ db, clock, sender, log, sendKeyOf }, account)
  const deliver = async () => {
    const contactId = await createContact(db, tenantId, { accountId, consents: ['marketing'] })
    const id = await createDelivery(db, tenantId, { accountId, contactId, chatId: contactId, dueAt: NOON })
    return { id, contactId }
  }
  const end = (reserved: Parameters<typeof recordOutcomes>[1][number]['delivery'], result: SendResult) =>
    inTenant(db, tenantId, (tx) => recordOutcomes(tx, [{ delivery: reserved, result, at: clock.now() }]))
  const claim = async () => (await claims().claim(100, clock.now(), false)).reserved
  const read = (id: number) =>
    db.selectFrom('delivery').select(['state', 'reason', 'reserved_at', 'attempt_count']).where('id', '=', id)
  return { clock, tenantId, accountId, claims, claim, deliver, end, read }
}

describe('reserveRepeats', () => {
  it('repeats a send that was cut off under the number stored before the first call, and keeps its slot', async () => {
    const { clock, tenantId, claim, deliver, end, read } = await scene()
    const { id } = await deliver()
    const [first] = await claim()
    expect(first?.isRepeat).toBe(false)
    const stored = await db
      .selectFrom('attempt')
      .select((e) => e.cast<string>('random_id', 'text').as('number'))
      .where('delivery_id', '=', id)
      .executeTakeFirstOrThrow()
    expect(first?.randomId).toBe(BigInt(stored.number))
    await end(first!, UNKNOWN)
    expect(await claim()).toEqual([])
    await clock.advance(MINUTE_MS)
    const [again] = await claim()
    expect(again).toMatchObject({ deliveryId: id, isRepeat: true, attemptNumber: 2, chatId: first?.chatId })
    expect(again?.randomId).toBe(first?.randomId)
    await end(again!, SENT)
    expect(await read(id).executeTakeFirst()).toMatchObject({ state: 'sent', reserved_at: toDate(NOON) })
    expect((await auditGuard(db, tenantId)).findings).toEqual([])
  })

  it('repeats what the end of a process cut off', async () => {
    const { clock, claims, claim, deliver } = await scene()
    const { id } = await deliver()
    const [first] = await claim()
    await claims().recover()
    await clock.advance(MINUTE_MS)
    expect(await claim()).toMatchObject([{ deliveryId: id, isRepeat: true, randomId: first?.randomId }])
  })

  it('waits longer and longer, and never repeats after a day', async () => {
    const { clock, claim, deliver, end, read } = await scene()
    const { id } = await deliver()
    const calls: number[] = []
    for (const at of [0, 1, 2, 3, ...Array.from({ length: 60 }, (_, i) => 30 * (i + 1))].map((m) => m * MINUTE_MS)) {
      await clock.advance(NOON + at - clock.now())
      for (const reserved of await claim()) {
        calls.push(at)
        await end(reserved, UNKNOWN)
      }
    }
    expect(calls.slice(0, 4)).toEqual([0, 1, 2, 3].map((m) => m * MINUTE_MS))
    expect(calls.length).toBeGreaterThan(10)
    expect(calls.length).toBeLessThan(45)
    expect(calls.at(-1)).toBeLessThan(DAY_MS)
    expect(await read(id).executeTakeFirst()).toMatchObject({ state: 'unknown', attempt_count: calls.length })
  })

  it.each([
    ['a refusal', { kind: 'rejected', reason: 'blocked', errorCode: 400 }, 'blocked', false],
    ['a number in use', { kind: 'unknown', reason: 'random_id_used' }, 'random_id_used', false],
    ['a wait', { kind: 'retry', afterMs: 1_000, scope: 'account', reason: 'flood_wait' }, 'flood_wait', true],
    ['a new chat', { kind: 'migrated', newChatId: -5 }, 'chat_migrated', false],
  ] as const)(
    'leaves the doubt about the first call when the repetition meets %s',
    async (_name, result, reason, goesOn) => {
      const { clock, claim, deliver, end, read } = await scene()
      const { id } = await deliver()
      await end((await claim())[0]!, UNKNOWN)
      await clock.advance(MINUTE_MS)
      await end((await claim())[0]!, result)
      expect(await read(id).executeTakeFirst()).toMatchObject({ state: 'unknown', reason, reserved_at: toDate(NOON) })
      await clock.advance(HOUR_MS)
      expect(await claim()).toHaveLength(goesOn ? 1 : 0)
    },
  )

  it('leaves those alone who withdrew, blocked, or whose tenant was stopped meanwhile', async () => {
    const { clock, tenantId, accountId, claim, deliver, end } = await scene()
    const [withdrawn, blocked, fine] = [await deliver(), await deliver(), await deliver()]
    for (const reserved of await claim()) await end(reserved, UNKNOWN)
    await clock.advance(MINUTE_MS)
    await inTenant(db, tenantId, (tx) =>
      recordConsent(tx, {
        contactId: withdrawn.contactId,
        purpose: 'marketing',
        granted: false,
        source: 'test',
        textVersion: 'test-1',
        at: clock.now(),
      }),
    )
    await db
      .updateTable('contact_account')
      .set({ reachability: 'blocked' })
      .where('contact_id', '=', blocked.contactId)
      .execute()
    const stop = (reason: string | null) =>
      db
        .updateTable('account')
        .set({ sending_stopped_at: reason && toDate(NOON), sending_stopped_reason: reason })
        .where('id', '=', accountId)
        .execute()
    await stop('test')
    expect(await claim()).toEqual([])
    await stop(null)
    expect((await claim()).map((d) => d.deliveryId)).toEqual([fine.id])
  })

  it('repeats nothing in another session, for another kind of account or for a stranger', async () => {
    const { clock, tenantId, accountId, claim, deliver, end } = await scene()
    await deliver()
    await end((await claim())[0]!, UNKNOWN)
    await clock.advance(MINUTE_MS)
    const asUser = (change: { readonly kind?: string; readonly linked_at?: Date; readonly token_sealed?: Buffer }) =>
      db.updateTable('account').set(change).where('id', '=', accountId).execute()
    const stranger = await createTenant(db)
    const now = clock.now()
    const find = (tenant: number) => inTenant(db, tenant, (tx) => reserveRepeats(tx, { accountId, limit: 10 }, now))
    expect(await find(stranger)).toEqual([])
    await asUser({ linked_at: toDate(now) })
    expect(await find(tenantId)).toEqual([])
    await asUser({ linked_at: toDate(NOON - DAY_MS), kind: 'bot', token_sealed: Buffer.from([0]) })
    expect(await find(tenantId)).toEqual([])
    await asUser({ kind: 'user' })
    expect(await find(tenantId)).toHaveLength(1)
  })

  it('brings every message exactly once, whatever is cut off, by two processes that race', async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.constantFrom('sent', 'cut_after', 'cut_before', 'died')), async (fates) => {
        const { clock, tenantId, claims, deliver, end, read } = await scene()
        const deliveries = [await deliver(), await deliver(), await deliver(), await deliver()]
        const arrived = new Map<string, number>()
        const perNumber = new Map<bigint, number>()
        for (let round = 0; round < 25; round++) {
          const both = await Promise.all([claims(), claims()].map((lane) => lane.claim(100, clock.now(), false)))
          for (const reserved of both.flatMap((r) => r.reserved)) {
            // After six rounds the connection holds.
            const fate = round > 6 ? 'sent' : (fates.next().value ?? 'sent')
            if (fate !== 'cut_before' && !perNumber.has(reserved.randomId!)) {
              perNumber.set(reserved.randomId!, perNumber.size + 1)
              const chat = String(reserved.chatId)
              arrived.set(chat, (arrived.get(chat) ?? 0) + 1)
            }
            const messageId = perNumber.get(reserved.randomId!) ?? 0
            if (fate !== 'died') await end(reserved, fate === 'sent' ? { kind: 'sent', messageId } : UNKNOWN)
          }
          await claims().recover()
          await clock.advance(30 * MINUTE_MS)
        }
        for (const { id, contactId } of deliveries) {
          expect(await read(id).executeTakeFirst()).toMatchObject({ state: 'sent' })
          expect(arrived.get(String(contactId))).toBe(1)
        }
        expect((await auditGuard(db, tenantId)).findings).toEqual([])
      }),
      { numRuns: 4 },
    )
  }, 60_000)
})
