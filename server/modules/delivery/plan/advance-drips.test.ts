import fc from 'fast-check'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import type { Db } from '#server/db/pool.ts'
import {
  type CampaignInput,
  createCampaign,
  getCampaign,
  pauseCampaign,
  resumeCampaign,
  startCampaign,
  updateCampaign,
} from '#server/modules/campaigns/index.ts'
import { mergeContacts } from '#server/modules/contacts/index.ts'
import { NOON, createAccount, ownerAt } from '#server/testing/factories.ts'

import { cancelForContact } from '../delivery.store.ts'
import { noteDripEvent } from '../drip-position.store.ts'
import { recordPurchase } from '../outcome/record-purchase.ts'
import { advanceDrips } from './advance-drips.ts'
import { createCampaignWorld, openCampaignDatabase } from './campaign-world.suite.ts'
import { completeFinishedCampaigns } from './end-campaign.ts'
import { planCampaign } from './plan-campaign.ts'

let db: Db
beforeAll(async () => {
  db = await openCampaignDatabase()
})

let serial = 0
const setUp = async () => {
  const base = await createCampaignWorld(db)
  const { tenantId, clock, run, deps } = base
  const start = async (over: Partial<CampaignInput> = {}) => {
    const steps = []
    for (const afterHours of [0, 24, 48]) steps.push({ templateId: await base.template(), afterHours })
    const input = { name: `Dizi ${(serial += 1)}`, kind: 'drip', accountId: base.accountId, steps, ...over } as const
    return run(async (tx) => {
      const { id } = await createCampaign(tx, input, ownerAt(clock.now()))
      await startCampaign(tx, id, ownerAt(clock.now()))
      return { id, input }
    })
  }
  const rows = (contactId: number) =>
    db
      .selectFrom('delivery')
      .select(['id', 'campaign_step as step', 'state', 'reason', 'due_at', 'planned_at', 'finished_at'])
      .where('tenant_id', '=', tenantId)
      .where('contact_id', '=', contactId)
      .orderBy('id')
      .execute()
  return {
    ...base,
    start,
    rows,
    plan: (id: number) => planCampaign(deps, tenantId, id),
    tick: () => advanceDrips(deps, tenantId),
    /** What is due leaves, as the lane would have it leave. */
    send: () =>
      sql`update delivery set state = 'sent', reserved_at = ${toDate(clock.now())}, finished_at = ${toDate(clock.now())},
        telegram_message_id = id, reason = null
        where tenant_id = ${tenantId} and state in ('planned', 'deferred') and due_at <= ${toDate(clock.now())}
          and campaign_id not in (select id from campaign where tenant_id = ${tenantId} and state = 'paused')`.execute(
        db,
      ),
    place: (contactId: number) =>
      db
        .selectFrom('drip_position')
        .select(['step', 'state', 'reason'])
        .where('tenant_id', '=', tenantId)
        .where('contact_id', '=', contactId)
        .executeTakeFirst(),
  }
}

type World = Awaited<ReturnType<typeof setUp>>
const pass = async ({ clock, tick, send }: World, ms: number) => {
  await clock.advance(ms)
  await tick()
  await send()
  await tick()
}

