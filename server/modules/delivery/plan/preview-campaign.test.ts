import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'

import { ManualClock, toDate } from '#server/base/clock.ts'
import { HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { type CampaignInput, createCampaign, startCampaign } from '#server/modules/campaigns/index.ts'
import { approveTemplate, createTemplate } from '#server/modules/templates/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import {
  type ContactOptions,
  type TenantOptions,
  NOON,
  createAccount,
  createContact,
  createTenant,
  ownerAt,
} from '#server/testing/factories.ts'

import { seedStrategies } from '../strategy/apply-preset.ts'
import { planCampaign } from './plan-campaign.ts'
import { previewCampaign } from './preview-campaign.ts'
import { campaignReport } from './report-campaign.ts'

let db: Db
beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

let serial = 0
const setUp = async (options: TenantOptions = {}) => {
  const tenantId = await createTenant(db, options)
  const accountId = await createAccount(db, tenantId)
  const clock = new ManualClock(NOON)
  const run = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
  const templateId = await run(async (tx) => {
    await seedStrategies(tx, NOON)
    const text = 'Merhaba {{first_name|dostum}} {{sender}} {{opt_out}}'
    const { id } = await createTemplate(
      tx,
      { name: 'Şablon', messageClass: 'commercial', variants: [{ name: 'a', locale: 'tr', text }] },
      NOON,
    )
    await approveTemplate(tx, id, NOON)
    return id
  })
  return {
    tenantId,
    accountId,
    clock,
    run,
    templateId,
    draft: (input: Partial<CampaignInput> = {}) =>
      run(async (tx) => {
        const steps = [{ templateId, afterHours: 0 }]
        return (
          await createCampaign(
            tx,
            { name: `K ${(serial += 1)}`, kind: 'broadcast', accountId, steps, ...input },
            ownerAt(NOON),
          )
        ).id
      }),
    person: (over: ContactOptions = {}) =>
      createContact(db, tenantId, { accountId, consents: ['marketing'], tags: ['all'], ...over }),
    preview: (id: number) => previewCampaign({ db, clock }, tenantId, id),
    plan: async (id: number) => {
      await run((tx) => startCampaign(tx, id, ownerAt(NOON)))
      await planCampaign({ db, clock }, tenantId, id)
    },
  }
}

describe('previewCampaign', () => {
  it('counts who would get it, who would wait and who would be refused, by reason, without writing anything', async () => {
    const { tenantId, draft, person, preview, templateId } = await setUp()
    const fine = await person({ firstName: 'Zeynep' })
    await person({ consents: [] })
    await person({ reachability: 'blocked' })
    await person({ reachability: 'unknown' })
    const stopped = await person()
    await db
      .updateTable('contact')
      .set({ suppressed_at: toDate(NOON), suppressed_reason: 'stop' })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', stopped)
      .execute()
    const tokyo = await person()
    await db
      .updateTable('contact')
      .set({ time_zone: 'America/New_York' })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', tokyo)
      .execute()
    const id = await draft({ audience: { tags: ['all'] } })
    const seen = await preview(id)
    expect(seen.steps).toEqual([
      {
        step: 0,
        dueAt: NOON,
        templateId,
        total: 6,
        sent: 1,
        deferred: { quiet_hours: 1 },
        refused: { no_consent: 1, blocked: 1, unreachable: 1, suppressed: 1 },
      },
    ])
    // 09:00 UTC is 05:00 in New York: four hours of quiet are left there.
    expect(seen.landing.lastAt).toBeGreaterThanOrEqual(NOON + 4 * HOUR_MS)
    expect(seen.landing.lastAt).toBeLessThan(NOON + 5 * HOUR_MS)
    expect(seen.holds).toEqual([])
    expect(seen.sample.samples[0]).toMatchObject({ contactId: fine, variant: 'a' })
    expect(seen.sample.samples[0]?.message.text).toContain('Merhaba Zeynep')
    const { rows } = await sql<{ n: number }>`select count(*) as n from delivery where tenant_id = ${tenantId}`.execute(
      db,
    )
    expect(rows[0]?.n).toBe(0)
  })

  it('knows repeats within seven days and the contact’s own caps', async () => {
    const { tenantId, draft, person, plan, preview, clock } = await setUp()
    await person()
    const first = await draft()
    await plan(first)
    await db
      .updateTable('delivery')
      .set({ state: 'sent', reserved_at: toDate(NOON), finished_at: toDate(NOON), telegram_message_id: 1 })
      .where('tenant_id', '=', tenantId)
      .execute()
    await clock.advance(30 * MINUTE_MS)
    const repeat = await preview(await draft())
    expect(repeat.steps[0]).toMatchObject({ total: 1, sent: 0, refused: { duplicate_content: 1 } })
    await db.updateTable('delivery').set({ variant: 'z' }).where('tenant_id', '=', tenantId).execute()
    const gap = await preview(await draft())
    expect(gap.steps[0]).toMatchObject({ sent: 0, deferred: { hard_ceiling_gap: 1 }, refused: {} })
    expect(gap.landing.lastAt).toBeGreaterThanOrEqual(NOON + 2 * HOUR_MS)
    await sql`insert into segment_assignment (tenant_id, contact_id, primary_segment, lurker, lurker_since, rule_revision, inputs, assessed_at)
      select tenant_id, contact_id, 'LURKER', 90, now(), 1, '{}', now() from delivery where tenant_id = ${tenantId}`.execute(
      db,
    )
    const cooldown = await preview(await draft())
    expect(cooldown.steps[0]).toMatchObject({ deferred: { strategy_cooldown: 1 } })
    expect(cooldown.landing.lastAt).toBeGreaterThanOrEqual(NOON + 72 * HOUR_MS)
  })

  it('tells when the last one lands under the caps of account and tenant', async () => {
    const { draft, person, preview } = await setUp({ limits: { daily_messages_max: 2 } })
    for (let i = 0; i < 5; i++) await person()
    const { landing } = await preview(await draft())
    expect(landing.lastAt).toBeGreaterThanOrEqual(NOON + 48 * HOUR_MS)
    expect(landing.lastAt).toBeLessThan(NOON + 60 * HOUR_MS)
  })

  it('names the switches that stop everything', async () => {
    const { tenantId, accountId, draft, person, preview } = await setUp()
    await person()
    await db
      .updateTable('tenant')
      .set({ sending_stopped_at: toDate(NOON), sending_stopped_reason: 'x' })
      .where('id', '=', tenantId)
      .execute()
    await db.updateTable('account').set({ health: 'stopped' }).where('id', '=', accountId).execute()
    expect((await preview(await draft())).holds).toEqual(['kill_switch_tenant', 'account_paused_by_health'])
  })

  it('foretells exactly what planning writes', async () => {
    const { tenantId, draft, person, preview, plan } = await setUp()
    for (let i = 0; i < 40; i++) await person(i % 4 === 0 ? { consents: [] } : {})
    const id = await draft({ holdoutRatio: 0.3, audience: { tags: ['all'] } })
    const [step] = (await preview(id)).steps
    await plan(id)
    const rows = await db.selectFrom('delivery').selectAll().where('tenant_id', '=', tenantId).execute()
    expect(step?.total).toBe(rows.length)
    expect(step?.refused.holdout ?? 0).toBe(rows.filter((row) => row.is_holdout).length)
    expect(step?.sent).toBeGreaterThan(0)
  })
})

