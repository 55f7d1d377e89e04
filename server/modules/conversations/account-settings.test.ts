import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { PACKAGES, type PackageName } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { packageOf } from '#server/modules/billing/index.ts'
import { listAudit } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant } from '#server/testing/factories.ts'

import {
  createPersonaFromPackage,
  describeReplyModes,
  getAccountSettings,
  getPersona,
  listPersonaVersions,
  listStoredSettings,
  setGroupIntensity,
  setInviteRatio,
  setProductPrice,
  setReplyMode,
  updatePersona,
} from './index.ts'

let db: Db
let tenantId: number
let accountId: number
const actor = { by: 'member:1', at: NOON }

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(async () => on('professional'))

const on = async (name: PackageName) => {
  tenantId = await createTenant(db, { package: name })
  accountId = await createAccount(db, tenantId)
}
const within = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
const begin = (name: PackageName = 'professional', displayName = 'Ayşe') =>
  within((tx) => createPersonaFromPackage(tx, { accountId, package: name, locale: 'tr', displayName }, NOON))
const move = (name: PackageName) =>
  db.updateTable('subscription').set({ package: name }).where('tenant_id', '=', tenantId).execute()
const look = () => within((tx) => getAccountSettings(tx, accountId, NOON))

describe('createPersonaFromPackage', () => {
  it.each([
    ['trial', 25_000, 0.3, 1],
    ['starter', 25_000, 0.3, 1],
    ['professional', 30_000, 0.5, 2],
    ['enterprise', 50_000, 0.7, 3],
  ] as const)(
    'begins on %s with a price of %i, a share of %d, %i places, and people answering',
    async (name, priceMinor, ratio, places) => {
      await on(name)
      const persona = await begin(name)
      expect(persona).toMatchObject({
        version: 1,
        displayName: 'Ayşe',
        language: 'tr',
        facts: { catalogue: [{ priceMinor, currency: 'TRY' }] },
      })
      expect(await look()).toMatchObject({
        version: 1,
        chosen: { replyMode: 'manual', inviteRatio: ratio, groupPlacements: places, productPriceMinor: priceMinor },
      })
    },
  )

  it('leaves a persona and settings that exist as they are', async () => {
    await begin()
    await within((tx) => updatePersona(tx, { accountId, change: { greeting: 'Selam' } }, actor))
    await within((tx) => setProductPrice(tx, { accountId, priceMinor: 1 }, actor))
    expect(await begin()).toMatchObject({ version: 3, greeting: 'Selam' })
    expect((await look()).chosen.productPriceMinor).toBe(1)
  })

  it('begins under a plain name where the account is called by a phone number', async () => {
    expect(await begin('professional', '+90 532 123 45 67')).toMatchObject({ displayName: 'Asistan' })
  })

  it('is closed to another tenant', async () => {
    const stranger = await createTenant(db)
    const work = (tx: TenantTx) =>
      createPersonaFromPackage(tx, { accountId, package: 'starter', locale: 'tr', displayName: 'x' }, NOON)
    await expect(inTenant(db, stranger, work)).rejects.toMatchObject({ kind: 'not_found' })
  })
})

describe('updatePersona', () => {
  it('keeps every version and writes down which fields changed', async () => {
    await begin()
    await within((tx) => updatePersona(tx, { accountId, change: { greeting: 'Selam', tone: 'neşeli' } }, actor))
    expect(await within((tx) => updatePersona(tx, { accountId, change: { tone: 'neşeli' } }, actor))).toMatchObject({
      version: 2,
      updatedBy: 'member:1',
    })
    const versions = await within((tx) => listPersonaVersions(tx, accountId))
    expect(versions.map(({ version, tone }) => [version, tone])).toEqual([
      [2, 'neşeli'],
      [1, 'samimi ve saygılı'],
    ])
    const [line] = await within((tx) => listAudit(tx, tenantId, 1))
    expect(line).toMatchObject({
      actor: 'member:1',
      action: 'persona.updated',
      target: `account:${accountId}`,
      detail: { 'version.before': 1, 'version.after': 2, fields: 'tone, greeting' },
    })
  })

  it('refuses a change made on a version that has moved on, and one by another tenant', async () => {
    await begin()
    const change = { accountId, change: { tone: 'x' } }
    await within((tx) => updatePersona(tx, { ...change, expectedVersion: 1 }, actor))
    await expect(within((tx) => updatePersona(tx, { ...change, expectedVersion: 1 }, actor))).rejects.toMatchObject({
      code: 'persona_moved_on',
      params: { version: 2 },
    })
    const stranger = await createTenant(db)
    await expect(inTenant(db, stranger, (tx) => updatePersona(tx, change, actor))).rejects.toMatchObject({
      kind: 'not_found',
    })
    await expect(inTenant(db, stranger, (tx) => getPersona(tx, accountId))).rejects.toMatchObject({ kind: 'not_found' })
  })
})

