import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { CONSENT_PURPOSES } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

import { liftSuppression } from './lift-suppression.ts'
import { recordConsent } from './record-consent.ts'
import { recordOptOut } from './record-opt-out.ts'
import { recordReachability } from './record-reachability.ts'
import { touchContact } from './touch-contact.ts'

let db: Db
let tenantId: number
let accountId: number
let contactId: number
let telegramId = 880_000

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(async () => {
  tenantId = await createTenant(db)
  accountId = await createAccount(db, tenantId)
  telegramId += 1
  contactId = await createContact(db, tenantId, { accountId, telegramId })
})

const inTx = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
const current = async (id = contactId) =>
  Object.fromEntries(
    (await db.selectFrom('contact_consent').select(['purpose', 'granted']).where('contact_id', '=', id).execute()).map(
      (c) => [c.purpose, c.granted],
    ),
  )
const suppressedAt = async (id = contactId) =>
  (await db.selectFrom('contact').select('suppressed_at').where('id', '=', id).executeTakeFirstOrThrow()).suppressed_at
const ledger = () =>
  db.selectFrom('consent_ledger').selectAll().where('contact_id', '=', contactId).orderBy('id').execute()
const optIn = (at: number, updateId?: number) =>
  inTx((tx) =>
    recordConsent(tx, {
      contactId,
      purpose: 'marketing',
      granted: true,
      textVersion: 'tr-3',
      source: 'bot',
      accountId,
      at,
      ...(updateId !== undefined && { updateId }),
    }),
  )
const optOut = (at: number) =>
  inTx((tx) => recordOptOut(tx, { contactId, source: 'command', accountId, updateId: 9, at }))
const events = async () =>
  await db
    .selectFrom('domain_event')
    .select(['type', 'payload'])
    .where('tenant_id', '=', tenantId)
    .orderBy('id')
    .execute()

describe('recordConsent', () => {
  test('keeps the proof in the ledger and the word in force beside it', async () => {
    await optIn(NOON, 41)
    expect(await current()).toEqual({ marketing: true })
    expect(await ledger()).toEqual([
      expect.objectContaining({
        purpose: 'marketing',
        granted: true,
        text_version: 'tr-3',
        source: 'bot',
        account_id: accountId,
        evidence_update_id: 41,
      }),
    ])
    expect(await events()).toEqual([
      { type: 'contact.changed', payload: { contactIds: [contactId] } },
      { type: 'consent.changed', payload: { contactId, purpose: 'marketing', granted: true, source: 'bot' } },
    ])
  })

  test('appends an older word without letting it override a newer one', async () => {
    await optIn(NOON)
    await inTx((tx) =>
      recordConsent(tx, {
        contactId,
        purpose: 'marketing',
        granted: false,
        textVersion: 'tr-2',
        source: 'import',
        at: NOON - 1,
      }),
    )
    expect(await current()).toEqual({ marketing: true })
    expect(await ledger()).toHaveLength(2)
  })

  test('refuses a consent to no text and a contact that does not exist', async () => {
    await expect(
      inTx((tx) =>
        recordConsent(tx, {
          contactId,
          purpose: 'marketing',
          granted: true,
          textVersion: ' ',
          source: 'bot',
          at: NOON,
        }),
      ),
    ).rejects.toMatchObject({ kind: 'invalid', params: { field: 'textVersion' } })
    await expect(
      inTx((tx) =>
        recordConsent(tx, {
          contactId: 999_999_999,
          purpose: 'marketing',
          granted: true,
          textVersion: '1',
          source: 'bot',
          at: NOON,
        }),
      ),
    ).rejects.toThrow(AppError)
  })

  test('a tenant can neither edit nor delete the ledger', async () => {
    await optIn(NOON)
    await expect(inTx((tx) => tx.updateTable('consent_ledger').set({ granted: false }).execute())).rejects.toThrow(
      /permission denied/,
    )
    await expect(inTx((tx) => tx.deleteFrom('consent_ledger').execute())).rejects.toThrow(/permission denied/)
  })
})

