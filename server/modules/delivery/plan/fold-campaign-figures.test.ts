import fc from 'fast-check'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'

import { DELIVERY_STATES, type DeliveryState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { MINUTE_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createDelivery, createTenant } from '#server/testing/factories.ts'

import { countCampaigns } from './campaign-counts.store.ts'
import { type FigureRow, foldFigureChanges, listFigureRows } from './campaign-figure.store.ts'
import { countSides } from './effect.store.ts'
import { foldCampaignFigures } from './fold-campaign-figures.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const CAMPAIGNS = [1, 2] as const
const ZONES = ['Europe/Istanbul', 'America/St_Johns', 'Asia/Kathmandu', 'Australia/Lord_Howe']
const OUTCOMES = ['responded_at', 'clicked_at', 'converted_at', 'opted_out_at', 'blocked_at'] as const

interface World {
  readonly tenantId: number
  readonly accountId: number
  readonly contactIds: readonly number[]
}

const createWorld = async (): Promise<World> => {
  const tenantId = await createTenant(db)
  const accountId = await createAccount(db, tenantId)
  const contactIds = [await createContact(db, tenantId), await createContact(db, tenantId)]
  return { tenantId, accountId, contactIds }
}

/** The figures counted from the rows of the ledger, one by one. */
const countFromRows = async (tenantId: number, campaignId: number): Promise<readonly FigureRow[]> => {
  const { rows } = await sql<FigureRow>`
    select d.campaign_step as step, d.arm, coalesce(d.segment, '-') as segment, d.state,
      case when d.state in ('refused', 'failed', 'unknown', 'cancelled') then d.reason end as reason, d.is_holdout as "isHoldout",
      case when d.state = 'sent' then to_char(d.reserved_at at time zone t.time_zone, 'HH24') end as hour,
      count(*)::integer as planned, count(d.clicked_at)::integer as clicked, count(d.responded_at)::integer as responded,
      count(d.converted_at)::integer as converted, count(d.opted_out_at)::integer as "optedOut",
      count(d.blocked_at)::integer as blocked
    from delivery d join tenant t on t.id = d.tenant_id
    where d.tenant_id = ${tenantId} and d.campaign_id = ${campaignId}
    group by 1, 2, 3, 4, 5, 6, 7`.execute(db)
  return inOrder(rows)
}

const inOrder = (rows: readonly FigureRow[]): readonly FigureRow[] => {
  const keyOf = ({ step, arm, segment, state, reason, isHoldout, hour }: FigureRow) =>
    JSON.stringify([step, arm, segment, state, reason, isHoldout, hour])
  return rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

const expectSame = async (tenantId: number): Promise<void> => {
  const counts = await inTenant(db, tenantId, (tx) => countCampaigns(tx, CAMPAIGNS))
  for (const campaignId of CAMPAIGNS) {
    const rows = await countFromRows(tenantId, campaignId)
    expect(inOrder(await inTenant(db, tenantId, (tx) => listFigureRows(tx, campaignId)))).toEqual(rows)
    const sent = rows.filter(({ state, isHoldout }) => state === 'sent' && !isHoldout)
    expect(counts.get(campaignId)?.states.sent).toBe(sent.reduce((sum, { planned }) => sum + planned, 0))
    const sides = await inTenant(db, tenantId, (tx) => countSides(tx, campaignId, true))
    const { rows: people } = await sql<{ held: boolean; people: number }>`
      select held, count(*)::integer as people from (
        select bool_or(is_holdout) as held from delivery
        where tenant_id = ${tenantId} and campaign_id = ${campaignId} and contact_id is not null group by contact_id) p
      group by 1`.execute(db)
    const peopleOf = (held: boolean) => people.find((side) => side.held === held)?.people ?? 0
    expect([sides.treated.people, sides.holdout.people]).toEqual([peopleOf(false), peopleOf(true)])
  }
}

type Step =
  | { readonly what: 'plan'; readonly campaignId: number; readonly isHoldout: boolean; readonly who: number }
  | { readonly what: 'move'; readonly which: number; readonly state: DeliveryState; readonly at: number }
  | { readonly what: 'mark'; readonly which: number | null; readonly outcome: (typeof OUTCOMES)[number]; readonly at: number | null } // prettier-ignore
  | { readonly what: 'regroup'; readonly which: number; readonly arm: string; readonly segment: string | null; readonly step: number } // prettier-ignore
  | { readonly what: 'forget'; readonly which: number }
  | { readonly what: 'give'; readonly which: number; readonly who: number }
  | { readonly what: 'fold'; readonly limit: number }
  | { readonly what: 'zone'; readonly zone: string }

const which = fc.nat(12)
const at = fc.tuple(fc.nat(200), fc.constantFrom(0, 1, 15 * MINUTE_MS - 1)).map(([quarter, ms]) => NOON - quarter * 15 * MINUTE_MS + ms) // prettier-ignore
const move = fc.record({ what: fc.constant('move' as const), which, state: fc.constantFrom(...DELIVERY_STATES), at })
const plan = fc.record({ what: fc.constant('plan' as const), campaignId: fc.constantFrom(...CAMPAIGNS), isHoldout: fc.boolean(), who: fc.nat(1) }) // prettier-ignore
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: plan },
  { weight: 4, arbitrary: move },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('mark' as const), which: fc.option(which), outcome: fc.constantFrom(...OUTCOMES), at: fc.option(at) }) }, // prettier-ignore
  fc.record({ what: fc.constant('regroup' as const), which, arm: fc.constantFrom('1:a', '1:b'), segment: fc.constantFrom('HOT_LEAD', null), step: fc.nat(2) }), // prettier-ignore
  fc.record({ what: fc.constant('forget' as const), which }),
  fc.record({ what: fc.constant('give' as const), which, who: fc.nat(1) }),
  fc.record({ what: fc.constant('fold' as const), limit: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ what: fc.constant('zone' as const), zone: fc.constantFrom(...ZONES) }),
)

