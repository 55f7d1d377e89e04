import { describe, expect, it } from 'vitest'

import type { MemberRole } from '#contract/words.ts'
import { ManualClock } from '#server/base/clock.ts'
import { createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { joinTenant } from '#server/modules/onboarding/index.ts'
import { listAudit } from '#server/modules/tenancy/index.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant } from '#server/testing/factories.ts'

const db = createDb((await createTestDatabase()).pool)
const clock = new ManualClock(NOON)
const { addMember } = openTestApi(db, clock)

interface Answer {
  readonly status: number
  readonly code?: string
  readonly field?: string
  readonly link?: string | null
  readonly command?: string
  readonly grantable?: readonly string[]
  readonly items?: readonly { readonly id: number; readonly role: MemberRole; readonly isYou: boolean }[]
}

const openShop = async () => {
  const tenantId = await createTenant(db)
  const member = (role: MemberRole) => addMember<Answer>(tenantId, role, { name: `${role} <b>` })
  return { tenantId, member, owner: await member('owner') }
}

describe('members', () => {
  it('are shown to those who may see them, with the roles they may give', async () => {
    const { owner, member } = await openShop()
    const admin = await member('admin')
    expect(await owner.call('GET', 'members')).toMatchObject({
      items: [
        { id: owner.id, role: 'owner', isYou: true, name: 'owner <b>' },
        { id: admin.id, role: 'admin', isYou: false },
      ],
      grantable: ['owner', 'admin', 'agent', 'analyst', 'billing'],
    })
    expect((await admin.call('GET', 'members')).grantable).toEqual(['agent', 'analyst', 'billing'])
    expect(await (await member('agent')).call('GET', 'members')).toMatchObject({ status: 403 })
    const analyst = await (await member('analyst')).call('GET', 'members')
    expect([analyst.status, analyst.grantable]).toEqual([200, []])
  })

  it('come in by a link that is shown once and kept as a hash', async () => {
    const { owner, member, tenantId } = await openShop()
    const without = await owner.call('POST', 'members/invitations', { role: 'agent' })
    expect(without).toMatchObject({
      status: 200,
      link: null,
      command: expect.stringMatching(/^\/start inv_[\w-]{43}$/),
    })
    const panel = await createAccount(db, tenantId)
    await db.updateTable('account').set({ purpose: 'panel', username: 'panel_bot' }).where('id', '=', panel).execute()
    const { link } = await owner.call('POST', 'members/invitations', { role: 'analyst' })
    expect(link).toMatch(/^https:\/\/t\.me\/panel_bot\?start=inv_[\w-]{43}$/)
    const token = link?.split('inv_')[1] ?? ''
    const kept = JSON.stringify(await db.selectFrom('invitation').selectAll().execute())
    expect(kept).not.toContain(token)
    const joined = await joinTenant(db, { token, telegramId: 555_001, name: 'Zeynep' }, NOON)
    expect(joined).toMatchObject({ tenantId, role: 'analyst' })
    const admin = await member('admin')
    expect(await admin.call('POST', 'members/invitations', { role: 'owner' })).toMatchObject({
      status: 403,
      code: 'role_not_grantable',
      field: 'role',
    })
    expect(await owner.call('POST', 'members/invitations', { role: 'king' })).toMatchObject({
      status: 400,
      field: 'role',
    })
    await db.deleteFrom('account').where('id', '=', panel).execute()
  })

  it('are waited for by open invitations, which can be taken back once and let nobody in then', async () => {
    const { owner, member, tenantId } = await openShop()
    const admin = await member('admin')
    await owner.call('POST', 'members/invitations', { role: 'admin' })
    const { command } = await owner.call('POST', 'members/invitations', { role: 'agent' })
    const token = command?.split('inv_')[1] ?? ''
    const { items = [] } = await (await member('analyst')).call('GET', 'members/invitations')
    expect(items).toMatchObject([
      { role: 'agent', invitedBy: `member:${owner.id}`, invitedAt: NOON },
      { role: 'admin' },
    ])
    expect(JSON.stringify(items)).not.toContain(token)
    const [agents, admins] = items.map(({ id }) => `members/invitations/${id}`)
    expect(await admin.call('DELETE', admins ?? '')).toMatchObject({ status: 403, code: 'role_not_grantable' })
    expect(await (await openShop()).owner.call('DELETE', agents ?? '')).toMatchObject({ status: 404 })
    expect(await admin.call('DELETE', agents ?? '')).toMatchObject({ status: 200 })
    expect(await admin.call('DELETE', agents ?? '')).toMatchObject({ status: 409, code: 'invitation_unusable' })
    expect((await owner.call('GET', 'members/invitations')).items).toMatchObject([{ role: 'admin' }])
    const late = joinTenant(db, { token, telegramId: 555_002, name: 'Zeynep' }, NOON)
    await expect(late).rejects.toMatchObject({ code: 'invitation_unusable', params: { why: 'revoked' } })
    const lines = await inTenant(db, tenantId, (tx) => listAudit(tx, tenantId, 1))
    expect(lines).toMatchObject([
      { action: 'member.invitation_revoked', actor: `member:${admin.id}`, detail: { role: 'agent' } },
    ])
  })

  it('get another role and leave, but the last owner stays one', async () => {
    const { owner, member } = await openShop()
    const agent = await member('agent')
    const change = (id: number, role: string) => owner.call('PATCH', `members/${id}`, { role })
    expect(await change(owner.id, 'admin')).toMatchObject({ status: 409, code: 'last_owner' })
    expect(await owner.call('DELETE', `members/${owner.id}`)).toMatchObject({ status: 409, code: 'last_owner' })
    expect(await change(agent.id, 'owner')).toMatchObject({ status: 200, role: 'owner' })
    expect(await change(owner.id, 'admin')).toMatchObject({ status: 200, role: 'admin' })
    // No longer an owner: what they may do changed with the next call.
    expect(await owner.call('DELETE', `members/${agent.id}`)).toMatchObject({ status: 403, code: 'role_not_grantable' })
    expect(await agent.call('DELETE', `members/${owner.id}`)).toMatchObject({ status: 200 })
    expect((await agent.call('GET', 'members')).items).toHaveLength(1)
    expect(await owner.call('GET', 'members')).toMatchObject({ status: 403, code: 'no_tenant' })
  })

  it('of another tenant cannot be changed', async () => {
    const [mine, theirs] = [await openShop(), await openShop()]
    expect(await mine.owner.call('PATCH', `members/${theirs.owner.id}`, { role: 'agent' })).toMatchObject({
      status: 404,
    })
    expect(await mine.owner.call('DELETE', `members/${theirs.owner.id}`)).toMatchObject({ status: 404 })
  })
})