describe('campaignReport', () => {
  it('tells the funnel in all and by segment, hour and variant, the holdout apart, and why the rest did not arrive', async () => {
    const { tenantId, templateId, run, draft, person, plan } = await setUp()
    for (let i = 0; i < 6; i++) await person()
    const id = await draft()
    await plan(id)
    const rows = await db.selectFrom('delivery').select('id').where('tenant_id', '=', tenantId).orderBy('id').execute()
    const patch = (index: number, set: Record<string, unknown>) =>
      db
        .updateTable('delivery')
        .set(set)
        .where('tenant_id', '=', tenantId)
        .where('id', '=', rows[index]?.id ?? 0)
        .execute()
    const sentAt = (hours: number) => ({
      state: 'sent',
      reserved_at: toDate(NOON + hours * HOUR_MS),
      finished_at: toDate(NOON),
      telegram_message_id: 1,
    })
    await patch(0, {
      ...sentAt(0),
      clicked_at: toDate(NOON),
      responded_at: toDate(NOON),
      converted_at: toDate(NOON),
      segment: 'HOT_LEAD',
    })
    await patch(1, { ...sentAt(0), responded_at: toDate(NOON), segment: 'HOT_LEAD' })
    await patch(2, { ...sentAt(7), opted_out_at: toDate(NOON), blocked_at: toDate(NOON), segment: 'LURKER' })
    await patch(3, { state: 'refused', reason: 'no_consent', finished_at: toDate(NOON) })
    await patch(4, { state: 'unknown', reason: 'timeout', reserved_at: toDate(NOON), finished_at: toDate(NOON) })
    await patch(5, {
      state: 'refused',
      reason: 'holdout',
      is_holdout: true,
      finished_at: toDate(NOON),
    })
    const report = await run((tx) => campaignReport(tx, id, NOON))
    expect(report.funnel).toEqual({
      planned: 5,
      sent: 4,
      clicked: 1,
      responded: 2,
      converted: 1,
      optedOut: 1,
      blocked: 1,
    })
    expect(report.effect).toMatchObject({ treated: { people: 5, converted: 0 }, holdout: { people: 1 } })
    expect(report.states).toMatchObject({ sent: 3, unknown: 1, refused: 1, planned: 0 })
    expect(report.bySegment.map((row) => [row.key, row.sent, row.responded])).toEqual([['-', 1, 0], ['HOT_LEAD', 2, 2], ['LURKER', 1, 0]]) // prettier-ignore
    expect(report.byHour.map((row) => [row.key, row.sent])).toEqual([['12', 2], ['19', 1]]) // prettier-ignore
    expect(report.byVariant.map((row) => [row.key, row.planned])).toEqual([[`0/${templateId}:a`, 5]])
    expect(report.failures).toEqual([
      { state: 'refused', reason: 'no_consent', count: 1 },
      { state: 'unknown', reason: 'timeout', count: 1 },
    ])
  })

  it('is empty, not absent, for a campaign that has planned nothing', async () => {
    const { run, draft } = await setUp()
    const id = await draft()
    expect(await run((tx) => campaignReport(tx, id, NOON))).toMatchObject({
      funnel: { planned: 0, sent: 0 },
      bySegment: [],
      failures: [],
    })
    await expect(run((tx) => campaignReport(tx, 999_999, NOON))).rejects.toThrow('not_found')
  })
})