const take = async (world: World, ids: number[], one: Step): Promise<void> => {
  const { tenantId, accountId, contactIds } = world
  const idOf = (place: number) => ids[place % Math.max(1, ids.length)] ?? 0
  const update = (set: ReturnType<typeof sql>, id: number | null) =>
    inTenant(db, tenantId, (tx) =>
      sql`update delivery set ${set} where tenant_id = ${tenantId} ${id === null ? sql`` : sql`and id = ${id}`}`.execute(
        tx,
      ),
    )
  switch (one.what) {
    case 'plan': {
      const { campaignId, isHoldout, who } = one
      const contactId = contactIds[who] ?? 0
      ids.push(await createDelivery(db, tenantId, { accountId, contactId, chatId: contactId, campaignId, isHoldout }))
      return
    }
    case 'move': {
      const isEnded = ['sent', 'failed', 'unknown', 'refused', 'cancelled'].includes(one.state)
      await update(
        sql`state = ${one.state}, reason = case when ${one.state} in ('planned', 'reserved', 'sent') then null else 'expired' end,
          reserved_at = ${toDate(one.at)}, finished_at = ${isEnded ? toDate(one.at) : null}::timestamptz, telegram_message_id = 1`,
        idOf(one.which),
      )
      return
    }
    case 'mark': {
      const instant = one.at === null ? null : toDate(one.at)
      await update(sql`${sql.ref(one.outcome)} = ${instant}::timestamptz`, one.which === null ? null : idOf(one.which))
      return
    }
    case 'regroup':
      await update(sql`arm = ${one.arm}, segment = ${one.segment}::text, campaign_step = ${one.step}`, idOf(one.which))
      return
    case 'forget':
      await sql`delete from delivery where tenant_id = ${tenantId} and id = ${idOf(one.which)}`.execute(db)
      return
    case 'give':
      await update(sql`contact_id = ${contactIds[one.who] ?? 0}`, idOf(one.which))
      return
    case 'fold':
      await asOperator(db, 'test', (tx) => foldFigureChanges(tx, one.limit))
      return
    case 'zone':
      await db.updateTable('tenant').set({ time_zone: one.zone }).where('id', '=', tenantId).execute()
  }
}

describe('foldCampaignFigures', () => {
  it('gives the figures that counting row by row gives, after any history', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 50 }), async (steps) => {
        const world = await createWorld()
        const ids: number[] = []
        for (const [i, one] of steps.entries()) {
          await take(world, ids, one)
          if (i % 11 === 0) await expectSame(world.tenantId)
        }
        await expectSame(world.tenantId)
        await foldCampaignFigures(db)
        await expectSame(world.tenantId)
        expect(await foldCampaignFigures(db)).toBe(0)
      }),
      { numRuns: 20 },
    )
  }, 120_000)

  it('notes nothing for deliveries of no campaign, and one change for a whole plan', async () => {
    const { tenantId, accountId, contactIds } = await createWorld()
    const contactId = contactIds[0] ?? 0
    await createDelivery(db, tenantId, { accountId, contactId, chatId: 5, sentAt: NOON })
    const noted = async () =>
      (await db.selectFrom('campaign_figure_change').selectAll().where('tenant_id', '=', tenantId).execute()).map(
        ({ deliveries }) => deliveries,
      )
    expect(await noted()).toEqual([])
    await inTenant(db, tenantId, (tx) =>
      sql`insert into delivery (tenant_id, account_id, contact_id, chat_id, source, message_class, campaign_id, content,
          is_outreach, due_at, dedupe_key, planned_at)
        select ${tenantId}, ${accountId}, ${contactId}, 5, 'campaign', 'commercial', 1, '{}', false, ${toDate(NOON)}, 'plan:' || n,
          ${toDate(NOON)} from generate_series(1, 50) n`.execute(tx),
    )
    expect(await noted()).toEqual([50])
  })
})