describe('advanceDrips', () => {
  it('leads a person from step to step, each after its hours, and ends the campaign when all are through', async () => {
    const world = await setUp()
    const { run, start, person, plan, send, rows, place, clock, tick } = world
    const contact = await person()
    const { id } = await start({ takesLateJoiners: false })
    await plan(id)
    await send()
    await pass(world, 23 * HOUR_MS)
    expect(await rows(contact)).toHaveLength(1)
    await pass(world, HOUR_MS)
    expect((await rows(contact)).map((row) => row.step)).toEqual([0, 1])
    expect(await run((tx) => completeFinishedCampaigns(tx, clock.now()))).toEqual([])
    await pass(world, 24 * HOUR_MS + MINUTE_MS)
    expect((await rows(contact)).map((row) => [row.step, row.state])).toEqual([
      [0, 'sent'],
      [1, 'sent'],
      [2, 'sent'],
    ])
    await clock.advance(5 * MINUTE_MS)
    await tick()
    expect(await place(contact)).toMatchObject({ step: 2, state: 'done' })
    expect(await run((tx) => completeFinishedCampaigns(tx, clock.now()))).toEqual([id])
  })

  it('lets people in at the first step who come later, unless that is turned off', async () => {
    const world = await setUp()
    const { start, person, plan, rows, clock } = world
    const open = await start({ audience: { tags: ['kurs'] } })
    const closed = await start({ audience: { tags: ['kapali'] }, takesLateJoiners: false })
    await plan(open.id)
    await plan(closed.id)
    await clock.advance(5 * DAY_MS)
    const [late, outside] = [await person({ tags: ['kurs'] }), await person({ tags: ['kapali'] })]
    expect(await plan(open.id)).toMatchObject({ written: 1 })
    expect(await plan(open.id)).toMatchObject({ written: 0 })
    expect(await plan(closed.id)).toMatchObject({ written: 0 })
    expect((await rows(late)).map((row) => [row.step, row.due_at.getTime()])).toEqual([[0, NOON + 5 * DAY_MS]])
    expect(await rows(outside)).toEqual([])
  })

  it.each(['answer', 'order', 'handed_over', 'opt_out'] as const)(
    'stops on %s, and withdraws what waits',
    async (what) => {
      const world = await setUp()
      const { run, accountId, tenantId, start, person, plan, send, rows, place, clock, tick } = world
      const contact = await person()
      const { id } = await start()
      await plan(id)
      await send()
      await clock.advance(24 * HOUR_MS)
      await tick()
      const at = clock.now()
      if (what === 'order')
        await run((tx) => recordPurchase(tx, { contactId: contact, amountMinor: 100, reference: 'a', at }))
      if (what === 'opt_out') await run((tx) => cancelForContact(tx, contact, 'suppressed', at))
      if (what === 'answer') await run((tx) => noteDripEvent(tx, { contactId: contact, accountId, what, at }))
      if (what === 'handed_over') {
        const opened = { opened_at: toDate(at), last_inbound_at: toDate(at), handed_over_at: toDate(at) }
        await db
          .insertInto('conversation')
          .values({ tenant_id: tenantId, account_id: accountId, contact_id: contact, hand_over_reason: 'x', ...opened })
          .execute()
        await tick()
      }
      const [, waiting] = await rows(contact)
      expect(waiting).toMatchObject({ step: 1, state: 'cancelled' })
      await pass(world, 30 * DAY_MS)
      expect(await rows(contact)).toHaveLength(2)
      expect(await place(contact)).toMatchObject({ state: 'stopped', reason: what })
    },
  )

  it('does not end a drip of another account for an answer to this one', async () => {
    const { run, tenantId, start, person, plan, place } = await setUp()
    const contact = await person()
    await plan((await start()).id)
    const other = await createAccount(db, tenantId)
    await run((tx) => noteDripEvent(tx, { contactId: contact, accountId: other, what: 'answer', at: NOON }))
    expect(await place(contact)).toMatchObject({ state: 'active' })
  })

  it('changes steps nobody was planned yet, and refuses to change the others', async () => {
    const world = await setUp()
    const { run, template, start, person, plan, send, rows, clock } = world
    const contact = await person()
    const { id, input } = await start()
    await plan(id)
    await send()
    const fresh = await template()
    const [first, second] = input.steps
    const change = (steps: CampaignInput['steps']) =>
      run((tx) => updateCampaign(tx, id, { ...input, steps }, ownerAt(clock.now())))
    await expect(change([{ templateId: fresh, afterHours: 0 }])).rejects.toMatchObject({
      code: 'campaign_step_planned',
      params: { field: 'steps[0]' },
    })
    await change([first, { templateId: fresh, afterHours: 2 }, second].flatMap((step) => step ?? []))
    await pass(world, 2 * HOUR_MS)
    await pass(world, 23 * HOUR_MS)
    const used = await db
      .selectFrom('delivery')
      .select('template_id')
      .where('contact_id', '=', contact)
      .where('campaign_id', '=', id)
      .orderBy('id')
      .execute()
    expect(used.map((row) => row.template_id)).toEqual([first?.templateId, fresh, second?.templateId])
    expect((await rows(contact)).map((row) => row.step)).toEqual([0, 1, 2])
    await expect(run((tx) => getCampaign(tx, id))).resolves.toMatchObject({ state: 'running' })
  })

  it('gives nobody a step twice whose two rows turn out to be one person', async () => {
    const world = await setUp()
    const { run, tenantId, start, person, plan, send, clock } = world
    const [keep, gone] = [await person(), await person()]
    const { id } = await start()
    await plan(id)
    await send()
    await pass(world, 24 * HOUR_MS)
    await db.updateTable('contact').set({ telegram_id: null }).where('id', '=', gone).execute()
    await run((tx) => mergeContacts(tx, keep, gone, clock.now()))
    await pass(world, 24 * HOUR_MS + MINUTE_MS)
    await pass(world, 24 * HOUR_MS)
    const steps = await db.selectFrom('delivery').select(['campaign_step']).where('tenant_id', '=', tenantId).where('contact_id', '=', keep).orderBy('id').execute() // prettier-ignore
    // What each of the two rows got is kept; of the step that was still to come there is one.
    expect(steps.map((row) => row.campaign_step)).toEqual([0, 0, 1, 1, 2])
  })

  it('gives nobody a step twice or out of order, whatever pauses, restarts, answers and rivals come between', async () => {
    const world = await setUp()
    const { run, tenantId, accountId, clock, plan, tick, send, start } = world
    const move = fc.constantFrom(
      'hours',
      'day',
      'tick',
      'rivals',
      'send',
      'pause',
      'resume',
      'answer',
      'plan',
      'complete',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 5, maxLength: 25 }), async (moves) => {
        const tag = `t${(serial += 1)}`
        const people = [await world.person({ tags: [tag] }), await world.person({ tags: [tag] })]
        const { id } = await start({ audience: { tags: [tag] } })
        const actions: Readonly<Record<string, () => Promise<unknown>>> = {
          hours: () => clock.advance(7 * HOUR_MS),
          day: () => clock.advance(DAY_MS),
          tick,
          rivals: () => Promise.all([tick(), tick(), plan(id).catch(() => null)]),
          send,
          pause: () => run((tx) => pauseCampaign(tx, id, ownerAt(clock.now()))).catch(() => null),
          resume: () => run((tx) => resumeCampaign(tx, id, ownerAt(clock.now()))).catch(() => null),
          answer: () =>
            run((tx) => noteDripEvent(tx, { contactId: people[0] ?? 0, accountId, what: 'answer', at: clock.now() })),
          plan: () => plan(id).catch(() => null),
          complete: () => run((tx) => completeFinishedCampaigns(tx, clock.now())),
        }
        let answeredAt: number | null = null
        for (const name of moves) {
          // An answer ends a drip the person is in; one from before they came in does not keep them out.
          if (name === 'answer' && (await world.place(people[0] ?? 0))) answeredAt ??= clock.now()
          await actions[name]?.()
        }
        for (const contact of people) {
          const rows = await db
            .selectFrom('delivery')
            .select(['campaign_step as step', 'planned_at', 'reserved_at', 'finished_at'])
            .where('tenant_id', '=', tenantId)
            .where('contact_id', '=', contact)
            .where('campaign_id', '=', id)
            .orderBy('id')
            .execute()
          expect(rows.map((row) => row.step)).toEqual(rows.map((_, i) => i))
          for (const [i, row] of rows.entries()) {
            const before = rows[i - 1]
            if (before)
              expect(row.planned_at.getTime()).toBeGreaterThanOrEqual(
                (before.finished_at?.getTime() ?? Infinity) + DAY_MS,
              )
          }
        }
        await db.updateTable('campaign').set({ state: 'cancelled' }).where('id', '=', id).execute()
        const [first] = people
        const answered = await world.rows(first ?? 0)
        if (answeredAt !== null) {
          const after = answered.filter((row) => row.planned_at.getTime() > (answeredAt ?? 0) && row.step > 0)
          expect(after).toEqual([])
        }
      }),
      { numRuns: 12 },
    )
  })
})
