import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'

import type { MessageClass } from '#contract/words.ts'
import { ManualClock, toDate } from '#server/base/clock.ts'
import { HOUR_MS } from '#server/base/duration.ts'
import { bucketOf } from '#server/base/random.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import {
  type CampaignInput,
  createCampaign,
  getCampaign,
  pauseCampaign,
  resumeCampaign,
  startCampaign,
} from '#server/modules/campaigns/index.ts'
import { type TemplateVariantInput, approveTemplate, createTemplate } from '#server/modules/templates/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import {
  type ContactOptions,
  NOON,
  createAccount,
  createContact,
  createTenant,
  ownerAt,
} from '#server/testing/factories.ts'

import { seedStrategies } from '../strategy/apply-preset.ts'
import { bucketSql } from './campaign-audience.store.ts'
import { cancelCampaignDeliveries, completeFinishedCampaigns } from './end-campaign.ts'
import { planCampaign } from './plan-campaign.ts'

let db: Db
beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

let serial = 0
const setUp = async () => {
  const tenantId = await createTenant(db)
  const accountId = await createAccount(db, tenantId)
  const deps = { db, clock: new ManualClock(NOON) }
  const run = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
  const template = (messageClass: MessageClass = 'commercial', weights: readonly number[] = [1]) =>
    run(async (tx) => {
      const variants = weights.map((weight, i): TemplateVariantInput => ({
        name: `v${i}`,
        locale: 'tr',
        text: `${i} {{sender}} {{opt_out}}`,
        weight,
      }))
      const { id } = await createTemplate(tx, { name: `Şablon ${(serial += 1)}`, messageClass, variants }, NOON)
      await approveTemplate(tx, id, NOON)
      return id
    })
  const start = (input: Partial<CampaignInput> & Pick<CampaignInput, 'steps'>) =>
    run(async (tx) => {
      const { id } = await createCampaign(
        tx,
        { name: `Kampanya ${(serial += 1)}`, kind: 'broadcast', accountId, ...input },
        ownerAt(NOON),
      )
      await startCampaign(tx, id, ownerAt(NOON))
      return id
    })
  return {
    tenantId,
    accountId,
    run,
    template,
    start,
    person: (options: ContactOptions = {}) =>
      createContact(db, tenantId, { accountId, consents: ['marketing'], ...options }),
    plan: (id: number, onProgress?: (done: number, total: number) => void) =>
      planCampaign(deps, tenantId, id, onProgress ? { onProgress } : {}),
    rows: (id: number) =>
      db
        .selectFrom('delivery')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where('campaign_id', '=', id)
        .orderBy('id')
        .execute(),
  }
}

/** Many contacts in one statement: id, account and, for the even ones, consent. */
const createCrowd = async (tenantId: number, accountId: number, count: number) => {
  await sql`
    with people as (
      insert into contact (tenant_id, telegram_id, first_name, first_seen_at, created_at)
      select ${tenantId}, 500000000000 + ${tenantId}::bigint * 1000000 + n, 'Ayşe', ${toDate(NOON)}, ${toDate(NOON)} from generate_series(1, ${count}) n returning id
    ), reach as (
      insert into contact_account (tenant_id, contact_id, account_id, reachability, changed_at, last_inbound_at)
      select ${tenantId}, id, ${accountId}, 'reachable', ${toDate(NOON)}, ${toDate(NOON)} from people
    ), ledger as (
      insert into consent_ledger (tenant_id, contact_id, purpose, granted, text_version, source, at, recorded_at)
      select ${tenantId}, id, 'marketing', true, 'test-1', 'test', ${toDate(NOON)}, ${toDate(NOON)} from people returning id, contact_id
    )
    insert into contact_consent (tenant_id, contact_id, purpose, granted, ledger_id, changed_at)
    select ${tenantId}, contact_id, 'marketing', true, id, ${toDate(NOON)} from ledger`.execute(db)
}

describe('bucketSql', () => {
  it('is bucketOf', async () => {
    for (const parts of [['a'], ['tenant', 7], [3, 'şğİ', 12_345_678_901]]) {
      const { rows } = await sql<{
        bucket: number
      }>`select ${bucketSql(...parts.map((part) => sql`${String(part)}`))} as bucket`.execute(db)
      expect(rows[0]?.bucket).toBe(bucketOf(...parts))
    }
  })
})

