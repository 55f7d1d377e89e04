import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant } from '#server/testing/factories.ts'

import {
  type InviteSettings,
  decideInvites,
  listBatches,
  listProposals,
  planInvites,
  proposeInvites,
  recordInviteRefusal,
  refreshInterests,
  setChatInterests,
  setInviteSettings,
} from '../index.ts'
import { createInviteWorld, owner } from '../invite-world.suite.ts'
import { roomToday } from './proposal.rules.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const scene = async () => {
  const world = await createInviteWorld(db)
  const { run, clock, chatId, tenantId, person, wrote } = world
  await run((tx) => setChatInterests(tx, { chatId, interests: ['price_seeker', 'social'] }, owner()))
  const fan = async (questions = 3) => {
    const guest = await person()
    await wrote(
      guest.id,
      Array.from({ length: questions }, () => 'fiyat nedir'),
    )
    return guest
  }
  const refresh = () => refreshInterests(world.deps, tenantId)
  const propose = async (actor = owner(clock.now())) => {
    await refresh()
    return run((tx) => proposeInvites(tx, {}, actor))
  }
  const peopleIn = async (batchId: number | null) =>
    (await run((tx) => listProposals(tx, batchId ?? 0))).map((proposal) => proposal.contactId)
  const settle = (change: Partial<InviteSettings>) => run((tx) => setInviteSettings(tx, change, owner()))
  const decide = (
    batchId: number | null,
    isApproved = true,
    without: readonly number[] = [],
    actor = owner(clock.now()),
  ) => run((tx) => decideInvites(tx, { batchId: batchId ?? 0, isApproved, without }, actor))
  const proposals = (batchId: number | null) => run((tx) => listProposals(tx, batchId ?? 0))
  const invitations = () =>
    db
      .selectFrom('delivery')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('invite_chat_id', 'is not', null)
      .orderBy('id')
      .execute()
  return { ...world, fan, refresh, propose, peopleIn, settle, decide, proposals, invitations }
}

