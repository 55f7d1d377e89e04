import { beforeAll, describe, expect, it } from 'vitest'

import { type Db, createDb } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { activateSubscription } from '#server/modules/billing/index.ts'
import { addOwner, authenticateApiKey, getSignInLink } from '#server/modules/tenancy/index.ts'
import { type CliRunner, createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON } from '#server/testing/factories.ts'

let db: Db
let run: CliRunner['run']
let json: CliRunner['json']
let serial = 0

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
  const runner = createCliRunner(db)
  run = runner.run
  json = runner.json
})

const shop = async (name = 'trial') => {
  const slug = `dukkan-${(serial += 1)}`
  const { id } = (await json(['tenants', 'create', slug, '--package', name])) as { readonly id: number }
  return { id, slug, on: ['--tenant', slug] as const }
}

describe('tenants', () => {
  it('shows package, end and use, and suspends only after a confirmation', async () => {
    const { slug } = await shop()
    expect(await json(['tenants', 'show', slug])).toMatchObject({
      slug,
      state: 'active',
      subscription: { state: 'trial', package: 'trial' },
      members: 0,
    })
    const { out } = await run(['tenants', 'show', slug])
    expect(out).toContain('Own templates')
    expect(out).toMatch(/Messages a day\s+0\s+100/)
    expect((await run(['tenants', 'deactivate', slug, '--reason', 'abuse'])).code).toBe(64)
    expect(await json(['tenants', 'deactivate', slug, '--reason', 'abuse', '--yes'])).toMatchObject({
      state: 'suspended',
    })
    expect((await run(['tenants', 'list'])).out).toContain('suspended')
    expect(await json(['tenants', 'activate', slug])).toMatchObject({ state: 'active' })
    expect((await run(['tenants', 'show', 'ghost'])).code).toBe(1)
  })
})

describe('packages', () => {
  it('lists what is sold and shows a package by any of its names', async () => {
    const { out } = await run(['packages', 'list'])
    expect(out).toContain('Professional')
    expect(out).toContain('500.00')
    expect(await json(['packages', 'show', 'Kurumsal'])).toMatchObject({ name: 'enterprise', priceMinor: 200_000 })
    expect((await run(['packages', 'show', 'professional'])).out).toContain('drafts that people approve')
    const { code, err } = await run(['packages', 'show', 'gold'])
    expect(code).toBe(64)
    expect(err).toContain('enterprise')
  })
})

describe('revenue', () => {
  it('adds up what was paid in the last thirty days', async () => {
    const { id } = await shop()
    const payment = {
      tenantId: id,
      package: 'starter',
      periodDays: 30,
      paidMinor: 50_000,
      reference: 'CLI1',
      at: NOON - 1,
    }
    await inTenant(db, id, (tx) => activateSubscription(tx, payment))
    expect(await json(['revenue'])).toMatchObject({
      packages: [{ package: 'starter', paidMinor: 50_000, currency: 'TRY' }],
      mrrMinor: 50_000,
      churnRatio: null,
    })
    expect((await run(['revenue'])).out).toContain('500.00')
    expect((await run(['revenue', '--from', '2026-07-01T00:00Z', '--to', '2026-06-01T00:00Z'])).code).toBe(64)
  })
})

describe('members', () => {
  it('invites, changes and removes, and records each in the audit log', async () => {
    const { id, on } = await shop()
    const owner = await inTenant(db, id, (tx) =>
      addOwner(tx, { telegramId: 5, name: 'Ayşe' }, { by: 'system', at: NOON }),
    )
    const second = await inTenant(db, id, (tx) =>
      addOwner(tx, { telegramId: 6, name: 'Can' }, { by: 'system', at: NOON }),
    )
    const { out } = await run(['members', 'invite', 'agent', ...on])
    expect(out).toContain('Invitation as Agent')
    expect(await json(['members', 'role', String(second.id), 'analyst', ...on])).toMatchObject({ role: 'analyst' })
    expect((await run(['members', 'role', String(owner.id), 'agent', ...on])).err).toContain('last owner')
    expect((await run(['members', 'list', ...on])).out).toMatch(/Can\s+Analyst/)
    expect((await run(['members', 'remove', String(second.id), '--yes', ...on])).code).toBe(0)
    const lines = (await json(['audit', ...on])) as readonly { readonly action: string }[]
    expect(lines.map((line) => line.action)).toEqual(
      expect.arrayContaining(['member.removed', 'member.role_changed', 'member.invited', 'tenant.created']),
    )
    expect((await run(['audit', ...on])).out).toContain('owner → analyst')
  })
})

describe('operators', () => {
  it('adds, lets into the panel, lists and removes', async () => {
    expect((await run(['operators', 'add', '777', '--name', 'Deniz', '--role', 'support'])).out).toContain('Deniz')
    expect(await json(['operators', 'list'])).toMatchObject([{ telegramId: 777, role: 'support' }])
    expect((await json(['audit', '--global'])) as readonly object[]).toContainEqual(
      expect.objectContaining({ action: 'operator.added', target: 'operator:777' }),
    )
    const { address } = (await json(['operators', 'link', '--telegram-id', '777'])) as { address: string }
    expect(address).toMatch(/^https:[/][/]panel[.]example[/]enter[/][\w-]{43}$/)
    expect(await getSignInLink(db, address.split('/').at(-1) ?? '', NOON)).toMatchObject({ telegramId: 777 })
    expect((await run(['operators', 'remove', '777', '--yes'])).code).toBe(0)
    expect((await run(['operators', 'remove', '777', '--yes'])).code).toBe(1)
  })
})

describe('keys', () => {
  it('shows a key once, lists it without its secret, and revokes it', async () => {
    const { id, on } = await shop()
    const made = (await json(['keys', 'create', 'Depo', '--scope', 'contacts.view', ...on])) as {
      readonly id: number
      readonly key: string
    }
    const use = () => asOperator(db, 'test', (tx) => authenticateApiKey(tx, made.key, NOON))
    expect(await use()).toMatchObject({ tenantId: id })
    const { out } = await run(['keys', 'list', ...on])
    expect(out).toContain('contacts.view')
    expect(out).not.toContain(made.key)
    expect((await run(['keys', 'revoke', String(made.id), ...on])).code).toBe(64)
    expect((await run(['keys', 'revoke', String(made.id), '--yes', ...on])).code).toBe(0)
    await expect(use()).rejects.toMatchObject({ code: 'api_key_unusable' })
    expect((await run(['keys', 'create', 'Depo', ...on])).err).toContain('at least one of')
  })
})
