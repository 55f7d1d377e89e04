import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { eraseContact, exportContact, mergeContacts, recordConsent } from '#server/modules/contacts/index.ts'
import type { Access } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

import {
  getReferrer,
  listReferrers,
  openReferralCard,
  recordReferral,
  redeemPoints,
  setReferralSettings,
  settleReferrals,
} from '../index.ts'
import { publicName, referralCodeOf } from './referral.rules.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const owner = (at = NOON, access: Access = { kind: 'member', role: 'owner' }) => ({ by: 'member:1', access, at })

const scene = async (settings: { readonly isOn?: boolean; readonly dailyMax?: number } = {}) => {
  const tenantId = await createTenant(db)
  const accountId = await createAccount(db, tenantId)
  const run = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
  await run((tx) => setReferralSettings(tx, { isOn: true, ...settings }, owner()))
  const person = (firstName = 'Ayşe') => createContact(db, tenantId, { accountId, firstName })
  const referrerId = await person('Zeynep')
  const open = (contactId = referrerId) => run((tx) => openReferralCard(tx, { contactId, at: NOON }))
  const code = (await open())?.code ?? ''
  const arrive = async (payload = `r_${code}`, at = NOON, newcomerId?: number) => {
    const id = newcomerId ?? (await person())
    await run((tx) => recordReferral(tx, { newcomerId: id, accountId, payload, at }))
    return id
  }
  const consent = (contactId: number) =>
    run((tx) =>
      recordConsent(tx, {
        contactId,
        purpose: 'marketing',
        granted: true,
        textVersion: 't',
        source: 'bot',
        accountId,
        updateId: 1,
        at: NOON,
      }),
    )
  const settle = (at = NOON) => run((tx) => settleReferrals(tx, { at }))
  const show = (contactId = referrerId) => run((tx) => getReferrer(tx, contactId))
  const states = async () =>
    (
      await db
        .selectFrom('referral')
        .select(['newcomer_id', 'state', 'reason'])
        .where('tenant_id', '=', tenantId)
        .orderBy('newcomer_id')
        .execute()
    ).map((row) => row.reason ?? row.state)
  const say = (contactId: number, at: number) =>
    db
      .insertInto('message')
      .values({
        tenant_id: tenantId,
        at: toDate(at),
        contact_id: contactId,
        account_id: accountId,
        chat_id: 5,
        direction: 'in',
        text: 'x',
      })
      .execute()
  return { tenantId, accountId, run, person, referrerId, code, open, arrive, consent, settle, show, states, say }
}

describe('recordReferral', () => {
  it('writes down the first word about a newcomer, and nothing for other payloads or unknown codes', async () => {
    const { person, open, arrive, states, show } = await scene()
    const other = (await open(await person()))?.code ?? ''
    const newcomer = await arrive()
    await arrive(`r_${other}`, NOON, newcomer)
    for (const payload of ['r_nobodyhasit', 'promo', `r_${other} `, 'r_']) await arrive(payload)
    expect(await states()).toEqual(['waiting'])
    expect((await show()).people.waiting).toBe(1)
  })

  it('counts nobody for themselves, nor somebody who must not be written to', async () => {
    const { arrive, referrerId, person, states, tenantId } = await scene()
    await arrive(undefined, NOON, referrerId)
    const back = await person()
    const suppressed = { suppressed_at: toDate(NOON), suppressed_reason: 'erased' } as const
    await db.updateTable('contact').set(suppressed).where('tenant_id', '=', tenantId).where('id', '=', back).execute()
    await arrive(undefined, NOON, back)
    expect(await states()).toEqual([])
  })

  it('writes nothing while the tenant rewards nobody', async () => {
    const { run, open, arrive, states } = await scene()
    await run((tx) => setReferralSettings(tx, { isOn: false }, owner()))
    await arrive()
    expect([await states(), await open()]).toEqual([[], null])
  })

  it('never counts newcomers beyond a day’s number, also when all come at once', async () => {
    const { arrive, states, consent, settle, show } = await scene({ dailyMax: 2 })
    const people = await Promise.all([1, 2, 3, 4].map(() => arrive()))
    expect((await states()).toSorted()).toEqual(['daily_limit', 'daily_limit', 'waiting', 'waiting'])
    for (const id of people) await consent(id)
    expect([await settle(), (await show()).points]).toEqual([2, 20])
    await arrive(undefined, NOON + DAY_MS + 1)
    expect((await states()).at(-1)).toBe('waiting')
  })
})