describe('proposeInvites', () => {
  it('ranks people by what they asked for and how alive they are, with reasons', async () => {
    const { fan, person, wrote, propose, proposals, run } = await scene()
    const [some, many] = [await fan(2), await fan(6)]
    await wrote((await person()).id, ['tamam', 'peki', 'olur'])
    const { batchId, people, isApproved } = await propose()
    expect([people, isApproved]).toEqual([2, false])
    const found = await proposals(batchId)
    expect(found.map((proposal) => proposal.contactId)).toEqual([many.id, some.id])
    expect(found[0]).toMatchObject({ reasons: [{ interest: 'price_seeker', count: 6, days: 20 }], state: 'waiting' })
    expect(found[0]?.score).toBeGreaterThan(found[1]?.score ?? 1)
    expect(await run((tx) => listBatches(tx, { limit: 5 }))).toMatchObject([
      { id: batchId, state: 'proposed', people: 2 },
    ])
  })

  it('proposes nobody who is there, was put out, said no to any account, was invited lately or waits already', async () => {
    const { fan, propose, peopleIn, run, chatId, tenantId, invite, clock } = await scene()
    const [member, kicked, refused, invited, waits] = [await fan(), await fan(), await fan(), await fan(), await fan()]
    for (const [guest, status] of [
      [member, 'member'],
      [kicked, 'kicked'],
    ] as const)
      await db
        .insertInto('contact_chat')
        .values({ tenant_id: tenantId, contact_id: guest.id, chat_id: chatId, status, checked_at: toDate(NOON) })
        .execute()
    await run((tx) => recordInviteRefusal(tx, { contactId: refused.id, chatId, at: NOON }))
    await invite(invited.id)
    expect(await peopleIn((await propose()).batchId)).toEqual([waits.id])
    expect((await propose()).batchId).toBeNull()
    await clock.advance(29 * DAY_MS)
    for (const id of [refused.id, invited.id])
      await db
        .updateTable('message')
        .set({ at: toDate(clock.now() - HOUR_MS) })
        .where('contact_id', '=', id)
        .execute()
    await db
      .updateTable('contact_feature')
      .set((eb) => ({ inbound_count: eb('inbound_count', '+', 1), engagement_at: toDate(clock.now()) }))
      .where('tenant_id', '=', tenantId)
      .execute()
    expect((await propose()).batchId).toBeNull()
    await clock.advance(2 * DAY_MS)
    expect(await peopleIn((await propose()).batchId)).toEqual([invited.id])
  })

  it('proposes nobody who did not allow marketing, stopped, cannot be reached, or is known to an account at rest alone', async () => {
    const { fan, propose, tenantId, refresh } = await scene()
    const [unreached, stopped, withdrawn] = [await fan(), await fan(), await fan()]
    await refresh()
    await db
      .updateTable('contact_account')
      .set({ reachability: 'blocked' })
      .where('contact_id', '=', unreached.id)
      .execute()
    await db
      .updateTable('contact')
      .set({ suppressed_at: toDate(NOON), suppressed_reason: 'opted_out' })
      .where('id', '=', stopped.id)
      .execute()
    await db.updateTable('contact_consent').set({ granted: false }).where('contact_id', '=', withdrawn.id).execute()
    expect((await propose()).batchId).toBeNull()
    await fan()
    await db.updateTable('account').set({ state: 'paused' }).where('tenant_id', '=', tenantId).execute()
    expect((await propose()).batchId).toBeNull()
  })

  it('needs a way in: an address, or a bot that may invite', async () => {
    const { fan, propose, tenantId } = await scene()
    await fan()
    await db.updateTable('chat_account').set({ rights: '{}' }).where('tenant_id', '=', tenantId).execute()
    expect((await propose()).batchId).toBeNull()
    await db.updateTable('chat').set({ username: 'musteriler' }).where('tenant_id', '=', tenantId).execute()
    expect((await propose()).people).toBe(1)
  })

  it('stays within the day’s number of the tenant and of the package, however many ask at once', async () => {
    const { fan, propose, settle, run, clock, tenantId, refresh } = await scene()
    for (let n = 0; n < 5; n += 1) await fan()
    await refresh()
    await settle({ dailyMax: 3 })
    await db.updateTable('tenant_limits').set({ outreach_daily_max: 2 }).where('tenant_id', '=', tenantId).execute()
    const rounds = await Promise.all([1, 2, 3].map(() => run((tx) => proposeInvites(tx, {}, owner(clock.now())))))
    expect(rounds.reduce((sum, round) => sum + round.people, 0)).toBe(2)
    await clock.advance(DAY_MS)
    expect((await propose()).people).toBe(2)
    expect([roomToday([null, null], 5), roomToday([3, null], 5), roomToday([0, 9], 0)]).toEqual([
      Number.POSITIVE_INFINITY,
      0,
      0,
    ])
  })

  it('is for who may change campaigns', async () => {
    const { propose } = await scene()
    await expect(propose(owner(NOON, { kind: 'member', role: 'analyst' }))).rejects.toMatchObject({ kind: 'forbidden' })
  })
})

describe('planInvites', () => {
  it('proposes again after the tenant’s hours, and lets a batch expire that nobody decided', async () => {
    const { fan, refresh, run, clock } = await scene()
    const plan = () => run((tx) => planInvites(tx, clock.now()))
    await fan()
    await refresh()
    expect(await plan()).toMatchObject({ people: 1 })
    await fan()
    await refresh()
    expect(await plan()).toBeNull()
    await clock.advance(6 * HOUR_MS)
    await refresh()
    expect(await plan()).toMatchObject({ people: 1 })
    await clock.advance(4 * DAY_MS)
    await plan()
    expect((await run((tx) => listBatches(tx, { limit: 5 }))).map((batch) => batch.state)).toContain('expired')
  })
})

