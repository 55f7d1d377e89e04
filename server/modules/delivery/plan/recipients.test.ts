import { parse } from 'csv-parse/sync'
import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { getCampaign } from '#server/modules/campaigns/index.ts'
import { createTenant, ownerAt } from '#server/testing/factories.ts'

import { reserveSlots } from '../guard/reserve-slots.ts'
import { createCampaignWorld, openCampaignDatabase } from './campaign-world.suite.ts'
import { completeFinishedCampaigns } from './end-campaign.ts'
import { exportRecipients, listRecipients } from './list-recipients.ts'
import { retryFailures } from './retry-failures.ts'

let db: Db
beforeAll(async () => {
  db = await openCampaignDatabase()
})

const NAMES = ['=HYPERLINK("x")', '+90', '-1', '@ali', '👩‍👩‍👧 Ayşe', 'مُحمَّد', 'O"Brien, Jr.', '\tTab'] as const

const textOf = async (pieces: AsyncIterable<string>): Promise<string> => {
  let text = ''
  for await (const piece of pieces) text += piece
  return text
}

describe('listRecipients', () => {
  it('filters by state, reason and step, pages from old to new, and masks names by role', async () => {
    const world = await createCampaignWorld(db)
    const people = [await world.person(), await world.person(), await world.person()]
    const id = await world.start()
    const [first] = await world.rows(id)
    const refused = { state: 'refused', reason: 'no_consent', finished_at: toDate(0) }
    await db
      .updateTable('delivery')
      .set(refused)
      .where('id', '=', first?.id ?? 0)
      .execute()
    const owner = ownerAt(world.clock.now())
    const list = (filter: object, actor: Parameters<typeof listRecipients>[3] = owner) =>
      world.run((tx) => listRecipients(tx, id, filter, actor))
    expect((await list({ state: 'refused' })).map((row) => [row.contactId, row.reason])).toEqual([
      [people[0], 'no_consent'],
    ])
    expect(await list({ reason: 'no_consent', step: 1 })).toEqual([])
    expect((await list({ afterId: first?.id ?? 0, limit: 1 })).map((row) => row.contactId)).toEqual([people[1]])
    expect((await list({}))[0]).toMatchObject({ firstName: 'Ayşe', attempts: 0, sentAt: null })
    const analyst = { access: { kind: 'member', role: 'analyst' } } as const
    expect((await list({}, analyst))[0]).toMatchObject({ firstName: null, telegramId: null, contactId: people[0] })
    await expect(list({}, { access: { kind: 'member', role: 'billing' } })).rejects.toThrow('not_allowed')
    const other = await createTenant(db)
    await expect(inTenant(db, other, (tx) => listRecipients(tx, id, {}, owner))).rejects.toThrow('not_found')
  })
})

describe('exportRecipients', () => {
  it('keeps names of any script whole, and lets none of them become a formula', async () => {
    const world = await createCampaignWorld(db)
    for (const firstName of NAMES) await world.person({ firstName })
    const id = await world.start()
    const actor = ownerAt(world.clock.now())
    const csv = await textOf(exportRecipients({ db }, world.tenantId, id, { format: 'csv' }, actor))
    expect(csv.startsWith('\uFEFF')).toBe(true)
    const rows: Record<string, string>[] = parse(csv, { columns: true, bom: true })
    expect(rows.map((row) => row['firstName'])).toEqual(
      NAMES.map((name) => (/^[=+\-@\t]/.test(name) ? `'${name}` : name)),
    )
    expect(rows[0]).toMatchObject({ step: '1', state: 'planned', isHoldout: 'false', sentAt: '' })
    const json = await textOf(exportRecipients({ db }, world.tenantId, id, { format: 'json' }, actor))
    expect(
      json
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { firstName: string }).firstName),
    ).toEqual([...NAMES])
    const agent = { ...actor, access: { kind: 'member', role: 'agent' } } as const
    await expect(textOf(exportRecipients({ db }, world.tenantId, id, { format: 'csv' }, agent))).rejects.toThrow(
      'not_allowed',
    )
    const lines = await db.selectFrom('audit_log').select('detail').where('tenant_id', '=', world.tenantId).where('action', '=', 'campaign.exported').execute() // prettier-ignore
    expect(lines.map((line) => line.detail)).toEqual([{ format: 'csv' }, { format: 'json' }])
  })
})

describe('retryFailures', () => {
  it('tries again what Telegram refused to people it reaches, and never what may have arrived', async () => {
    const world = await createCampaignWorld(db)
    const people = []
    for (let i = 0; i < 4; i += 1) people.push(await world.person())
    const id = await world.start()
    const rows = await world.rows(id)
    const end = (i: number, state: 'failed' | 'unknown', reason: string) => {
      const at = toDate(world.clock.now())
      return db
        .updateTable('delivery')
        .set({ state, reason, reserved_at: at, finished_at: at, attempt_count: 1, content_hash: 7 })
        .where('id', '=', rows[i]?.id ?? 0)
        .execute()
    }
    await end(0, 'failed', 'connection_failed')
    await end(1, 'failed', 'blocked')
    await end(2, 'unknown', 'timeout')
    await db.updateTable('contact_account').set({ reachability: 'blocked' }).where('contact_id', '=', people[1] ?? 0).execute() // prettier-ignore
    await world.send(id)
    await world.run((tx) => completeFinishedCampaigns(tx, world.clock.now()))
    expect(await world.run((tx) => getCampaign(tx, id))).toMatchObject({ state: 'completed' })
    const actor = ownerAt(world.clock.now())
    const agent = { ...actor, access: { kind: 'member', role: 'agent' } } as const
    await expect(world.run((tx) => retryFailures(tx, id, {}, agent))).rejects.toThrow('not_allowed')
    expect(await world.run((tx) => retryFailures(tx, id, {}, actor))).toEqual({
      retried: 1,
      left: [
        { state: 'failed', reason: 'blocked', count: 1 },
        { state: 'unknown', reason: 'timeout', count: 1 },
      ],
    })
    expect(await world.run((tx) => getCampaign(tx, id))).toMatchObject({ state: 'running', endedAt: null })
    const { reserved } = await world.run((tx) =>
      reserveSlots(tx, { accountId: world.accountId, now: world.clock.now(), limit: 10 }),
    )
    expect(reserved.map((row) => row.deliveryId)).toEqual([rows[0]?.id])
  })

  it('is too late after the end of the campaign', async () => {
    const world = await createCampaignWorld(db)
    await world.person()
    const id = await world.start({ endsAt: world.clock.now() + 1_000 })
    await expect(world.run((tx) => retryFailures(tx, id, {}, ownerAt(world.clock.now() + 1_000)))).rejects.toThrow(
      'campaign_over',
    )
  })
})