describe('settleReferrals', () => {
  it('counts who allowed marketing, or wrote three messages on two days, and who still can be reached', async () => {
    const { arrive, consent, settle, show, say, tenantId } = await scene()
    const [agreed, wrote, wroteOnce, left] = [await arrive(), await arrive(), await arrive(), await arrive()]
    await consent(agreed)
    await consent(left)
    await db
      .updateTable('contact_account')
      .set({ reachability: 'blocked' })
      .where('tenant_id', '=', tenantId)
      .where('contact_id', '=', left)
      .execute()
    for (const at of [NOON, NOON + HOUR_MS, NOON + DAY_MS]) await say(wrote, at)
    for (const at of [NOON, NOON + 1, NOON + 2]) await say(wroteOnce, at)
    expect(await settle()).toBe(2)
    expect(await show()).toMatchObject({ points: 20, people: { counted: 2, waiting: 2 } })
    await settle(NOON + 31 * DAY_MS)
    expect((await show()).people).toMatchObject({ counted: 2, waiting: 0, lapsed: 2 })
  })

  it('gives points once when two count at the same moment', async () => {
    const { arrive, consent, settle, show } = await scene()
    for (let n = 0; n < 3; n += 1) await consent(await arrive())
    const counted = await Promise.all([settle(), settle(), settle()])
    expect(counted.reduce((a, b) => a + b)).toBe(3)
    expect(await show()).toMatchObject({ points: 30, people: { counted: 3 } })
  })
})

describe('the ledger of points', () => {
  const sums = async (tenantId: number) => {
    const entries = await db
      .selectFrom('point_entry')
      .select(['contact_id', 'points', 'newcomer_id'])
      .where('tenant_id', '=', tenantId)
      .execute()
    const balances = await db
      .selectFrom('point_balance')
      .select(['contact_id', 'points'])
      .where('tenant_id', '=', tenantId)
      .execute()
    const of = new Map<number, number>()
    for (const entry of entries) of.set(entry.contact_id, (of.get(entry.contact_id) ?? 0) + entry.points)
    return { entries, of, balances: new Map(balances.map((row) => [row.contact_id, row.points])) }
  }

  it('counts a newcomer once and sums up to every balance, whatever happens in whatever order', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('arrive' as const), by: fc.nat(1), who: fc.nat(3) }),
      fc.record({ kind: fc.constant('consent' as const), who: fc.nat(3) }),
      fc.record({ kind: fc.constant('settle' as const) }),
      fc.record({ kind: fc.constant('redeem' as const), by: fc.nat(1), points: fc.integer({ min: 1, max: 25 }) }),
      fc.record({ kind: fc.constant('erase' as const), by: fc.nat(1) }),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 }),
        async (rounds) => {
          const s = await scene({ dailyMax: 3 })
          const referrers = [s.referrerId, await s.person()]
          const codes = [s.code, (await s.open(referrers[1] ?? 0))?.code ?? '']
          const newcomers = [await s.person(), await s.person(), await s.person(), await s.person()]
          let coupons = 0
          const act = (what: (typeof rounds)[number][number]): Promise<unknown> => {
            switch (what.kind) {
              case 'arrive':
                return s.arrive(`r_${codes[what.by]}`, NOON, newcomers[what.who])
              case 'consent':
                return s.consent(newcomers[what.who] ?? 0)
              case 'settle':
                return s.settle()
              case 'redeem': {
                const coupon = `K${(coupons += 1)}xx`
                return s.run((tx) =>
                  redeemPoints(tx, { contactId: referrers[what.by] ?? 0, points: what.points, coupon }, owner()),
                )
              }
              case 'erase':
                return s.run((tx) => eraseContact(tx, referrers[what.by] ?? 0, { by: 'contact', at: NOON }))
            }
          }
          // The steps of a round run at the same moment, each on a connection of its own.
          for (const round of rounds) await Promise.allSettled(round.map(act))
          const { entries, of, balances } = await sums(s.tenantId)
          const counted = entries.flatMap((entry) => (entry.newcomer_id === null ? [] : [entry.newcomer_id]))
          expect(new Set(counted).size).toBe(counted.length)
          for (const id of referrers) expect(of.get(id) ?? 0).toBe(balances.get(id) ?? 0)
        },
      ),
      { numRuns: 12 },
    )
  })

  it('lets nobody change or remove a line', async () => {
    const { arrive, consent, settle, run } = await scene()
    await consent(await arrive())
    await settle()
    await expect(run((tx) => tx.updateTable('point_entry').set({ points: 99 }).execute())).rejects.toThrow(
      /permission denied/,
    )
    await expect(run((tx) => tx.deleteFrom('point_entry').execute())).rejects.toThrow(/permission denied/)
  })
})

