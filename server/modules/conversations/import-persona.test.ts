import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { GROUP_INTENSITIES, LOCALES, type PackageName, REPLY_MODES } from '#contract/words.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant } from '#server/testing/factories.ts'

import { AppError } from '#server/base/errors.ts'

import { checkPersona } from './check-persona.rules.ts'
import { exportPersona, findPersona, getAccountSettings, importPersona, setReplyMode } from './index.ts'
import { PERSONA_FORMAT, type PersonaFile } from './persona-file.rules.ts'

let db: Db
let tenantId: number
let accountId: number
const actor = { by: 'member:1', at: NOON }

/** The file of the legacy documentation, as it stands there. */
const LEGACY = {
  username: 'customer_bot_123',
  type: 'customer_bot',
  customer_status: 'active',
  customer_info: {
    customer_username: 'musteri_username',
    customer_user_id: 123_456_789,
    package_type: 'premium',
    package_name: 'Premium Paket',
    package_price: 1000,
    bot_limits: 3,
    support_level: 'premium',
    activated_at: '2025-01-26T10:00:00',
    expires_at: '2025-02-26T10:00:00',
  },
  reply_mode: 'hybrid',
  gpt_enhanced: true,
  gpt_mode: 'hybrid',
  vip_price: '300',
  autospam: false,
  bot_config: {
    dm_invite_enabled: true,
    dm_invite_chance: 0.5,
    spam_protection_type: 'advanced',
    max_messages_per_minute: 4,
    group_invite_aggressive: true,
    group_invite_frequency: 'aggressive',
    analytics_enabled: true,
    custom_funnel_enabled: false,
  },
}

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(() => on('professional'))

const on = async (name: PackageName) => {
  tenantId = await createTenant(db, { package: name })
  accountId = await createAccount(db, tenantId)
}
const within = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
const load = (json: unknown, isPreview = false) =>
  within((tx) => importPersona(tx, { accountId, json, isPreview }, actor))
const nothingIsThere = async () => {
  expect(await within((tx) => findPersona(tx, accountId))).toBeNull()
  expect((await within((tx) => getAccountSettings(tx, accountId, NOON))).version).toBe(0)
}

