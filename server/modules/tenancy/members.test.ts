import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { MemberRole } from '#contract/words.ts'
import { DAY_MS, MINUTE_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { joinTenant } from '#server/modules/onboarding/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'

import {
  type ActingPerson,
  type Member,
  addOperator,
  addOwner,
  authenticateApiKey,
  changeRole,
  createApiKey,
  findMember,
  findOperator,
  inviteMember,
  listApiKeys,
  listAudit,
  listMembers,
  listMemberships,
  listOperators,
  removeMember,
  removeOperator,
  revokeApiKey,
  setTenantState,
} from './index.ts'

let db: Db
let tenantId: number
let owner: Member
let serial = 0

const within = <T>(work: (tx: TenantTx) => Promise<T>, id = tenantId) => inTenant(db, id, work)
const acting = (member: Member, at = NOON): ActingPerson => ({
  by: `member:${member.id}`,
  access: { kind: 'member', role: member.role },
  at,
})
const person = () => ({ telegramId: 900_000 + (serial += 1), name: 'Mehmet' })

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

beforeEach(async () => {
  tenantId = await createTenant(db)
  owner = await within((tx) => addOwner(tx, person(), { by: 'system', at: NOON }))
})

const invite = (role: MemberRole, by = acting(owner)) => within((tx) => inviteMember(tx, { role }, by))
const join = async (role: MemberRole): Promise<Member> =>
  joinTenant(db, { ...person(), token: (await invite(role)).token }, NOON)

describe('inviteMember', () => {
  it('lets one person in with the role, and says so in the audit log', async () => {
    const { token, expiresAt } = await invite('agent')
    expect(expiresAt).toBe(NOON + 7 * DAY_MS)
    const who = person()
    const member = await joinTenant(db, { ...who, token }, NOON + DAY_MS)
    expect(member).toMatchObject({
      tenantId,
      role: 'agent',
      telegramId: who.telegramId,
      invitedBy: `member:${owner.id}`,
    })
    expect(await within((tx) => findMember(tx, who.telegramId))).toEqual(member)
    expect(await within((tx) => listAudit(tx, tenantId, 2))).toMatchObject([
      { actor: `member:${member.id}`, action: 'member.joined', detail: { before: null, after: 'agent' } },
      { actor: `member:${owner.id}`, action: 'member.invited', detail: { role: 'agent' } },
    ])
    const { rows } = { rows: await db.selectFrom('invitation').selectAll().where('tenant_id', '=', tenantId).execute() }
    expect(JSON.stringify(rows)).not.toContain(token)
  })

  it('lets one of two in who press the same link', async () => {
    const { token } = await invite('agent')
    const results = await Promise.allSettled([
      joinTenant(db, { ...person(), token }, NOON),
      joinTenant(db, { ...person(), token }, NOON),
    ])
    expect(results.map((r) => r.status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(await within(listMembers)).toHaveLength(2)
  })

  it('refuses a link that is used, over or nobody gave, and a person who is a member', async () => {
    const { token } = await invite('agent')
    const late = joinTenant(db, { ...person(), token }, NOON + 7 * DAY_MS)
    await expect(late).rejects.toMatchObject({ code: 'invitation_unusable', params: { why: 'expired' } })
    const own = joinTenant(db, { telegramId: owner.telegramId, name: 'Ayşe', token }, NOON)
    await expect(own).rejects.toMatchObject({ code: 'member_already' })
    await joinTenant(db, { ...person(), token }, NOON)
    const again = joinTenant(db, { ...person(), token }, NOON)
    await expect(again).rejects.toMatchObject({ params: { why: 'used' } })
    const guessed = joinTenant(db, { ...person(), token: 'x' }, NOON)
    await expect(guessed).rejects.toMatchObject({ params: { why: 'unknown' } })
    const nobody = joinTenant(db, { telegramId: -5, name: 'X', token }, NOON)
    await expect(nobody).rejects.toMatchObject({ params: { field: 'telegramId' } })
  })

  it('lets nobody invite above themselves', async () => {
    const [admin, agent] = [await join('admin'), await join('agent')]
    await expect(invite('owner', acting(admin))).rejects.toMatchObject({ code: 'role_not_grantable' })
    await expect(invite('admin', acting(admin))).rejects.toMatchObject({ code: 'role_not_grantable' })
    await expect(invite('agent', acting(agent))).rejects.toMatchObject({ kind: 'forbidden', code: 'not_allowed' })
    await expect(invite('boss' as 'owner')).rejects.toMatchObject({ params: { field: 'role' } })
  })
})

describe('changeRole', () => {
  it('keeps before and after, and refuses who stands lower', async () => {
    const [admin, agent] = [await join('admin'), await join('agent')]
    const change = (id: number, role: MemberRole, by: ActingPerson) => within((tx) => changeRole(tx, id, role, by))
    expect(await change(agent.id, 'analyst', acting(admin))).toMatchObject({ role: 'analyst' })
    expect((await within((tx) => listAudit(tx, tenantId, 1)))[0]).toMatchObject({
      actor: `member:${admin.id}`,
      action: 'member.role_changed',
      target: `member:${agent.id}`,
      detail: { before: 'agent', after: 'analyst' },
    })
    await expect(change(owner.id, 'agent', acting(admin))).rejects.toMatchObject({ code: 'role_not_grantable' })
    await expect(change(agent.id, 'admin', acting(admin))).rejects.toMatchObject({ code: 'role_not_grantable' })
    await expect(change(999_999, 'agent', acting(owner))).rejects.toMatchObject({ kind: 'not_found' })
  })

  it('never takes the last owner away, also of two who step down at once', async () => {
    const second = await join('owner')
    const down = (member: Member) => within((tx) => changeRole(tx, member.id, 'agent', acting(member)))
    const results = await Promise.allSettled([down(owner), down(second)])
    expect(results.map((r) => r.status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect((await within(listMembers)).filter((m) => m.role === 'owner')).toHaveLength(1)
  })
})

describe('removeMember', () => {
  it('ends a membership, keeps its number, and lets the person come back', async () => {
    const agent = await join('agent')
    await within((tx) => removeMember(tx, agent.id, acting(agent)))
    expect(await within((tx) => findMember(tx, agent.telegramId))).toBeNull()
    const { token } = await invite('analyst')
    const back = await joinTenant(db, { telegramId: agent.telegramId, name: 'Mehmet', token }, NOON)
    expect(back.id).not.toBe(agent.id)
    await expect(within((tx) => removeMember(tx, owner.id, acting(owner)))).rejects.toMatchObject({
      code: 'last_owner',
    })
    await expect(within((tx) => removeMember(tx, owner.id, acting(back)))).rejects.toMatchObject({
      code: 'not_allowed',
    })
  })
})

describe('listMemberships', () => {
  it('finds all tenants of a person', async () => {
    const other = await createTenant(db)
    await within(
      (tx) => addOwner(tx, { telegramId: owner.telegramId, name: 'Ayşe' }, { by: 'system', at: NOON }),
      other,
    )
    const found = await asOperator(db, 'test', (tx) => listMemberships(tx, owner.telegramId))
    expect(found.map((m) => m.tenantId)).toEqual([tenantId, other])
  })
})

describe('createApiKey', () => {
  const create = (scopes: readonly string[], by = acting(owner)) =>
    within((tx) => createApiKey(tx, { name: 'Depo', scopes }, by))
  const use = (key: string, at = NOON) => asOperator(db, 'test', (tx) => authenticateApiKey(tx, key, at))

  it('gives a key that works until it is revoked, of which only prefix and hash are kept', async () => {
    const made = await create(['contacts.view', 'contacts.view', 'analytics.view'])
    expect(made.key).toMatch(/^gvt_live_[a-z0-9]{8}_[A-Za-z0-9_-]{43}$/)
    expect(await use(made.key)).toEqual({
      tenantId,
      keyId: made.id,
      access: { kind: 'api_key', scopes: ['contacts.view', 'analytics.view'] },
    })
    await use(made.key, NOON + MINUTE_MS / 2)
    expect(await within(listApiKeys)).toMatchObject([{ prefix: made.prefix, lastUsedAt: NOON, revokedAt: null }])
    const stored = JSON.stringify(await db.selectFrom('api_key').selectAll().where('id', '=', made.id).execute())
    expect(stored).not.toContain(made.key.split('_').slice(3).join('_'))
    await within((tx) => revokeApiKey(tx, made.id, acting(owner)))
    await expect(use(made.key)).rejects.toMatchObject({ kind: 'unauthenticated', code: 'api_key_unusable' })
    await expect(within((tx) => revokeApiKey(tx, made.id, acting(owner)))).rejects.toMatchObject({ kind: 'not_found' })
  })

  it('answers a wrong secret, a wrong prefix and nonsense alike', async () => {
    const { key } = await create(['contacts.view'])
    const wrong = `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`
    for (const text of [wrong, key.replace('gvt_live_', 'gvt_live_x'), '', 'gvt_live_']) {
      await expect(use(text)).rejects.toMatchObject({ kind: 'unauthenticated', code: 'api_key_unusable' })
    }
  })

  it('refuses scopes that keys cannot have, none at all, and more than the maker may do', async () => {
    await expect(create(['members.invite'])).rejects.toMatchObject({ params: { field: 'scopes' } })
    await expect(create([])).rejects.toMatchObject({ code: 'scopes_missing' })
    const admin = await join('admin')
    await expect(create(['contacts.erase'], acting(admin))).rejects.toMatchObject({ code: 'not_allowed' })
    const agent = await join('agent')
    await expect(create(['contacts.view'], acting(agent))).rejects.toMatchObject({ params: { action: 'keys.create' } })
  })
})

describe('addOperator', () => {
  it('adds, changes and ends an operator, each with before and after', async () => {
    const who = person()
    const operate = <T>(work: Parameters<typeof asOperator<T>>[2]) => asOperator(db, 'test', work)
    const add = (role: 'operator' | 'support') =>
      operate((tx) => addOperator(tx, { ...who, role }, { by: 'cli', at: NOON }))
    await add('support')
    await add('operator')
    expect(await operate((tx) => findOperator(tx, who.telegramId))).toMatchObject({ role: 'operator' })
    const lines = await operate((tx) => listAudit(tx, null, 500))
    expect(lines.filter((line) => line.action === 'operator.added').map((line) => line.detail)).toEqual([
      { before: 'support', after: 'operator' },
      { before: null, after: 'support' },
    ])
    await operate((tx) => removeOperator(tx, who.telegramId, { by: 'cli', at: NOON }))
    expect((await operate(listOperators)).map((o) => o.telegramId)).not.toContain(who.telegramId)
    const again = operate((tx) => removeOperator(tx, who.telegramId, { by: 'cli', at: NOON }))
    await expect(again).rejects.toMatchObject({ kind: 'not_found' })
    await expect(add('boss' as 'support')).rejects.toMatchObject({ params: { field: 'role' } })
  })
})

describe('setTenantState', () => {
  it('suspends and lets work again, with a reason', async () => {
    const set = (state: 'active' | 'suspended', reason: string) =>
      asOperator(db, 'test', (tx) => setTenantState(tx, tenantId, { state, reason }, { by: 'operator:1', at: NOON }))
    expect(await set('suspended', 'kötüye kullanım')).toMatchObject({ state: 'suspended' })
    expect((await within((tx) => listAudit(tx, tenantId, 1)))[0]).toMatchObject({
      action: 'tenant.suspended',
      detail: { before: 'active', after: 'suspended', reason: 'kötüye kullanım' },
    })
    expect(await set('active', 'düzeldi')).toMatchObject({ state: 'active' })
    await expect(set('suspended', ' ')).rejects.toMatchObject({ params: { field: 'reason' } })
  })
})
