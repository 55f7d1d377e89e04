import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { PackageName } from '#contract/words.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { reserveSlots } from '#server/modules/delivery/guard/reserve-slots.ts'
import { listAudit } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createDelivery, createTenant } from '#server/testing/factories.ts'

import {
  getChatProtection,
  getProtection,
  type ProtectionChange,
  recordChat,
  setChatProtection,
  setProtectionLevel,
} from './index.ts'

let db: Db
let tenantId: number
const actor = { by: 'member:1', at: NOON - 1 }

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(() => on('enterprise'))

const on = async (name: PackageName) => {
  tenantId = await createTenant(db, { package: name, limits: { per_minute_max: 6, group_post_cooldown_seconds: 60 } })
}
const within = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
const set = (change: ProtectionChange) => within((tx) => setProtectionLevel(tx, change, actor))
const move = (name: PackageName) =>
  db.updateTable('subscription').set({ package: name }).where('tenant_id', '=', tenantId).execute()

describe('setProtectionLevel', () => {
  it('takes the level of the package, names the package for a higher one, and falls back without forgetting', async () => {
    await on('professional')
    expect(await set({ level: 'advanced' })).toMatchObject({ level: 'advanced', parameters: { burstMessages: 4 } })
    await expect(set({ level: 'custom' })).rejects.toMatchObject({
      code: 'package_feature',
      params: { feature: 'spam', level: 'custom', liftedBy: 'enterprise' },
    })
    await move('starter')
    expect(await within(getProtection)).toMatchObject({
      chosenLevel: 'advanced',
      level: 'basic',
      parameters: { burstMessages: 5, burstSeconds: 60, repeatedCharacters: 5, emojiMax: 10 },
    })
    await move('professional')
    expect(await within(getProtection)).toMatchObject({ level: 'advanced' })
  })

  it('takes own parameters and words where the level allows them, stricter ones only', async () => {
    expect(
      await set({ level: 'custom', parameters: { burstMessages: 2 }, words: [' rakip* ', 'rakip*'] }),
    ).toMatchObject({ version: 1, parameters: { burstMessages: 2, burstSeconds: 60 }, words: ['rakip*'] })
    await expect(set({ parameters: { burstMessages: 6 } })).rejects.toMatchObject({
      code: 'protection_bounds',
      params: { field: 'burstMessages', min: 2, max: 5, floor: 5 },
    })
    await expect(set({ words: ['*'] })).rejects.toMatchObject({ code: 'spam_word', params: { field: 'words[0]' } })
    await on('professional')
    await set({ level: 'advanced', words: ['rakip'] })
    await expect(set({ parameters: { emojiMax: 3 } })).rejects.toMatchObject({
      code: 'protection_level',
      params: { field: 'parameters', level: 'advanced', liftedBy: 'enterprise' },
    })
    const many = Array.from({ length: 51 }, (_, i) => `kelime${i}`)
    await expect(set({ words: many })).rejects.toMatchObject({ code: 'protection_level', params: { field: 'words' } })
    await on('starter')
    await expect(set({ words: ['rakip'] })).rejects.toMatchObject({ params: { liftedBy: 'professional' } })
  })

  it('holds sending tighter than the package, never looser, and the smaller of the two holds', async () => {
    await set({ level: 'custom', limits: { perMinuteMax: 2, groupPostCooldownSeconds: 90 } })
    await expect(set({ limits: { perMinuteMax: 7 } })).rejects.toMatchObject({
      code: 'protection_weaker',
      params: { field: 'perMinuteMax', limit: 6, given: 7 },
    })
    await expect(set({ limits: { groupPostCooldownSeconds: 59 } })).rejects.toMatchObject({ code: 'protection_weaker' })
    await expect(set({ limits: { perMinuteMax: 0 } })).rejects.toMatchObject({ code: 'whole_number_expected' })
    const accountId = await createAccount(db, tenantId)
    for (let i = 0; i < 4; i += 1) {
      const contactId = await createContact(db, tenantId, { accountId })
      await createDelivery(db, tenantId, {
        accountId,
        contactId,
        chatId: contactId,
        messageClass: 'transactional',
        dueAt: NOON - 1,
      })
    }
    const reserve = async (now: number) =>
      (await within((tx) => reserveSlots(tx, { accountId, now, limit: 10 }))).reserved.length
    expect(await reserve(NOON)).toBe(2)
    // The package becomes the stricter one.
    await db.updateTable('tenant_limits').set({ per_minute_max: 1 }).where('tenant_id', '=', tenantId).execute()
    expect(await reserve(NOON + 61_000)).toBe(1)
    expect((await set({ limits: { perMinuteMax: null } })).limits.own).toMatchObject({
      perMinuteMax: null,
      groupPostCooldownSeconds: 90,
    })
  })

  it('lets basic protection hold nothing tighter, and writes down before and after', async () => {
    await set({ level: 'custom', parameters: { emojiMax: 0 } })
    await set({ parameters: {} })
    const [line] = await within((tx) => listAudit(tx, tenantId, 1))
    expect(line).toMatchObject({
      actor: 'member:1',
      action: 'protection.updated',
      detail: { 'parameters.before': '{"emojiMax":0}', 'parameters.after': '{}' },
    })
    await on('starter')
    await expect(set({ limits: { perMinuteMax: 1 } })).rejects.toMatchObject({
      code: 'protection_level',
      params: { liftedBy: 'professional' },
    })
  })
})

describe('setChatProtection', () => {
  it('makes one group stricter than the others, and is closed to another tenant', async () => {
    const chat = { telegramId: -1_000_000_000_777, kind: 'supergroup', title: 'Grup', username: null } as const
    const chatId = await within((tx) => recordChat(tx, { chat, at: NOON }))
    await set({ level: 'custom', parameters: { burstMessages: 3 } })
    const tune = (parameters: Readonly<Record<string, unknown>>, tenant = tenantId) =>
      inTenant(db, tenant, (tx) => setChatProtection(tx, { chatId, parameters }, actor))
    expect(await tune({ burstMessages: 4, emojiMax: 2 })).toMatchObject({
      parameters: { burstMessages: 3, emojiMax: 2 },
    })
    await expect(tune({ emojiMax: 99 })).rejects.toMatchObject({ code: 'protection_bounds' })
    await expect(tune({}, await createTenant(db))).rejects.toMatchObject({ kind: 'not_found' })
    await move('starter')
    expect((await within((tx) => getChatProtection(tx, chatId))).parameters.emojiMax).toBe(10)
    await expect(tune({ emojiMax: 1 })).rejects.toMatchObject({ params: { liftedBy: 'professional' } })
    expect((await tune({})).own).toEqual({})
  })
})