describe('importPersona', () => {
  it('takes a legacy file over: every field is used or listed with its reason', async () => {
    const result = await load(LEGACY)
    expect(result).toMatchObject({
      format: 'legacy',
      isApplied: true,
      persona: { displayName: 'customer_bot_123', language: 'tr' },
      settings: { replyMode: 'hybrid', inviteRatio: 0.5, groupPlacements: 2, productPriceMinor: 30_000 },
      changedSettings: [{ field: 'replyMode', before: 'manual', after: 'hybrid' }],
    })
    const used = [
      'username',
      'reply_mode',
      'vip_price',
      'bot_config.dm_invite_enabled',
      'bot_config.dm_invite_chance',
      'bot_config.group_invite_frequency',
    ]
    const fields = Object.entries(LEGACY).flatMap(([key, value]) =>
      typeof value === 'object' ? Object.keys(value).map((inner) => `${key}.${inner}`) : [key],
    )
    expect([...used, ...result.ignored.map(({ field }) => field)].toSorted()).toEqual(fields.toSorted())
    expect((await within((tx) => findPersona(tx, accountId)))?.displayName).toBe('customer_bot_123')
  })

  it('shows in a preview what an import does, and writes nothing', async () => {
    const { isApplied, ...preview } = await load(LEGACY, true)
    expect(isApplied).toBe(false)
    await nothingIsThere()
    const { isApplied: _, ...applied } = await load(LEGACY)
    expect(applied).toEqual(preview)
  })

  it('leaves settings beyond the package as they are and names the package that takes them', async () => {
    await on('starter')
    const { ignored, settings } = await load({ ...LEGACY, reply_mode: 'gpt_only' })
    expect(settings).toMatchObject({ replyMode: 'manual', inviteRatio: 0.3, groupPlacements: 1 })
    expect(ignored.filter(({ reason }) => reason === 'over_package')).toEqual([
      { field: 'reply_mode', reason: 'over_package', liftedBy: 'enterprise' },
      { field: 'bot_config.dm_invite_chance', reason: 'over_package', liftedBy: 'professional' },
      { field: 'bot_config.group_invite_frequency', reason: 'over_package', liftedBy: 'professional' },
    ])
  })

  it('turns invitations off where the file does, and reads prices as people write them', async () => {
    const read = async (change: object) => (await load({ ...LEGACY, ...change }, true)).settings
    expect((await read({ bot_config: { dm_invite_enabled: false, dm_invite_chance: 0.4 } })).inviteRatio).toBe(0)
    for (const [price, minor] of [
      ['300 ₺', 30_000],
      [249.9, 24_990],
      ['249,5 TL', 24_950],
    ] as const)
      expect((await read({ vip_price: price })).productPriceMinor).toBe(minor)
  })

  it('puts the price of a legacy file into the catalogue, and leaves the one of a present file as it is', async () => {
    const { persona, settings } = await load({ ...LEGACY, vip_price: '450' })
    expect(persona.facts.catalogue).toMatchObject([{ name: 'VIP üyelik', priceMinor: 45_000 }])
    const catalogue = [
      { name: 'Uzun', priceMinor: 60_000, currency: 'TRY' },
      { name: 'Kısa', priceMinor: settings.productPriceMinor, currency: 'TRY' },
    ]
    const file = await within((tx) => exportPersona(tx, accountId, NOON))
    const facts = { ...file.persona.facts, catalogue }
    const changed = { ...file, persona: { ...file.persona, facts }, settings: { productPriceMinor: 60_000 } }
    expect((await load(changed)).persona.facts.catalogue).toEqual(catalogue)
  })

  it.each([
    [{ ...LEGACY, phone: '+905321234567' }, 'persona_secret', 'phone'],
    [{ ...LEGACY, customer_info: { iban: 'x' } }, 'persona_secret', 'customer_info.iban'],
    [{ ...LEGACY, username: 'TR330006100519786457841326' }, 'persona_secret', 'username'],
    [{ ...LEGACY, gpt_prompt: 'x' }, 'field_unknown', 'gpt_prompt'],
    [{ ...LEGACY, username: 'Ben insanım' }, 'persona_hides_ai', 'displayName'],
    [{ ...LEGACY, reply_mode: 'auto' }, 'unknown_word', 'reply_mode'],
    [{ ...LEGACY, reply_mode: 'constructor' }, 'unknown_word', 'reply_mode'],
    [{ ...LEGACY, vip_price: 'çok' }, 'field_form', 'vip_price'],
    [{ ...LEGACY, bot_config: { dm_invite_chance: 50 } }, 'field_large', 'bot_config.dm_invite_chance'],
    [{}, 'field_missing', 'username'],
    [{ format: 'other' }, 'unknown_word', 'format'],
    [{ ...LEGACY, type: 'x'.repeat(150_000) }, 'persona_too_large', 'JSON'],
    [[], 'field_type', 'JSON'],
    [null, 'field_type', 'JSON'],
    [JSON.parse('{"username": "a", "__proto__": {"x": 1}}'), 'field_unknown', '__proto__'],
  ])('refuses %# whole, naming code and field, and takes nothing', async (json, code, field) => {
    await expect(load(json)).rejects.toMatchObject({ kind: 'invalid', code, params: { field } })
    await nothingIsThere()
  })

  it('is closed to another tenant', async () => {
    const stranger = await createTenant(db)
    await expect(
      inTenant(db, stranger, (tx) => importPersona(tx, { accountId, json: LEGACY }, actor)),
    ).rejects.toMatchObject({ kind: 'not_found' })
  })
})