describe('setReplyMode', () => {
  it('takes what the package has, and names limit and package for what it has not', async () => {
    const set = (mode: 'manual' | 'hybrid' | 'ai') => within((tx) => setReplyMode(tx, { accountId, mode }, actor))
    expect((await set('hybrid')).effective.replyMode).toBe('hybrid')
    await expect(set('ai')).rejects.toMatchObject({
      kind: 'limit_reached',
      code: 'package_feature',
      params: { feature: 'reply_mode', level: 'ai', package: 'professional', liftedBy: 'enterprise' },
    })
    await move('starter')
    await expect(set('ai')).rejects.toMatchObject({ params: { liftedBy: 'enterprise' } })
  })

  it('falls back to what a smaller package allows when read, and forgets nothing', async () => {
    await move('enterprise')
    await within((tx) => setReplyMode(tx, { accountId, mode: 'ai' }, actor))
    await move('professional')
    expect(await look()).toMatchObject({ chosen: { replyMode: 'ai' }, effective: { replyMode: 'hybrid' } })
    await move('starter')
    expect(await look()).toMatchObject({ chosen: { replyMode: 'ai' }, effective: { replyMode: 'manual' } })
    // A change of something else keeps the choice, though it could not be made today.
    await within((tx) => setProductPrice(tx, { accountId, priceMinor: 7 }, actor))
    await move('enterprise')
    expect(await look()).toMatchObject({ effective: { replyMode: 'ai', productPriceMinor: 7 } })
  })

  it('lets people answer by themselves after the end of the subscription, and nothing else', async () => {
    await within((tx) => setReplyMode(tx, { accountId, mode: 'hybrid' }, actor))
    const over = { state: 'cancelled', period_starts_at: toDate(NOON - 2), period_ends_at: toDate(NOON - 1) }
    await db.updateTable('subscription').set(over).where('tenant_id', '=', tenantId).execute()
    expect((await look()).effective.replyMode).toBe('manual')
    await within((tx) => setReplyMode(tx, { accountId, mode: 'manual' }, actor))
    await expect(within((tx) => setReplyMode(tx, { accountId, mode: 'hybrid' }, actor))).rejects.toMatchObject({
      code: 'subscription_over',
    })
  })

  it('writes a version with before and after, and none when nothing changes', async () => {
    await begin()
    await within((tx) => setReplyMode(tx, { accountId, mode: 'hybrid' }, actor))
    await within((tx) => setReplyMode(tx, { accountId, mode: 'hybrid' }, actor))
    const versions = await within((tx) => listStoredSettings(tx, accountId))
    expect(versions.map(({ version, replyMode }) => [version, replyMode])).toEqual([
      [2, 'hybrid'],
      [1, 'manual'],
    ])
    const [line] = await within((tx) => listAudit(tx, tenantId, 1))
    expect(line).toMatchObject({
      action: 'settings.updated',
      detail: { 'replyMode.before': 'manual', 'replyMode.after': 'hybrid', version: 2 },
    })
  })
})

describe('describeReplyModes', () => {
  it('says of each mode whether it may be chosen and what would bring it', async () => {
    expect(await within((tx) => describeReplyModes(tx, accountId, NOON))).toEqual([
      { mode: 'manual', isAllowed: true, liftedBy: null, isChosen: true, holds: true },
      { mode: 'hybrid', isAllowed: true, liftedBy: null, isChosen: false, holds: false },
      { mode: 'ai', isAllowed: false, liftedBy: 'enterprise', isChosen: false, holds: false },
    ])
  })
})