describe('planCampaign', () => {
  it('writes of a drip the first step for everybody, due after the start, with a place for each', async () => {
    const { tenantId, run, template, start, person, plan, rows } = await setUp()
    await run((tx) => seedStrategies(tx, NOON))
    const people = [await person(), await person(), await person()]
    const steps = [
      { templateId: await template(), afterHours: 2 },
      { templateId: await template('transactional'), afterHours: 48 },
    ]
    const id = await start({ kind: 'drip', steps, startsAt: NOON + HOUR_MS, endsAt: NOON + 100 * HOUR_MS })
    expect(await plan(id)).toEqual({ audience: 3, written: 3, isComplete: true })
    const written = await rows(id)
    expect(new Set(written.map((row) => row.dedupe_key))).toEqual(
      new Set(people.map((contact) => `campaign:${id}:0:${contact}`)),
    )
    for (const row of written) {
      expect(row).toMatchObject({
        source: 'campaign',
        state: 'planned',
        planned_at: toDate(NOON),
        expires_at: toDate(NOON + 100 * HOUR_MS),
        due_at: toDate(NOON + 3 * HOUR_MS),
        message_class: 'commercial',
        is_outreach: true,
      })
    }
    const places = await db.selectFrom('drip_position').selectAll().where('tenant_id', '=', tenantId).execute()
    expect(places.map((row) => [row.contact_id, row.step, row.state, row.entered_at.getTime()])).toEqual(
      people.map((contact) => [contact, 0, 'active', NOON + HOUR_MS]),
    )
    expect(await run((tx) => getCampaign(tx, id))).toMatchObject({ plannedAt: NOON })
  })

  it('writes nothing twice, whether run again or by several processes at once', async () => {
    const { tenantId, accountId, template, start, plan, rows } = await setUp()
    await createCrowd(tenantId, accountId, 12_000)
    const id = await start({ steps: [{ templateId: await template(), afterHours: 0 }] })
    const reports = await Promise.all([plan(id), plan(id), plan(id)])
    expect(reports.reduce((sum, report) => sum + report.written, 0)).toBe(12_000)
    expect(await plan(id)).toEqual({ audience: 12_000, written: 0, isComplete: true })
    expect(new Set((await rows(id)).map((row) => row.contact_id)).size).toBe(12_000)
  })

  it('tells progress page by page and resumes after a pause', async () => {
    const { tenantId, accountId, run, template, start, plan, rows } = await setUp()
    await createCrowd(tenantId, accountId, 11_000)
    const id = await start({ steps: [{ templateId: await template(), afterHours: 0 }] })
    const told: [number, number][] = []
    let paused: Promise<unknown> = Promise.resolve()
    const first = plan(id, (done, total) => {
      told.push([done, total])
      if (done === 5_000) paused = run((tx) => pauseCampaign(tx, id, ownerAt(NOON)))
    })
    expect(await first).toMatchObject({ isComplete: false })
    await paused
    expect(told[0]).toEqual([5_000, 11_000])
    await expect(plan(id)).rejects.toThrow('campaign_state')
    await run((tx) => resumeCampaign(tx, id, ownerAt(NOON)))
    expect(await plan(id)).toMatchObject({ isComplete: true })
    expect(await rows(id)).toHaveLength(11_000)
  })

  it('takes everybody reachable when no audience is given, and whoever matches every filter otherwise', async () => {
    const { tenantId, accountId, template, start, person, plan, rows } = await setUp()
    const tagged = await person({ tags: ['vip'] })
    const both = await person({ tags: ['vip', 'x'] })
    const blocked = await person({ tags: ['vip'], reachability: 'blocked' })
    const other = await createAccount(db, tenantId)
    await person({ accountId: other, tags: ['vip'] })
    const bot = await person({ tags: ['vip'] })
    await db
      .updateTable('contact')
      .set({ is_bot: true })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', bot)
      .execute()
    await sql`insert into segment_assignment (tenant_id, contact_id, primary_segment, hot_lead, hot_lead_since, rule_revision, inputs, assessed_at)
      values (${tenantId}, ${both}, 'HOT_LEAD', 90, ${toDate(NOON)}, 1, '{}', ${toDate(NOON)})`.execute(db)
    const chat = await db
      .insertInto('chat')
      .values({ tenant_id: tenantId, telegram_id: -100, kind: 'group', title: 'G', added_at: toDate(NOON) })
      .returning('id')
      .executeTakeFirstOrThrow()
    await db
      .insertInto('contact_chat')
      .values({ tenant_id: tenantId, contact_id: tagged, chat_id: chat.id, checked_at: toDate(NOON) })
      .execute()
    const steps = [{ templateId: await template(), afterHours: 0 }]
    const peopleOf = async (audience: CampaignInput['audience']) => {
      const id = await start({ steps, ...(audience && { audience }) })
      await plan(id)
      return (await rows(id)).map((row) => row.contact_id)
    }
    expect(await peopleOf(undefined)).toEqual([tagged, both])
    expect(await peopleOf({ tags: ['vip'] })).toEqual([tagged, both, blocked])
    expect(await peopleOf({ tags: ['vip'], segments: ['HOT_LEAD', 'LURKER'] })).toEqual([both])
    expect(await peopleOf({ segments: ['LURKER'] })).toEqual([])
    expect(await peopleOf({ chats: [chat.id] })).toEqual([tagged])
    expect(accountId).not.toBe(other)
  })

  it('carries the caps of the contact’s strategy and counts as outreach what is not a broadcast to opted-in people', async () => {
    const { tenantId, run, template, start, person, plan, rows } = await setUp()
    await run((tx) => seedStrategies(tx, NOON))
    const contact = await person()
    const unasked = await person({ consents: [] })
    await sql`insert into segment_assignment (tenant_id, contact_id, primary_segment, lurker, lurker_since, rule_revision, inputs, assessed_at)
      values (${tenantId}, ${contact}, 'LURKER', 90, ${toDate(NOON)}, 1, '{}', ${toDate(NOON)})`.execute(db)
    const steps = [{ templateId: await template(), afterHours: 0 }]
    const broadcast = await start({ steps })
    const text = '#reklam 0 {{sender}} {{opt_out}}'
    const advert = await run(async (tx) => {
      const variants = [{ name: 'v0', locale: 'tr', text } as const]
      const { id } = await createTemplate(tx, { name: 'İlan', messageClass: 'commercial', variants }, NOON)
      await approveTemplate(tx, id, NOON)
      return id
    })
    const promo = await start({
      steps: [{ templateId: advert, afterHours: 0 }],
      kind: 'promo',
      endsAt: NOON + 48 * HOUR_MS,
      goal: { kind: 'order', target: 5, stops: false },
    })
    await plan(broadcast)
    await plan(promo)
    expect((await rows(broadcast)).map((row) => [row.contact_id, row.is_outreach])).toEqual([[contact, false], [unasked, true]]) // prettier-ignore
    expect((await rows(promo)).map((row) => row.is_outreach)).toEqual([true, true])
    expect((await rows(broadcast))[0]).toMatchObject({
      segment: 'LURKER',
      strategy_version: 1,
      strategy_cooldown_hours: 72,
      strategy_max_per_day: 1,
    })
    expect((await rows(broadcast))[1]).toMatchObject({
      segment: null,
      strategy_version: null,
      strategy_max_per_day: null,
    })
  })

  it('shares variants by weight, on record, and withholds the holdout', async () => {
    const { tenantId, accountId, template, start, plan, rows } = await setUp()
    await createCrowd(tenantId, accountId, 4_000)
    const templateId = await template('commercial', [1, 3, 0])
    const id = await start({ steps: [{ templateId, afterHours: 0 }], holdoutRatio: 0.2 })
    expect(await plan(id)).toMatchObject({ written: 4_000 })
    const written = await rows(id)
    const shareOf = (variant: string) => written.filter((row) => row.variant === variant).length / written.length
    expect(shareOf('v0')).toBeCloseTo(0.25, 1)
    expect(shareOf('v1')).toBeCloseTo(0.75, 1)
    expect(
      written.every(
        (row) => row.propensity === (row.variant === 'v0' ? 0.25 : 0.75) && row.arm === `${templateId}:${row.variant}`,
      ),
    ).toBe(true)
    const withheld = written.filter((row) => row.is_holdout)
    expect(withheld.length / written.length).toBeCloseTo(0.2, 1)
    expect(withheld.every((row) => row.state === 'refused' && row.reason === 'holdout')).toBe(true)
    expect(written.filter((row) => !row.is_holdout).every((row) => row.state === 'planned')).toBe(true)
  })

  it('posts an announcement into the chats the account may post in', async () => {
    const { tenantId, accountId, template, start, person, plan, rows } = await setUp()
    await person()
    const chat = async (telegramId: number, kind: string, status: string) => {
      const { id } = await db
        .insertInto('chat')
        .values({ tenant_id: tenantId, telegram_id: telegramId, kind, title: 'G', added_at: toDate(NOON) })
        .returning('id')
        .executeTakeFirstOrThrow()
      await db
        .insertInto('chat_account')
        .values({ tenant_id: tenantId, chat_id: id, account_id: accountId, status, changed_at: toDate(NOON) })
        .execute()
      return id
    }
    const group = await chat(-1, 'group', 'member')
    await chat(-2, 'channel', 'administrator')
    await chat(-3, 'channel', 'member')
    await chat(-4, 'group', 'kicked')
    const steps = [{ templateId: await template(), afterHours: 0 }]
    const all = await start({ kind: 'announcement', steps })
    const one = await start({ kind: 'announcement', steps, audience: { chats: [group] } })
    expect(await plan(all)).toEqual({ audience: 2, written: 2, isComplete: true })
    expect(await plan(one)).toEqual({ audience: 1, written: 1, isComplete: true })
    expect((await rows(all)).map((row) => [row.contact_id, row.chat_id, row.is_outreach])).toEqual([[null, -1, false], [null, -2, false]]) // prettier-ignore
  })

  it('refuses a campaign that does not run and a template that lost its approval', async () => {
    const { run, template, start, plan } = await setUp()
    const templateId = await template()
    const id = await start({ steps: [{ templateId, afterHours: 0 }] })
    await db.updateTable('template').set({ state: 'archived' }).where('id', '=', templateId).execute()
    await expect(plan(id)).rejects.toThrow('template_not_approved')
    await run((tx) => pauseCampaign(tx, id, ownerAt(NOON)))
    await expect(plan(id)).rejects.toThrow('campaign_state')
    await expect(plan(999_999)).rejects.toThrow('not_found')
  })
})

