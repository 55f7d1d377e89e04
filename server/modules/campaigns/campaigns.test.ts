import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'

import { CAMPAIGN_STATES } from '#contract/words.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { approveTemplate, createTemplate } from '#server/modules/templates/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant, ownerAt } from '#server/testing/factories.ts'

import { type CampaignInput, CAMPAIGN_TRANSITIONS, checkCampaign } from './campaign.rules.ts'
import {
  approveCampaign,
  cancelCampaign,
  completeCampaign,
  createCampaign,
  getCampaign,
  listCampaigns,
  markCampaignPlanned,
  pauseCampaign,
  resumeCampaign,
  returnCampaign,
  startCampaign,
  submitCampaign,
  updateCampaign,
} from './index.ts'

let db: Db
let tenantId: number
let accountId: number
let templateId: number
beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
  tenantId = await createTenant(db)
  accountId = await createAccount(db, tenantId)
  templateId = await newTemplate(true)
})

const run = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
let serial = 0
const newTemplate = (approved: boolean, messageClass: 'commercial' | 'reply' = 'commercial') =>
  run(async (tx) => {
    const variants = [{ name: 'a', locale: 'tr' as const, text: 'Merhaba {{sender}} {{opt_out}}' }]
    const { id } = await createTemplate(tx, { name: `Şablon ${(serial += 1)}`, messageClass, variants }, NOON)
    if (approved) await approveTemplate(tx, id, NOON)
    return id
  })
const inputOf = (over: Partial<CampaignInput> = {}): CampaignInput => ({
  name: `Kampanya ${(serial += 1)}`,
  kind: 'broadcast',
  accountId,
  steps: [{ templateId, afterHours: 0 }],
  ...over,
})
const draft = (over: Partial<CampaignInput> = {}) => run((tx) => createCampaign(tx, inputOf(over), ownerAt(NOON)))
const eventsOf = async (campaignId: number) => {
  const rows = await db
    .selectFrom('domain_event')
    .select(['type', 'payload'])
    .where('tenant_id', '=', tenantId)
    .orderBy('id')
    .execute()
  return rows.filter((row) => (row.payload as { campaignId?: number }).campaignId === campaignId).map((row) => row.type)
}

describe('createCampaign', () => {
  it('writes a draft with every default filled in', async () => {
    expect(await draft({ audience: { segments: ['HOT_LEAD', 'HOT_LEAD'] } })).toMatchObject({
      state: 'draft',
      kind: 'broadcast',
      audience: { segments: ['HOT_LEAD'], tags: [], chats: [] },
      startsAt: null,
      endsAt: null,
      holdoutRatio: 0,
      plannedAt: null,
      createdAt: NOON,
    })
  })

  it('refuses a second campaign of one name, an account that is not there, and templates that cannot carry it', async () => {
    const { name } = await draft()
    await expect(draft({ name })).rejects.toThrow('campaign_name_taken')
    await expect(draft({ accountId: 999_999 })).rejects.toMatchObject({
      kind: 'not_found',
      params: { what: 'account' },
    })
    await expect(draft({ steps: [{ templateId: 999_999, afterHours: 0 }] })).rejects.toMatchObject({
      kind: 'not_found',
      params: { field: 'steps[0].templateId', what: 'template' },
    })
    const reply = await newTemplate(false, 'reply')
    await expect(draft({ steps: [{ templateId: reply, afterHours: 0 }] })).rejects.toThrow('campaign_template_class')
  })
})

describe('checkCampaign', () => {
  it.each<[string, string, Record<string, unknown>]>([
    ['campaign_name', 'name', { name: ' ' }],
    ['unknown_word', 'kind', { kind: 'blast' }],
    ['id_expected', 'accountId', { accountId: 1.5 }],
    ['campaign_holdout', 'holdoutRatio', { holdoutRatio: 1 }],
    ['campaign_holdout', 'holdoutRatio', { holdoutRatio: Number.NaN }],
    ['campaign_instant', 'startsAt', { startsAt: Date.UTC(2206, 0, 1) }],
    ['campaign_instant', 'startsAt', { startsAt: 0 }],
    ['campaign_ends_early', 'endsAt', { startsAt: NOON + DAY_MS, endsAt: NOON + DAY_MS }],
    ['campaign_steps', 'steps', { steps: [] }],
    ['campaign_steps', 'steps', { steps: [1, 2].map((id) => ({ templateId: id, afterHours: 0 })) }],
    [
      'campaign_step_hours',
      'steps[1].afterHours',
      {
        kind: 'drip',
        steps: [
          { templateId: 1, afterHours: 5 },
          { templateId: 1, afterHours: 4 },
        ],
      },
    ],
    ['unknown_segment', 'audience.segments[0]', { audience: { segments: ['WHALE'] } }],
    ['campaign_tag', 'audience.tags[0]', { audience: { tags: [''] } }],
    ['id_expected', 'audience.chats[0]', { audience: { chats: [-100123] } }],
  ])('refuses bad input with %s, naming %s', (code, field, over) => {
    const input = {
      name: 'x',
      kind: 'broadcast',
      accountId: 1,
      steps: [{ templateId: 1, afterHours: 0 }],
      ...over,
    } as CampaignInput
    expect(() => checkCampaign(input, NOON)).toThrow(
      expect.objectContaining({ kind: 'invalid', code, params: expect.objectContaining({ field }) }),
    )
  })
})