const text = (min: number, max: number) =>
  fc.string({ unit: 'grapheme', minLength: min, maxLength: max }).map((given) => given.trim().slice(0, max))
const isFine = (persona: PersonaFile['persona']): boolean => {
  try {
    return JSON.stringify(checkPersona(persona)) === JSON.stringify(persona)
  } catch (error) {
    if (error instanceof AppError) return false
    throw error
  }
}
const files: fc.Arbitrary<PersonaFile> = fc.record({
  format: fc.constant(PERSONA_FORMAT),
  persona: fc
    .record({
      displayName: text(1, 30),
      tone: text(0, 30),
      style: text(0, 30),
      language: fc.constantFrom(...LOCALES),
      facts: fc.record({
        catalogue: fc.array(
          fc.record({
            name: text(1, 30),
            priceMinor: fc.nat(10_000_000),
            currency: fc.constantFrom('TRY', 'EUR'),
          }),
          { maxLength: 3 },
        ),
        faq: fc.array(fc.record({ question: text(1, 20), answer: text(1, 20) }), { maxLength: 2 }),
        notes: fc.array(text(1, 20), { maxLength: 2 }),
      }),
      doNots: fc.array(text(1, 20), { maxLength: 2 }),
      greeting: text(0, 50),
      menu: fc.array(fc.record({ label: text(1, 20), text: text(1, 20) }), { maxLength: 2 }),
      sampleReplies: fc.array(fc.record({ asked: text(1, 20), answered: text(1, 20) }), { maxLength: 2 }),
    })
    .filter(isFine),
  settings: fc.record({
    replyMode: fc.constantFrom(...REPLY_MODES),
    inviteRatio: fc.double({ min: 0, max: 0.7, noNaN: true }).map(Math.abs),
    draftLifeMinutes: fc.integer({ min: 1, max: 10_080 }),
    holdingMessage: text(0, 30),
    confidenceMin: fc.constantFrom(0, 0.35, 0.6, 1),
    sendsFollowUps: fc.boolean(),
    productPriceMinor: fc.nat(10_000_000),
    productCurrency: fc.constantFrom('TRY', 'EUR'),
    groupIntensity: fc.constantFrom(...GROUP_INTENSITIES),
  }),
})

describe('exportPersona', () => {
  it('gives what an import takes back unchanged, whatever is in it', async () => {
    await on('enterprise')
    await fc.assert(
      fc.asyncProperty(files, async (file) => {
        await load(file)
        const given = await within((tx) => exportPersona(tx, accountId, NOON))
        expect(given).toEqual(file)
        const again = await load(JSON.parse(JSON.stringify(given)) as unknown)
        expect([again.changedFields, again.changedSettings, again.ignored]).toEqual([[], [], []])
      }),
      { numRuns: 25, seed: 7 },
    )
  })

  it('gives what was chosen, so that an export after a downgrade loses nothing', async () => {
    await load(LEGACY)
    await db.updateTable('subscription').set({ package: 'starter' }).where('tenant_id', '=', tenantId).execute()
    const file = await within((tx) => exportPersona(tx, accountId, NOON))
    expect(file.settings.replyMode).toBe('hybrid')
    expect((await load(file)).ignored).toEqual([])
    await within((tx) => setReplyMode(tx, { accountId, mode: 'manual' }, actor))
    expect((await load(file)).ignored).toMatchObject([{ field: 'settings.replyMode', liftedBy: 'professional' }])
  })

  it('says that there is no persona, also to another tenant', async () => {
    await expect(within((tx) => exportPersona(tx, accountId, NOON))).rejects.toMatchObject({ kind: 'not_found' })
    await load(LEGACY)
    const stranger = await createTenant(db)
    await expect(inTenant(db, stranger, (tx) => exportPersona(tx, accountId, NOON))).rejects.toMatchObject({
      kind: 'not_found',
    })
  })
})