describe('decideInvites', () => {
  it('sends an approved batch to the guard, without those taken out, and once', async () => {
    const { fan, propose, decide, send, invitations, proposals, asked } = await scene()
    const [one, two] = [await fan(), await fan()]
    const { batchId } = await propose()
    expect(await send()).toBe(0)
    await decide(batchId, true, [two.id])
    const sent = await Promise.all([send(), send()])
    expect(sent.reduce((a, b) => a + b)).toBe(1)
    expect(await invitations()).toMatchObject([{ contact_id: one.id, message_class: 'commercial', is_outreach: true }])
    expect(await proposals(batchId)).toMatchObject([{ contactId: one.id, state: 'invited' }])
    expect(asked).toContain(one.telegramId)
    await expect(decide(batchId)).rejects.toMatchObject({ kind: 'conflict', code: 'invites_decided' })
  })

  it('invites nobody of a rejected batch', async () => {
    const { fan, propose, decide, send, invitations } = await scene()
    await fan()
    const { batchId } = await propose()
    await decide(batchId, false)
    expect([await send(), await invitations()]).toEqual([0, []])
  })

  it('is approved by itself only where the tenant set it so', async () => {
    const { fan, propose, settle, send } = await scene()
    await settle({ isAuto: true })
    await fan()
    expect(await propose()).toMatchObject({ isApproved: true })
    expect(await send()).toBe(1)
  })

  it('is for who may start campaigns, of this tenant', async () => {
    const { fan, propose, decide } = await scene()
    await fan()
    const { batchId } = await propose()
    await expect(decide(batchId, true, [], owner(NOON, { kind: 'member', role: 'agent' }))).rejects.toMatchObject({
      kind: 'forbidden',
    })
    const stranger = await createTenant(db)
    const decision = { batchId: batchId ?? 0, isApproved: true }
    await expect(inTenant(db, stranger, (tx) => decideInvites(tx, decision, owner()))).rejects.toMatchObject({
      kind: 'not_found',
    })
  })
})

describe('sendApprovedInvites', () => {
  it('asks whether somebody is in before inviting, and skips with the reason what no longer holds', async () => {
    const { fan, propose, decide, send, proposals, place, run, chatId, telegram, clock } = await scene()
    const [inside, refuses, unknown] = [await fan(), await fan(), await fan()]
    const { batchId } = await propose()
    await decide(batchId)
    place.members.set(inside.telegramId, { userId: inside.telegramId, status: 'member', isMember: true, isBot: false })
    await run((tx) => recordInviteRefusal(tx, { contactId: refuses.id, chatId, at: clock.now() }))
    expect(await send()).toBe(1)
    const reasons = async () =>
      Object.fromEntries((await proposals(batchId)).map((p) => [p.contactId, p.skipReason ?? p.state]))
    expect(await reasons()).toEqual({
      [inside.id]: 'already_member',
      [refuses.id]: 'invite_refused',
      [unknown.id]: 'invited',
    })
    telegram.refuse(-1_001_000, 'chat_not_found')
    const late = await fan()
    const next = await propose()
    await decide(next.batchId)
    expect(await send()).toBe(0)
    expect(await proposals(next.batchId)).toMatchObject([{ contactId: late.id, skipReason: 'membership_unknown' }])
  })

  it('remembers a no for every account of the tenant', async () => {
    const { fan, invite, answer, propose, tenantId } = await scene()
    const guest = await fan()
    await answer(guest.id, await invite(guest.id), 'invite_no')
    const other = await createAccount(db, tenantId)
    const known = {
      tenant_id: tenantId,
      contact_id: guest.id,
      account_id: other,
      reachability: 'reachable',
      changed_at: toDate(NOON),
    }
    await db.insertInto('contact_account').values(known).execute()
    await db
      .updateTable('delivery')
      .set({ reserved_at: toDate(NOON - 40 * DAY_MS) })
      .where('tenant_id', '=', tenantId)
      .execute()
    expect((await propose()).batchId).toBeNull()
  })
})
