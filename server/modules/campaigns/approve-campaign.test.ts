import { beforeAll, describe, expect, it } from 'vitest'

import type { MemberRole } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { approveTemplate, createTemplate } from '#server/modules/templates/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant, ownerAt } from '#server/testing/factories.ts'

import {
  approveCampaign,
  createCampaign,
  getCampaign,
  pauseCampaign,
  resumeCampaign,
  returnCampaign,
  setCampaignApproval,
  startCampaign,
  submitCampaign,
  updateCampaign,
} from './index.ts'

let db: Db
beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

let serial = 0
const setUp = async (roles: readonly MemberRole[] = ['owner', 'admin', 'agent']) => {
  const tenantId = await createTenant(db)
  const accountId = await createAccount(db, tenantId)
  const run = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
  const people = []
  for (const role of roles) {
    const member = { telegram_id: (serial += 1), role, name: role, invited_by: 'test', joined_at: toDate(NOON) }
    const { id } = await db
      .insertInto('member')
      .values({ tenant_id: tenantId, ...member })
      .returning('id')
      .executeTakeFirstOrThrow()
    people.push({ by: `member:${id}`, access: { kind: 'member', role }, at: NOON } as const)
  }
  const template = (text = 'Merhaba {{sender}} {{opt_out}}') =>
    run(async (tx) => {
      const variants = [{ name: 'a', locale: 'tr', text } as const]
      const { id } = await createTemplate(
        tx,
        { name: `Şablon ${(serial += 1)}`, messageClass: 'commercial', variants },
        NOON,
      )
      await approveTemplate(tx, id, NOON)
      return id
    })
  const templateId = await template()
  const input = { name: 'Yaz', kind: 'broadcast', accountId, steps: [{ templateId, afterHours: 0 }] } as const
  await run((tx) => setCampaignApproval(tx, true, ownerAt(NOON)))
  const [owner, admin, agent] = people
  if (!owner || !admin) throw new Error('an owner and an admin are needed')
  return { tenantId, accountId, run, template, templateId, input, owner, admin, agent: agent ?? admin }
}

describe('approveCampaign', () => {
  it('stands between draft and start, with who, when and what version on record', async () => {
    const { tenantId, run, input, owner, admin } = await setUp()
    const { id } = await run((tx) => createCampaign(tx, input, admin))
    await expect(run((tx) => startCampaign(tx, id, owner))).rejects.toThrow('campaign_not_approved')
    await expect(run((tx) => approveCampaign(tx, id, owner))).rejects.toThrow('campaign_not_in_review')
    expect(await run((tx) => submitCampaign(tx, id, admin))).toMatchObject({
      state: 'in_review',
      submittedBy: admin.by,
    })
    await expect(run((tx) => startCampaign(tx, id, owner))).rejects.toThrow('campaign_not_approved')
    const approved = await run((tx) => approveCampaign(tx, id, { ...owner, at: NOON + 5 }))
    expect(approved).toMatchObject({ state: 'in_review', approvedBy: owner.by, approvedAt: NOON + 5 })
    expect(approved.approvedVersion).toMatch(/^[0-9a-f]{64}$/)
    expect(await run((tx) => startCampaign(tx, id, owner))).toMatchObject({ state: 'running' })
    const lines = await db.selectFrom('audit_log').select('action').where('tenant_id', '=', tenantId).where('target', '=', `campaign:${id}`).orderBy('id').execute() // prettier-ignore
    expect(lines.map((line) => line.action)).toEqual([
      'campaign.created',
      'campaign.submitted',
      'campaign.approved',
      'campaign.started',
    ])
  })

  it('is not for whoever edited, unless they are the only owner', async () => {
    const { run, input, owner, admin } = await setUp()
    const byAdmin = await run((tx) => createCampaign(tx, input, admin))
    await run((tx) => submitCampaign(tx, byAdmin.id, admin))
    await expect(run((tx) => approveCampaign(tx, byAdmin.id, admin))).rejects.toThrow('campaign_own_edit')
    await run((tx) => approveCampaign(tx, byAdmin.id, owner))
    const byOwner = await run((tx) => createCampaign(tx, { ...input, name: 'Güz' }, owner))
    await run((tx) => submitCampaign(tx, byOwner.id, owner))
    expect(await run((tx) => approveCampaign(tx, byOwner.id, owner))).toMatchObject({ approvedBy: owner.by })
    const two = await setUp(['owner', 'owner'])
    const shared = await two.run((tx) => createCampaign(tx, two.input, two.owner))
    await two.run((tx) => submitCampaign(tx, shared.id, two.owner))
    await expect(two.run((tx) => approveCampaign(tx, shared.id, two.owner))).rejects.toThrow('campaign_own_edit')
    await two.run((tx) => approveCampaign(tx, shared.id, two.admin))
  })

  it.each(['audience', 'end', 'wording'] as const)('is void once the %s changes', async (what) => {
    const { tenantId, run, input, templateId, owner, admin } = await setUp()
    const { id } = await run((tx) => createCampaign(tx, input, admin))
    await run((tx) => submitCampaign(tx, id, admin))
    await run((tx) => approveCampaign(tx, id, owner))
    if (what === 'wording') {
      const changed = { text: 'Bambaşka {{sender}} {{opt_out}}' }
      await db.updateTable('template_variant').set(changed).where('tenant_id', '=', tenantId).where('template_id', '=', templateId).execute() // prettier-ignore
      await expect(run((tx) => startCampaign(tx, id, owner))).rejects.toThrow('campaign_approval_stale')
      return
    }
    const change = what === 'audience' ? { audience: { tags: ['vip'] } } : { endsAt: NOON + DAY_MS }
    expect(await run((tx) => updateCampaign(tx, id, { ...input, ...change }, admin))).toMatchObject({
      state: 'draft',
      approvedBy: null,
      approvedVersion: null,
    })
    await expect(run((tx) => startCampaign(tx, id, owner))).rejects.toThrow('campaign_not_approved')
  })

  it('pauses an edited drip under way until somebody approves the change', async () => {
    const { run, input, template, owner, admin } = await setUp()
    const wanted = { ...input, kind: 'drip' } as const
    const { id } = await run((tx) => createCampaign(tx, wanted, admin))
    await run((tx) => submitCampaign(tx, id, admin))
    await run((tx) => approveCampaign(tx, id, owner))
    await run((tx) => startCampaign(tx, id, owner))
    const steps = [...wanted.steps, { templateId: await template(), afterHours: 24 }]
    expect(await run((tx) => updateCampaign(tx, id, { ...wanted, steps }, admin))).toMatchObject({ state: 'paused' })
    await expect(run((tx) => resumeCampaign(tx, id, owner))).rejects.toThrow('campaign_not_approved')
    await run((tx) => approveCampaign(tx, id, owner))
    expect(await run((tx) => resumeCampaign(tx, id, owner))).toMatchObject({ state: 'running' })
  })

  it('asks nothing of anybody where the tenant does not want it', async () => {
    const { run, input, owner } = await setUp()
    await run((tx) => setCampaignApproval(tx, false, owner))
    const { id } = await run((tx) => createCampaign(tx, input, owner))
    expect(await run((tx) => startCampaign(tx, id, owner))).toMatchObject({ state: 'running' })
  })

  it('keeps agents, strangers and other tenants out', async () => {
    const { run, input, owner, admin, agent } = await setUp()
    const { id } = await run((tx) => createCampaign(tx, input, admin))
    await run((tx) => submitCampaign(tx, id, admin))
    const nobody = { by: 'x', access: { kind: 'nobody' }, at: NOON } as const
    for (const who of [agent, nobody]) {
      for (const act of [submitCampaign, approveCampaign, returnCampaign, startCampaign, pauseCampaign, resumeCampaign])
        await expect(run((tx) => act(tx, id, who))).rejects.toThrow('not_allowed')
      await expect(run((tx) => createCampaign(tx, { ...input, name: 'Kış' }, who))).rejects.toThrow('not_allowed')
      await expect(run((tx) => setCampaignApproval(tx, false, who))).rejects.toThrow('not_allowed')
    }
    const other = await createTenant(db)
    await expect(inTenant(db, other, (tx) => approveCampaign(tx, id, owner))).rejects.toThrow('not_found')
    expect(await run((tx) => returnCampaign(tx, id, owner))).toMatchObject({ state: 'draft', submittedBy: null })
    expect(await run((tx) => getCampaign(tx, id))).toMatchObject({ approvedAt: null })
  })
})