describe('recordOptOut', () => {
  test('withdraws marketing and night hours, suppresses, and tells the others', async () => {
    await optIn(NOON)
    await inTx((tx) =>
      recordConsent(tx, {
        contactId,
        purpose: 'ai_processing',
        granted: true,
        textVersion: 'ai-1',
        source: 'bot',
        at: NOON,
      }),
    )
    await optOut(NOON + 1)
    expect(await current()).toEqual({ marketing: false, night_hours: false, ai_processing: true })
    expect(await suppressedAt()).toEqual(new Date(NOON + 1))
    expect((await events()).map((e) => e.type)).toContain('contact.stopped')
    const list = await db.selectFrom('suppression').selectAll().where('tenant_id', '=', tenantId).execute()
    expect(list).toEqual([expect.objectContaining({ reason: 'opted_out', source: 'command', lifted_at: null })])
    expect(list[0]?.person_hash.toString('latin1')).not.toContain(String(telegramId))
  })

  test('a person who is forgotten and comes back is still suppressed, by hash alone', async () => {
    await optOut(NOON)
    await db.updateTable('contact').set({ telegram_id: null, username: null }).where('id', '=', contactId).execute()
    const back = await inTx((tx) =>
      touchContact(tx, {
        accountId,
        at: NOON + 5,
        kind: 'started',
        person: { telegramId, firstName: 'Ayşe', lastName: '', isPremium: false, isBot: false },
      }),
    )
    expect(back).toMatchObject({ created: true })
    expect(await suppressedAt(back?.contactId)).toEqual(new Date(NOON))
  })

  test('only a newer yes, proved by the person’s own update, lifts it', async () => {
    await optOut(NOON)
    await optIn(NOON - 1, 1)
    expect(await suppressedAt()).not.toBeNull()
    await optIn(NOON + 1)
    expect(await suppressedAt()).not.toBeNull()
    await optIn(NOON + 2, 2)
    expect(await suppressedAt()).toBeNull()
    const { lifted_at } = await db
      .selectFrom('suppression')
      .select('lifted_at')
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow()
    expect(lifted_at).toEqual(new Date(NOON + 2))
    await optOut(NOON + 3)
    expect(await suppressedAt()).toEqual(new Date(NOON + 3))
  })

  test('for any history the last word holds, and every word is in the ledger', async () => {
    const step = fc.record({
      act: fc.constantFrom('in', 'out', 'withdraw', 'night'),
      gapMs: fc.integer({ min: 0, max: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        telegramId += 1
        contactId = await createContact(db, tenantId, { telegramId })
        let at = NOON
        let marketing: boolean | undefined
        let night: boolean | undefined
        let suppressed = false
        let words = 0
        for (const [i, { act, gapMs }] of steps.entries()) {
          at += gapMs
          if (act === 'in') await optIn(at, i)
          if (act === 'out') await optOut(at)
          if (act === 'withdraw')
            await inTx((tx) =>
              recordConsent(tx, {
                contactId,
                purpose: 'marketing',
                granted: false,
                textVersion: '1',
                source: 'bot',
                at,
              }),
            )
          if (act === 'night')
            await inTx((tx) =>
              recordConsent(tx, {
                contactId,
                purpose: 'night_hours',
                granted: true,
                textVersion: '1',
                source: 'bot',
                at,
              }),
            )
          marketing = act === 'night' ? marketing : act === 'in'
          night = act === 'night' ? true : act === 'out' ? false : night
          suppressed = act === 'out' ? true : act === 'in' ? false : suppressed
          words += act === 'out' ? 2 : 1
        }
        const now = await current()
        expect(now['marketing']).toBe(marketing)
        expect(now['night_hours']).toBe(night)
        expect((await suppressedAt()) !== null).toBe(suppressed)
        const proof = await ledger()
        expect(proof).toHaveLength(words)
        // The ledger alone yields the same answer.
        for (const purpose of CONSENT_PURPOSES)
          expect(proof.findLast((row) => row.purpose === purpose)?.granted).toBe(now[purpose])
      }),
      { numRuns: 40 },
    )
  })

  test('consent and suppression are invisible to another tenant', async () => {
    await optIn(NOON)
    await optOut(NOON + 1)
    const stranger = await createTenant(db)
    for (const table of ['consent_ledger', 'contact_consent', 'suppression'] as const) {
      const count = (tenant: number) =>
        inTenant(
          db,
          tenant,
          async (tx) =>
            (
              await tx
                .selectFrom(table)
                .select((eb) => eb.fn.countAll<number>().as('n'))
                .executeTakeFirstOrThrow()
            ).n,
        )
      expect([table, (await count(tenantId)) > 0, await count(stranger)]).toEqual([table, true, 0])
    }
    await expect(
      inTenant(db, stranger, (tx) => recordOptOut(tx, { contactId, source: 'x', at: NOON })),
    ).rejects.toMatchObject({ kind: 'not_found' })
  })
})

describe('liftSuppression', () => {
  test('leaves a younger suppression in force', async () => {
    await optOut(NOON)
    await inTx((tx) => liftSuppression(tx, { contactId, source: 'member:1', at: NOON - 1 }))
    expect(await suppressedAt()).not.toBeNull()
  })
})

describe('recordReachability', () => {
  const reach = () =>
    db
      .selectFrom('contact_account')
      .select(['reachability'])
      .where('contact_id', '=', contactId)
      .executeTakeFirstOrThrow()

  test('takes the newest word and speaks up only when something changed', async () => {
    await inTx((tx) => recordReachability(tx, { contactId, accountId, reachability: 'blocked', at: NOON }))
    await inTx((tx) => recordReachability(tx, { contactId, accountId, reachability: 'blocked', at: NOON + 1 }))
    await inTx((tx) => recordReachability(tx, { contactId, accountId, reachability: 'reachable', at: NOON - 1 }))
    expect(await reach()).toEqual({ reachability: 'blocked' })
    expect((await events()).map((e) => e.type)).toEqual(['contact.blocked', 'contact.changed'])
  })
})