describe('startCampaign', () => {
  it('lets a draft run and says so once', async () => {
    const { id } = await draft()
    expect(await run((tx) => startCampaign(tx, id, ownerAt(NOON + 1)))).toMatchObject({
      state: 'running',
      startedAt: NOON + 1,
    })
    await expect(run((tx) => startCampaign(tx, id, ownerAt(NOON + 2)))).rejects.toThrow('campaign_state')
    expect(await eventsOf(id)).toEqual(['campaign.started'])
  })

  it('refuses an unapproved template, an account out of use, and an end already past', async () => {
    const unapproved = await draft({ steps: [{ templateId: await newTemplate(false), afterHours: 0 }] })
    await expect(run((tx) => startCampaign(tx, unapproved.id, ownerAt(NOON)))).rejects.toThrow('template_not_approved')
    const other = await createAccount(db, tenantId)
    await db.updateTable('account').set({ state: 'disconnected' }).where('id', '=', other).execute()
    const silent = await draft({ accountId: other })
    await expect(run((tx) => startCampaign(tx, silent.id, ownerAt(NOON)))).rejects.toThrow('account_unusable')
    const late = await draft({ endsAt: NOON + 10 })
    await expect(run((tx) => startCampaign(tx, late.id, ownerAt(NOON + 10)))).rejects.toThrow('campaign_over')
  })
})

describe('updateCampaign', () => {
  it('changes a draft, and nothing that was started', async () => {
    const { id } = await draft()
    expect(await run((tx) => updateCampaign(tx, id, inputOf({ holdoutRatio: 0.1 }), ownerAt(NOON)))).toMatchObject({
      holdoutRatio: 0.1,
    })
    await run((tx) => startCampaign(tx, id, ownerAt(NOON)))
    await expect(run((tx) => updateCampaign(tx, id, inputOf(), ownerAt(NOON)))).rejects.toThrow('campaign_not_draft')
  })
})

describe('pauseCampaign', () => {
  it('holds a running campaign until it is resumed, keeping its first start', async () => {
    const { id } = await draft()
    await expect(run((tx) => pauseCampaign(tx, id, ownerAt(NOON)))).rejects.toThrow('campaign_state')
    await expect(run((tx) => resumeCampaign(tx, id, ownerAt(NOON)))).rejects.toThrow('campaign_state')
    await run((tx) => startCampaign(tx, id, ownerAt(NOON)))
    expect(await run((tx) => pauseCampaign(tx, id, ownerAt(NOON + 5)))).toMatchObject({
      state: 'paused',
      pausedAt: NOON + 5,
    })
    expect(await run((tx) => resumeCampaign(tx, id, ownerAt(NOON + 9)))).toMatchObject({
      state: 'running',
      startedAt: NOON,
      pausedAt: null,
    })
  })
})

describe('resumeCampaign', () => {
  it('asks again for a planning that was cut short, and not for one that is complete', async () => {
    const cutShort = await draft()
    const complete = await draft()
    for (const { id } of [cutShort, complete]) await run((tx) => startCampaign(tx, id, ownerAt(NOON)))
    await run((tx) => markCampaignPlanned(tx, complete.id, NOON))
    for (const { id } of [cutShort, complete]) {
      await run((tx) => pauseCampaign(tx, id, ownerAt(NOON)))
      await run((tx) => resumeCampaign(tx, id, ownerAt(NOON)))
    }
    expect(await eventsOf(cutShort.id)).toEqual(['campaign.started', 'campaign.started'])
    expect(await eventsOf(complete.id)).toEqual(['campaign.started'])
  })
})

describe('cancelCampaign', () => {
  it('ends a campaign for good and says so', async () => {
    const { id } = await draft()
    expect(await run((tx) => cancelCampaign(tx, id, ownerAt(NOON + 3)))).toMatchObject({
      state: 'cancelled',
      endedAt: NOON + 3,
    })
    await expect(run((tx) => startCampaign(tx, id, ownerAt(NOON)))).rejects.toThrow('campaign_state')
    expect(await eventsOf(id)).toEqual(['campaign.finished'])
  })
})

describe('CAMPAIGN_TRANSITIONS', () => {
  it('are the only ways a campaign can go, whatever is asked of it', async () => {
    const actions = {
      submitCampaign,
      returnCampaign,
      approveCampaign,
      startCampaign,
      pauseCampaign,
      resumeCampaign,
      cancelCampaign,
      completeCampaign: (tx: TenantTx, id: number) => completeCampaign(tx, id, NOON),
    }
    const names = fc.array(fc.constantFrom(...(Object.keys(actions) as (keyof typeof actions)[])), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(names, async (asked) => {
        const { id } = await draft()
        let state = (await run((tx) => getCampaign(tx, id))).state
        for (const name of asked) {
          await run((tx) => actions[name](tx, id, ownerAt(NOON))).catch(() => null)
          const next = (await run((tx) => getCampaign(tx, id))).state
          expect([state, ...CAMPAIGN_TRANSITIONS[state]]).toContain(next)
          state = next
        }
        expect(CAMPAIGN_STATES).toContain(state)
      }),
      { numRuns: 30 },
    )
  })
})

describe('listCampaigns', () => {
  it('pages from new to old, narrows by state and kind, and shows no other tenant’s', async () => {
    const other = await createTenant(db)
    const first = await draft({ kind: 'drip' })
    const second = await draft({ kind: 'drip' })
    expect((await run((tx) => listCampaigns(tx, { kind: 'drip' }))).map((c) => c.id)).toEqual([second.id, first.id])
    expect((await run((tx) => listCampaigns(tx, { kind: 'drip', beforeId: second.id }))).map((c) => c.id)).toEqual([
      first.id,
    ])
    expect(await inTenant(db, other, (tx) => listCampaigns(tx))).toEqual([])
  })
})
