import { describe, expect, it } from 'vitest'

import { createDb } from '#server/db/pool.ts'
import { approveCampaign, setCampaignApproval, startCampaign, submitCampaign } from '#server/modules/campaigns/index.ts'
import { createOwnSegment, updateOwnSegment } from '#server/modules/segments/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { ownerAt } from '#server/testing/factories.ts'

import { createCampaignWorld } from './campaign-world.suite.ts'
import { planCampaign } from './plan-campaign.ts'

const db = createDb((await createTestDatabase()).pool)
let serial = 0

/** A tenant with a segment of its own: whoever carries the tag and ordered at least once. */
const createWorld = async () => {
  const world = await createCampaignWorld(db)
  const { run, clock, tenantId, deps } = world
  const owner = ownerAt(clock.now())
  const conditions = [
    { tag: 'kış', is: true },
    { feature: 'orders', op: '>=', value: 1 },
  ]
  const segment = await run((tx) => createOwnSegment(tx, { name: `Kışlık ${(serial += 1)}`, conditions }, owner))
  const order = (contactId: number) =>
    db.updateTable('contact_feature').set({ order_count: 1 }).where('contact_id', '=', contactId).execute()
  return {
    ...world,
    owner,
    conditions,
    segment,
    order,
    planned: async (campaignId: number) => {
      await planCampaign(deps, tenantId, campaignId)
      return (await world.rows(campaignId)).map(({ contact_id, state }) => [contact_id, state])
    },
  }
}

describe('a campaign for a segment of the tenant’s own', () => {
  it('is for those who belong when it is planned, whoever did when it was made', async () => {
    const { run, draft, person, order, planned, preview, segment, owner } = await createWorld()
    const [stays, goes, comes] = [
      await person({ tags: ['kış'] }),
      await person({ tags: ['kış'] }),
      await person({ tags: ['kış'] }),
    ]
    await person({ tags: ['kış'] })
    const untagged = await person()
    for (const id of [stays, goes, untagged]) await order(id)
    const campaign = await draft({ audience: { own: [segment.id] } })
    expect((await preview(campaign)).steps).toMatchObject([{ total: 2, sent: 2 }])
    await db.updateTable('contact').set({ tags: [] }).where('id', '=', goes).execute()
    await order(comes)
    await run((tx) => startCampaign(tx, campaign, owner))
    expect(await planned(campaign)).toEqual([
      [stays, 'planned'],
      [comes, 'planned'],
    ])
  })

  it('narrows with the other lists, and reaches nobody more than consent lets it', async () => {
    const { draft, person, order, preview, segment } = await createWorld()
    const both = await person({ tags: ['kış', 'vip'] })
    const one = await person({ tags: ['kış'] })
    const silent = await person({ tags: ['kış', 'vip'], consents: [] })
    for (const id of [both, one, silent]) await order(id)
    const campaign = await draft({ audience: { own: [segment.id], tags: ['vip'] } })
    expect((await preview(campaign)).steps).toMatchObject([{ total: 2, sent: 1, refused: { no_consent: 1 } }])
  })

  it('takes who comes into it later, where it is a drip', async () => {
    const { run, draft, person, order, planned, segment, owner } = await createWorld()
    const [first, later] = [await person({ tags: ['kış'] }), await person({ tags: ['kış'] })]
    await order(first)
    const campaign = await draft({ kind: 'drip', audience: { own: [segment.id] } })
    await run((tx) => startCampaign(tx, campaign, owner))
    expect(await planned(campaign)).toEqual([[first, 'planned']])
    await order(later)
    expect(await planned(campaign)).toEqual([
      [first, 'planned'],
      [later, 'planned'],
    ])
  })

  it('is made for a segment that is there, and posts into no chat by it', async () => {
    const { draft, segment } = await createWorld()
    const elsewhere = (await createWorld()).segment
    for (const own of [[segment.id + 10_000], [elsewhere.id]])
      await expect(draft({ audience: { own } })).rejects.toMatchObject({
        code: 'own_segment_gone',
        params: { field: 'audience.own', id: own[0] },
      })
    await expect(draft({ kind: 'announcement', audience: { own: [segment.id] } })).rejects.toMatchObject({
      code: 'campaign_audience_chats',
    })
  })

  it('is approved for these conditions and no others', async () => {
    const { run, draft, segment, owner, conditions } = await createWorld()
    await run((tx) => setCampaignApproval(tx, true, owner))
    const campaign = await draft({ audience: { own: [segment.id] } })
    await run((tx) => submitCampaign(tx, campaign, owner))
    await run((tx) => approveCampaign(tx, campaign, owner))
    const change = (name: string, wanted: unknown, expectedVersion: number) =>
      run((tx) => updateOwnSegment(tx, segment.id, { name, conditions: wanted, expectedVersion }, owner))
    await change('Herkes', conditions.slice(0, 1), 1)
    const started = run((tx) => startCampaign(tx, campaign, owner))
    await expect(started).rejects.toMatchObject({ code: 'campaign_approval_stale' })
    await change('Herkes değil', conditions, 2)
    expect((await run((tx) => startCampaign(tx, campaign, owner))).state).toBe('running')
  })
})
