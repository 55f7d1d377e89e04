import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { recordConsent, recordOptOut } from '#server/modules/contacts/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import {
  NOON,
  type DeliveryOptions,
  type TenantOptions,
  createAccount,
  createContact,
  createDelivery,
  createTenant,
  createUserAccount,
} from '#server/testing/factories.ts'

import { auditGuard } from './audit-guard.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const scene = async (limits: TenantOptions['limits'] = {}) => {
  const tenantId = await createTenant(db, { limits: { outreach_cooldown_minutes: 0, ...limits } })
  const accountId = await createAccount(db, tenantId)
  const person = (consents: readonly 'marketing'[] = ['marketing']) =>
    createContact(db, tenantId, { accountId, consents, at: NOON - 40 * DAY_MS })
  const sent = (contactId: number | null, sentAt: number, more: Partial<DeliveryOptions> = {}) =>
    createDelivery(db, tenantId, { accountId, contactId, chatId: contactId ?? -100, sentAt, ...more })
  const rules = async () => (await auditGuard(db, tenantId)).findings.map((f) => f.rule)
  return { tenantId, accountId, person, sent, rules }
}

const quiet = { messageClass: 'transactional' } as const

describe('auditGuard', () => {
  it('finds nothing in a clean ledger and says how much it looked at', async () => {
    const { tenantId, person, sent } = await scene({ outreach_hourly_max: 2, per_minute_max: 1 })
    const contact = await person()
    await sent(contact, NOON)
    await sent(contact, NOON + 2 * HOUR_MS)
    expect(await auditGuard(db, tenantId)).toEqual({ checked: 2, findings: [] })
  })

  const breaches: readonly [string, TenantOptions['limits'], Partial<DeliveryOptions>, readonly number[]][] = [
    ['hard_ceiling_gap', {}, {}, [0, HOUR_MS]],
    ['hard_ceiling_daily', {}, {}, [0, 3, 6, 9, 11.5, -11.9].map((h) => h * HOUR_MS * 0.75)],
    ['strategy_cooldown', {}, { strategy: { cooldownHours: 9, maxPerDay: 5 } }, [0, 8 * HOUR_MS]],
    ['strategy_daily', {}, { strategy: { cooldownHours: 2, maxPerDay: 1 } }, [0, 8 * HOUR_MS]],
    ['outreach_cooldown', { outreach_cooldown_minutes: 60 }, { ...quiet, isOutreach: true }, [0, 59 * MINUTE_MS]],
    ['outreach_hourly', { outreach_hourly_max: 1 }, { ...quiet, isOutreach: true }, [0, 59 * MINUTE_MS]],
    ['outreach_daily', { outreach_daily_max: 1 }, { ...quiet, isOutreach: true }, [0, 9 * HOUR_MS]],
    ['account_per_minute', { per_minute_max: 2 }, quiet, [0, 20_000, 59_000]],
    ['tenant_daily_quota', { daily_messages_max: 1 }, quiet, [0, 9 * HOUR_MS]],
    ['tenant_monthly_quota', { monthly_messages_max: 1 }, quiet, [0, 29 * DAY_MS]],
    ['group_invite_cooldown', {}, { ...quiet, inviteChatId: 5 }, [0, 29 * DAY_MS]],
    ['telegram_chat_rate', {}, quiet, [0, 900]],
  ]
  it.each(breaches)(
    'finds a breach of %s, and none when the last send comes a window later',
    async (rule, limits, options, offsets) => {
      const bad = await scene(limits)
      const contact = await bad.person()
      for (const offset of offsets) await bad.sent(contact, NOON + offset, options)
      expect(await bad.rules()).toContain(rule)
      const good = await scene(limits)
      const other = await good.person()
      for (const [i] of offsets.entries()) await good.sent(other, NOON + i * 31 * DAY_MS, options)
      expect(await good.rules()).toEqual([])
    },
  )

  it('finds group posts that came too fast', async () => {
    const { sent, rules } = await scene({ group_post_cooldown_seconds: 300 })
    await sent(null, NOON, quiet)
    await sent(null, NOON + 200_000, quiet)
    expect(await rules()).toEqual(['group_post_cooldown'])
  })

  it('takes calls under one number for one message, unless they are a day apart or of an account without numbers', async () => {
    const { tenantId, accountId, person, sent, rules } = await scene()
    const userId = await createUserAccount(db, tenantId)
    const attempts = async (account: number, numbers: readonly number[], laterMs: number) => {
      const id = await sent(await person(), NOON)
      const rows = numbers.map((randomId, i) => ({
        tenant_id: tenantId,
        delivery_id: id,
        account_id: account,
        number: i + 1,
        started_at: toDate(NOON + i * laterMs),
        finished_at: toDate(NOON + i * laterMs),
        result: i === 0 ? 'unknown' : 'sent',
        random_id: randomId,
      }))
      await db.insertInto('attempt').values(rows).execute()
    }
    await attempts(userId, [5, 5], MINUTE_MS)
    expect(await rules()).toEqual([])
    await attempts(userId, [6, 7], MINUTE_MS)
    expect(await rules()).toEqual(['sent_twice'])
    await attempts(userId, [8, 8], DAY_MS + 1)
    expect(await rules()).toEqual(['sent_twice', 'repeated_late'])
    await attempts(accountId, [9, 9], MINUTE_MS)
    expect(await rules()).toEqual(['sent_twice', 'repeated_late', 'repeated_late'])
  })

  it('finds missing consent, quiet hours, repeats and double sends', async () => {
    const { tenantId, accountId, person, sent, rules } = await scene()
    await sent(await person([]), NOON)
    expect(await rules()).toEqual(['no_consent'])
    const night = await person()
    await sent(night, NOON + 12 * HOUR_MS)
    expect(await rules()).toEqual(['no_consent', 'quiet_hours'])
    const twice = await person()
    await sent(twice, NOON, { text: 'aynı' })
    const second = await sent(twice, NOON + 3 * DAY_MS, { text: 'aynı' })
    expect(await rules()).toEqual(['no_consent', 'quiet_hours', 'duplicate_content'])
    const attempt = (number: number) => ({
      tenant_id: tenantId,
      delivery_id: second,
      account_id: accountId,
      number,
      started_at: toDate(NOON),
      finished_at: toDate(NOON),
      result: 'sent',
    })
    await db
      .insertInto('attempt')
      .values([attempt(1), attempt(2)])
      .execute()
    expect(await rules()).toEqual(['no_consent', 'quiet_hours', 'duplicate_content', 'sent_twice'])
  })

  it('binds sends by a withdrawal from when it was written, not from when it was said', async () => {
    const { tenantId, person, sent, rules } = await scene()
    const contact = await person()
    await sent(contact, NOON)
    const withdraw = (recordConsentAt: number) =>
      inTenant(db, tenantId, (tx) =>
        recordConsent(tx, {
          contactId: contact,
          purpose: 'marketing',
          granted: false,
          textVersion: 'v1',
          source: 'bot',
          at: recordConsentAt,
        }),
      )
    await withdraw(NOON - MINUTE_MS)
    expect(await rules()).toEqual([])
    await sent(contact, NOON + 3 * HOUR_MS)
    expect(await rules()).toEqual(['no_consent'])
  })

  it('counts the last word said, though an older one was written after it', async () => {
    const { tenantId, person, sent, rules } = await scene()
    const contact = await person()
    const say = (granted: boolean, at: number) =>
      inTenant(db, tenantId, (tx) =>
        recordConsent(tx, { contactId: contact, purpose: 'marketing', granted, textVersion: 'v1', source: 'bot', at }),
      )
    await say(true, NOON - 60 * MINUTE_MS)
    await sent(contact, NOON)
    await say(false, NOON - 90 * MINUTE_MS)
    await sent(contact, NOON + 3 * HOUR_MS)
    expect(await rules()).toEqual([])
  })

  it('finds what left by itself after the subscription was over, by the end that was known then', async () => {
    const { tenantId, person, sent, rules } = await scene()
    const contact = await person()
    const until = (at: number | null, changedAt: number) =>
      db
        .updateTable('tenant_limits')
        .set({ automated_until: at === null ? null : toDate(at), changed_at: toDate(changedAt) })
        .where('tenant_id', '=', tenantId)
        .execute()
    await sent(contact, NOON)
    await until(NOON + HOUR_MS, NOON + 1)
    await sent(contact, NOON + HOUR_MS - 1, quiet)
    const typed = await sent(contact, NOON + 2 * HOUR_MS, quiet)
    await db.updateTable('delivery').set({ is_human: true }).where('id', '=', typed).execute()
    expect(await rules()).toEqual([])
    await sent(contact, NOON + 3 * HOUR_MS, { messageClass: 'reply' })
    expect(await rules()).toEqual(['subscription_over'])
    await until(null, NOON + 4 * HOUR_MS)
    await sent(contact, NOON + 5 * HOUR_MS, quiet)
    expect(await rules()).toEqual(['subscription_over'])
  })

  it('finds what a model said where it had to be silent', async () => {
    const { tenantId, accountId, person, sent, rules } = await scene()
    const [contact, gone] = [await person(), await person()]
    const mode = (version: number, replyMode: string, at: number) =>
      db
        .insertInto('account_setting')
        .values({
          tenant_id: tenantId,
          account_id: accountId,
          version,
          is_current: false,
          reply_mode: replyMode,
          invite_ratio: 0,
          group_placements: 0,
          product_price_minor: 0,
          product_currency: 'TRY',
          updated_by: 'test',
          updated_at: toDate(at),
        })
        .execute()
    const says = async (contactId: number, at: number) => {
      const id = await sent(contactId, at, { messageClass: 'reply' })
      await db.updateTable('delivery').set({ is_ai: true }).where('id', '=', id).execute()
    }
    await mode(1, 'ai', NOON - HOUR_MS)
    await says(contact, NOON)
    expect(await rules()).toEqual([])
    await inTenant(db, tenantId, (tx) => recordOptOut(tx, { contactId: gone, source: 'command', at: NOON }))
    await says(gone, NOON + HOUR_MS)
    expect(await rules()).toEqual(['ai_silenced'])
    await db
      .insertInto('conversation')
      .values({
        tenant_id: tenantId,
        account_id: accountId,
        contact_id: contact,
        opened_at: toDate(NOON),
        last_inbound_at: toDate(NOON),
        handed_over_at: toDate(NOON + HOUR_MS),
        hand_over_reason: 'asked_for_human',
      })
      .execute()
    await says(contact, NOON + 2 * HOUR_MS)
    expect(await rules()).toEqual(['ai_silenced', 'ai_silenced'])
    await mode(2, 'hybrid', NOON + 3 * HOUR_MS)
    await says(await person(), NOON + 3 * HOUR_MS + 30_000)
    expect(await rules()).toHaveLength(2)
    await says(await person(), NOON + 4 * HOUR_MS)
    expect(await rules()).toHaveLength(3)
  })

  it('holds a send to the tenant’s own limit where that is the stricter one', async () => {
    const { tenantId, person, sent, rules } = await scene({ per_minute_max: 4 })
    const contact = await person()
    const own = (n: number | null, changedAt: number) =>
      db
        .updateTable('tenant_limits')
        .set({ own_per_minute_max: n, changed_at: toDate(changedAt) })
        .where('tenant_id', '=', tenantId)
        .execute()
    await own(1, NOON - 1)
    await sent(contact, NOON, quiet)
    await sent(contact, NOON + 30_000, quiet)
    expect(await rules()).toEqual(['account_per_minute'])
    await own(9, NOON + DAY_MS)
    for (let i = 0; i < 5; i += 1) await sent(contact, NOON + 2 * DAY_MS + i * 5_000, quiet)
    expect(await rules()).toEqual(['account_per_minute', 'account_per_minute'])
  })

  it('judges each send by the limits of its own time', async () => {
    const { tenantId, person, sent, rules } = await scene({ per_minute_max: 10 })
    const contact = await person()
    await sent(contact, NOON, quiet)
    await sent(contact, NOON + 30_000, quiet)
    await db
      .updateTable('tenant_limits')
      .set({ per_minute_max: 1, changed_at: toDate(NOON + DAY_MS) })
      .where('tenant_id', '=', tenantId)
      .execute()
    expect(await rules()).toEqual([])
    await sent(contact, NOON + 2 * DAY_MS, quiet)
    await sent(contact, NOON + 2 * DAY_MS + 30_000, quiet)
    expect(await rules()).toEqual(['account_per_minute'])
  })
})