describe('cancelCampaignDeliveries', () => {
  it('cancels what waits, leaves what left, and stops a planning under way', async () => {
    const { tenantId, accountId, run, template, start, plan, rows } = await setUp()
    await createCrowd(tenantId, accountId, 11_000)
    const id = await start({ steps: [{ templateId: await template(), afterHours: 0 }] })
    let cancelled: Promise<number> = Promise.resolve(0)
    await plan(id, (done) => {
      if (done === 5_000) cancelled = run((tx) => cancelCampaignDeliveries(tx, id, ownerAt(NOON + 1)))
    })
    await cancelled
    const left = await rows(id)
    expect(left.length).toBeLessThan(11_000)
    expect(left.every((row) => row.state === 'cancelled' && row.reason === 'campaign_cancelled')).toBe(true)
    expect(await cancelled).toBe(left.length)
  })
})

describe('completeFinishedCampaigns', () => {
  it('ends a campaign once nothing of it waits or is on its way', async () => {
    const { tenantId, run, template, start, person, plan } = await setUp()
    await person()
    const id = await start({ steps: [{ templateId: await template(), afterHours: 0 }] })
    expect(await run((tx) => completeFinishedCampaigns(tx, NOON))).toEqual([])
    await plan(id)
    expect(await run((tx) => completeFinishedCampaigns(tx, NOON))).toEqual([])
    await db
      .updateTable('delivery')
      .set({ state: 'failed', reason: 'blocked', finished_at: toDate(NOON) })
      .where('tenant_id', '=', tenantId)
      .execute()
    expect(await run((tx) => completeFinishedCampaigns(tx, NOON + 7))).toEqual([id])
    expect(await run((tx) => getCampaign(tx, id))).toMatchObject({ state: 'completed', endedAt: NOON + 7 })
  })
})