describe('createCampaign', () => {
  it.each([
    ['campaign_goal_missing', { kind: 'promo', endsAt: NOON + DAY_MS }],
    ['campaign_end_missing', { kind: 'promo', goal: { kind: 'order', target: 1, stops: false } }],
    ['campaign_ends_early', { endsAt: NOON + 1, startsAt: NOON + DAY_MS }],
    ['campaign_field_kind', { pins: true }],
    ['campaign_field_kind', { bestChats: 2 }],
    ['campaign_field_kind', { takesLateJoiners: false }],
    ['campaign_audience_chats', { kind: 'announcement', audience: { tags: ['vip'] } }],
    ['whole_number_expected', { kind: 'announcement', bestChats: 0 }],
    ['unknown_word', { kind: 'announcement', goal: { kind: 'revenue', target: 5, stops: false } }],
    ['whole_number_expected', { goal: { kind: 'order', target: 0, stops: false } }],
    ['not_found', { kind: 'announcement', audience: { chats: [999_999] } }],
  ] as const)('refuses with %s: %j', async (code, over) => {
    const { run, input, owner } = await setUp()
    await expect(run((tx) => createCampaign(tx, { ...input, ...over }, owner))).rejects.toMatchObject({ code })
  })

  it('wants of a promo a commercial template that says that it is advertising', async () => {
    const { run, input, template, owner } = await setUp()
    const promo = {
      ...input,
      kind: 'promo',
      endsAt: NOON + DAY_MS,
      goal: { kind: 'order', target: 5, stops: true },
    } as const
    await expect(run((tx) => createCampaign(tx, promo, owner))).rejects.toMatchObject({
      code: 'campaign_ad_label',
      params: { field: 'steps[0].templateId', finding: 'ad_label_missing', fix: '#reklam' },
    })
    const service = await run(async (tx) => {
      const variants = [{ name: 'a', locale: 'tr', text: '#reklam {{sender}}' } as const]
      return (await createTemplate(tx, { name: 'Hizmet', messageClass: 'transactional', variants }, NOON)).id
    })
    await expect(
      run((tx) => createCampaign(tx, { ...promo, steps: [{ templateId: service, afterHours: 0 }] }, owner)),
    ).rejects.toMatchObject({ code: 'campaign_promo_class' })
    const templateId = await template('#reklam Yaz indirimi {{sender}} {{opt_out}}')
    await expect(
      run((tx) => createCampaign(tx, { ...promo, steps: [{ templateId, afterHours: 0 }] }, owner)),
    ).resolves.toMatchObject({ goal: promo.goal })
  })
})