describe('redeemPoints', () => {
  const rich = async () => {
    const s = await scene()
    for (let n = 0; n < 3; n += 1) await s.consent(await s.arrive())
    await s.settle()
    const redeem = (points: number, coupon: string, actor = owner()) =>
      s.run((tx) => redeemPoints(tx, { contactId: s.referrerId, points, coupon }, actor))
    return { ...s, redeem }
  }

  it('takes points for a coupon, tells what is missing, and takes a code once', async () => {
    const { redeem, open } = await rich()
    expect(await redeem(20, 'YAZ-10')).toMatchObject({ points: 10 })
    expect(await open()).toMatchObject({ points: 10, coupons: ['YAZ-10'] })
    await expect(redeem(11, 'YAZ-11')).rejects.toMatchObject({
      kind: 'limit_reached',
      code: 'points_short',
      params: { has: 10 },
    })
    await expect(redeem(5, 'YAZ-10')).rejects.toMatchObject({ kind: 'conflict', code: 'coupon_taken' })
    await expect(redeem(5, 'a b')).rejects.toMatchObject({ code: 'coupon_malformed' })
    await expect(redeem(0, 'YAZ-12')).rejects.toMatchObject({ code: 'whole_number_expected' })
    expect((await open())?.points).toBe(10)
  })

  it('gives the same points away once when two members redeem at the same moment', async () => {
    const { redeem, show } = await rich()
    const ends = await Promise.allSettled(['A-1', 'A-2', 'A-3'].map((coupon) => redeem(20, coupon)))
    expect(ends.filter((end) => end.status === 'fulfilled')).toHaveLength(1)
    expect((await show()).points).toBe(10)
  })

  it('is for who may change contacts, of this tenant', async () => {
    const { redeem, referrerId } = await rich()
    for (const access of [{ kind: 'nobody' }, { kind: 'member', role: 'analyst' }] as const)
      await expect(redeem(5, 'YAZ-1', owner(NOON, access))).rejects.toMatchObject({ kind: 'forbidden' })
    const elsewhere = await createTenant(db)
    const input = { contactId: referrerId, points: 5, coupon: 'YAZ-1' }
    await expect(inTenant(db, elsewhere, (tx) => redeemPoints(tx, input, owner()))).rejects.toMatchObject({
      kind: 'not_found',
    })
  })
})

describe('setReferralSettings', () => {
  it('keeps numbers within their bounds, and is for who may change settings', async () => {
    const { run } = await scene()
    const set = (change: object, access?: Access) => run((tx) => setReferralSettings(tx, change, owner(NOON, access)))
    expect(await set({ dailyMax: 3 })).toMatchObject({ isOn: true, dailyMax: 3, waitDays: 30 })
    for (const [field, value] of [
      ['dailyMax', 0],
      ['waitDays', 91],
      ['pointsPerPerson', 1.5],
    ] as const)
      await expect(set({ [field]: value })).rejects.toMatchObject({ code: 'whole_number_expected', params: { field } })
    await expect(set({ isOn: false }, { kind: 'member', role: 'agent' })).rejects.toMatchObject({ kind: 'forbidden' })
  })
})

describe('listReferrers', () => {
  it('shows a first name and one letter, most people first', async () => {
    const { tenantId, referrerId, arrive, consent, settle, run } = await scene()
    await db
      .updateTable('contact')
      .set({ last_name: 'İpek' })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', referrerId)
      .execute()
    await consent(await arrive())
    await arrive()
    await settle()
    expect(await run((tx) => listReferrers(tx, 10))).toEqual([
      { contactId: referrerId, name: 'Zeynep İ.', points: 10, counted: 1, waiting: 1 },
    ])
    expect([publicName('', ''), publicName('Ali', '')]).toEqual(['–', 'Ali'])
  })
})

describe('referralCodeOf', () => {
  it('reads a code and nothing else', () => {
    expect(['r_abcdefgh', 'r_kısa', 'abcdefgh', undefined, `r_${'a'.repeat(33)}`].map(referralCodeOf)).toEqual([
      'abcdefgh',
      null,
      null,
      null,
      null,
    ])
  })
})

describe('a person who brought people', () => {
  it('is exported whole and erased whole, while the ledger still sums up', async () => {
    const { tenantId, referrerId, arrive, consent, settle, run } = await scene()
    await consent(await arrive())
    await settle()
    const file = await run((tx) => exportContact(tx, referrerId, NOON))
    expect(file.sections).toMatchObject({
      pointEntries: [{ points: 10 }],
      brought: [{ state: 'counted' }],
      referralCodes: [{}],
    })
    await run((tx) => eraseContact(tx, referrerId, { by: 'contact', at: NOON }))
    for (const table of ['referral', 'referral_code', 'point_balance'] as const)
      expect(await db.selectFrom(table).selectAll().where('tenant_id', '=', tenantId).execute()).toEqual([])
    const entries = await db.selectFrom('point_entry').select('points').where('tenant_id', '=', tenantId).execute()
    expect(entries.reduce((sum, entry) => sum + entry.points, 0)).toBe(0)
  })

  it('keeps points and people when two records become one', async () => {
    const { tenantId, referrerId, arrive, consent, settle, show, run } = await scene()
    await consent(await arrive())
    await settle()
    const keepId = await createContact(db, tenantId)
    await db.updateTable('contact').set({ telegram_id: null }).where('id', '=', keepId).execute()
    await run((tx) => mergeContacts(tx, keepId, referrerId, NOON))
    expect(await show(keepId)).toMatchObject({ points: 10, people: { counted: 1 }, entries: [{ kind: 'merged' }] })
    const gone = await db.selectFrom('point_entry').select('points').where('contact_id', '=', referrerId).execute()
    expect(gone.reduce((sum, entry) => sum + entry.points, 0)).toBe(0)
  })
})