describe('setInviteRatio', () => {
  it('goes from none up to the share of the package', async () => {
    const set = (ratio: number) => within((tx) => setInviteRatio(tx, { accountId, ratio }, actor))
    for (const ratio of [0, 0.5]) expect((await set(ratio)).effective.inviteRatio).toBe(ratio)
    await expect(set(0.51)).rejects.toMatchObject({
      code: 'setting_over_package',
      params: { limit: 0.5, package: 'professional', liftedBy: 'enterprise' },
    })
    for (const ratio of [-0.1, 1.1, Number.NaN])
      await expect(set(ratio)).rejects.toMatchObject({ code: 'number_expected' })
    await move('starter')
    expect((await look()).effective.inviteRatio).toBe(0.3)
  })
})

describe('setGroupIntensity', () => {
  it('is a number of places up to the package’s, and changes no cap of a person', async () => {
    const caps = () => db.selectFrom('tenant_limits').selectAll().where('tenant_id', '=', tenantId).execute()
    const before = await caps()
    const set = (intensity: 'none' | 'simple' | 'intense' | 'very_intense') =>
      within((tx) => setGroupIntensity(tx, { accountId, intensity }, actor))
    expect((await set('intense')).effective.groupPlacements).toBe(2)
    await expect(set('very_intense')).rejects.toMatchObject({ params: { limit: 2, liftedBy: 'enterprise' } })
    await move('enterprise')
    expect((await set('very_intense')).effective.groupPlacements).toBe(3)
    expect(await caps()).toEqual(before)
  })

  it('leaves the caps on one person the same in every package', () => {
    const ofPerson = PACKAGES.map((name) => packageOf(name).pace.outreachCooldownMinutes)
    expect(new Set(ofPerson)).toEqual(new Set([60]))
  })
})

describe('setProductPrice', () => {
  it('takes any whole price in minor units, free included', async () => {
    const set = (priceMinor: number, currency?: string) =>
      within((tx) => setProductPrice(tx, { accountId, priceMinor, ...(currency !== undefined && { currency }) }, actor))
    expect((await set(0)).effective).toMatchObject({ productPriceMinor: 0, productCurrency: 'TRY' })
    expect((await set(999, 'EUR')).effective).toMatchObject({ productPriceMinor: 999, productCurrency: 'EUR' })
    for (const price of [-1, 1.5, Number.MAX_SAFE_INTEGER])
      await expect(set(price)).rejects.toMatchObject({ code: 'amount_out_of_range' })
    await expect(set(1, 'lira')).rejects.toMatchObject({ code: 'field_form' })
  })

  it('is closed to another tenant', async () => {
    const stranger = await createTenant(db)
    await expect(
      inTenant(db, stranger, (tx) => setProductPrice(tx, { accountId, priceMinor: 1 }, actor)),
    ).rejects.toMatchObject({ kind: 'not_found' })
  })

  it('moves the item of the catalogue that stood at the former price, and no other', async () => {
    await begin()
    const { facts } = await within((tx) => getPersona(tx, accountId))
    const gift = { name: 'Hediye', priceMinor: 9_900, currency: 'TRY' }
    const change = { facts: { ...facts, catalogue: [gift, ...facts.catalogue] } }
    await within((tx) => updatePersona(tx, { accountId, change }, actor))
    await within((tx) => setProductPrice(tx, { accountId, priceMinor: 29_990 }, actor))
    const prices = async () =>
      (await within((tx) => getPersona(tx, accountId))).facts.catalogue.map(({ priceMinor }) => priceMinor)
    expect(await prices()).toEqual([9_900, 29_990])
    const own = { facts: { ...facts, catalogue: [gift] } }
    await within((tx) => updatePersona(tx, { accountId, change: own }, actor))
    await within((tx) => setProductPrice(tx, { accountId, priceMinor: 1 }, actor))
    expect(await prices()).toEqual([9_900])
  })

  it('loses no change of two made at once', async () => {
    await begin()
    await Promise.all([
      within((tx) => setProductPrice(tx, { accountId, priceMinor: 5 }, actor)),
      within((tx) => setInviteRatio(tx, { accountId, ratio: 0.1 }, actor)),
      within((tx) => updatePersona(tx, { accountId, change: { tone: 'x' } }, actor)),
    ])
    expect(await look()).toMatchObject({ version: 3, chosen: { productPriceMinor: 5, inviteRatio: 0.1 } })
  })
})
