import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { secretBox } from '#server/base/secret.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant } from '#server/testing/factories.ts'

import { applyBusinessConnection } from './apply-business-connection.ts'
import type { BusinessConnection } from './business.rules.ts'
import { disconnectAccount } from './change-account.ts'
import { configureUpdates } from './configure-updates.ts'
import { listAccounts } from './find-account.ts'
import { endAccountsVia, resumeAccountsVia } from './follow-carrier.ts'
import {
  linkBusinessConnection,
  linkRefusedBusinessAccounts,
  listWaitingConnections,
} from './link-business-connection.ts'
import { recordAccountLost } from './record-account-lost.ts'

let db: Db
const box = secretBox(Buffer.alloc(32, 5))
const never = (): never => {
  throw new Error('Telegram is not asked')
}
const feed = {
  getUpdates: never,
  setWebhook: never,
  deleteWebhook: never,
  getWebhook: never,
  validateToken: never,
}

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

let serial = 0
const MEMBER = { by: 'member:1', at: NOON }

const addMember = (tenantId: number, telegramId: number, role = 'owner') =>
  db
    .insertInto('member')
    .values({
      tenant_id: tenantId,
      telegram_id: telegramId,
      role,
      name: 'Deniz',
      invited_by: 'test',
      joined_at: toDate(NOON),
    })
    .execute()

/** A tenant with a bot of its own, and an owner who may link accounts there unless told otherwise. */
const scene = async (over: { role?: string | null; package?: 'trial' | 'custom' } = {}) => {
  serial += 1
  const tenantId = await createTenant(db, { package: over.package ?? 'custom' })
  const botId = await createAccount(db, tenantId)
  const ownerId = 800_000_000 + process.pid * 1_000 + serial
  if (over.role !== null) await addMember(tenantId, ownerId, over.role ?? 'owner')
  let updateId = 10
  const told = (change: Partial<BusinessConnection> & { updateId?: number; viaAccountId?: number } = {}) => {
    const { updateId: given, viaAccountId = botId, ...connection } = change
    return applyBusinessConnection(
      { db, box },
      {
        viaAccountId,
        updateId: given ?? (updateId += 1),
        connection: {
          connectionId: `c-${ownerId}`,
          ownerTelegramId: ownerId,
          userChatId: ownerId,
          displayName: 'Deniz Kaya',
          username: 'deniz',
          rights: ['can_reply'],
          isEnabled: true,
          ...connection,
        },
      },
      NOON,
    )
  }
  const accounts = async (tenant = tenantId) =>
    (await inTenant(db, tenant, listAccounts)).filter(({ kind }) => kind === 'business')
  const events = async (tenant = tenantId) =>
    (
      await db
        .selectFrom('domain_event')
        .select(['type', 'payload'])
        .where('tenant_id', '=', tenant)
        .orderBy('id')
        .execute()
    ).map(({ type, payload }) => [type, (payload as { reason?: string }).reason ?? null])
  const connectionOf = async () =>
    (
      await db
        .selectFrom('account')
        .select('business_connection_id')
        .where('telegram_id', '=', ownerId)
        .executeTakeFirst()
    )?.business_connection_id
  const row = () =>
    db.selectFrom('business_connection').selectAll().where('owner_telegram_id', '=', ownerId).executeTakeFirst()
  return { tenantId, botId, ownerId, told, accounts, events, connectionOf, row }
}

/** The installation has one panel bot; it belongs to a tenant of the operator's. */
const openPanel = async () => {
  await db.updateTable('account').set({ purpose: 'contacts' }).where('purpose', '=', 'panel').execute()
  const id = await createAccount(db, await createTenant(db))
  await db.updateTable('account').set({ purpose: 'panel' }).where('id', '=', id).execute()
  return id
}

describe('applyBusinessConnection', () => {
  it('makes an account with the rights its owner gave, and says so once however often it is told', async () => {
    const { told, accounts, events, ownerId } = await scene()
    await told({ updateId: 50 })
    await told({ updateId: 50 })
    expect(await accounts()).toMatchObject([
      {
        state: 'active',
        linkedBy: 'business',
        telegramId: ownerId,
        ownerTelegramId: ownerId,
        businessRights: ['can_reply'],
      },
    ])
    expect(await events()).toEqual([['account.linked', null]])
  })

  it('follows a new id and other rights without linking anew, and nothing older', async () => {
    const { told, accounts, events, connectionOf } = await scene()
    await told({ updateId: 50 })
    await told({ updateId: 60, connectionId: 'second', rights: [] })
    await told({ updateId: 55, connectionId: 'first-again' })
    expect(await connectionOf()).toBe('second')
    expect(await accounts()).toMatchObject([{ state: 'active', businessRights: [] }])
    expect(await events()).toHaveLength(1)
  })

  it('ends the account with the connection, and brings it back with it', async () => {
    const { told, accounts, events } = await scene()
    await told()
    await told({ isEnabled: false })
    expect(await accounts()).toMatchObject([{ state: 'disconnected', stateReason: 'business_disconnected' }])
    await told({ connectionId: 'again' })
    expect(await accounts()).toMatchObject([{ state: 'active', stateReason: null }])
    expect(await events()).toEqual([
      ['account.linked', null],
      ['account.lost', 'business_disconnected'],
      ['account.linked', null],
    ])
  })

  it('leaves an account beyond the package disconnected, and tells its owner why', async () => {
    const { told, accounts, events } = await scene({ package: 'trial' })
    await told()
    expect(await accounts()).toMatchObject([{ state: 'disconnected', stateReason: 'over_package_limit' }])
    expect(await events()).toEqual([['account.lost', 'over_package_limit']])
  })

  it('links what was refused once the package has room, and only while its connection is on', async () => {
    const { tenantId, told, accounts, events } = await scene({ package: 'trial' })
    await told()
    expect(await linkRefusedBusinessAccounts({ db, box }, tenantId, NOON)).toBe(0)
    for (const table of ['subscription', 'tenant_limits'] as const)
      await db.updateTable(table).set({ package: 'custom' }).where('tenant_id', '=', tenantId).execute()
    expect(await linkRefusedBusinessAccounts({ db, box }, tenantId, NOON)).toBe(1)
    expect(await linkRefusedBusinessAccounts({ db, box }, tenantId, NOON)).toBe(0)
    expect(await accounts()).toMatchObject([{ state: 'active', stateReason: null }])
    expect(await events()).toEqual([
      ['account.lost', 'over_package_limit'],
      ['account.linked', null],
    ])
    const gone = await scene({ package: 'trial' })
    await gone.told()
    await gone.told({ isEnabled: false })
    await db.updateTable('subscription').set({ package: 'custom' }).where('tenant_id', '=', gone.tenantId).execute()
    expect(await linkRefusedBusinessAccounts({ db, box }, gone.tenantId, NOON)).toBe(0)
  })

  it('keeps what a stranger connects until a member takes it, and forgets it when the stranger leaves', async () => {
    const { tenantId, botId, ownerId, told, accounts, row } = await scene({ role: 'agent' })
    const other = await scene()
    await told()
    expect(await accounts()).toEqual([])
    expect(await listWaitingConnections(db, tenantId)).toMatchObject([
      { ownerTelegramId: ownerId, reason: 'owner_unknown' },
    ])
    expect(await listWaitingConnections(db, other.tenantId)).toEqual([])
    const input = { viaAccountId: botId, ownerTelegramId: ownerId }
    await expect(
      linkBusinessConnection({ db, box }, { tenantId: other.tenantId, ...input }, MEMBER),
    ).rejects.toMatchObject({ code: 'not_found' })
    const linked = await linkBusinessConnection({ db, box }, { tenantId, ...input }, MEMBER)
    expect(linked).toMatchObject({ state: 'active', kind: 'business' })
    expect(await listWaitingConnections(db, tenantId)).toEqual([])

    const gone = await scene({ role: null })
    await gone.told()
    await gone.told({ isEnabled: false })
    expect(await gone.row()).toBeUndefined()
    expect(await row()).toMatchObject({ unlinked_reason: null })
  })

  it("finds at the panel's bot the owner's one tenant, and waits for a choice between several", async () => {
    const panelId = await openPanel()
    const one = await scene()
    await one.told({ viaAccountId: panelId })
    expect(await one.accounts()).toMatchObject([{ state: 'active' }])

    const two = await scene()
    const second = await createTenant(db)
    await addMember(second, two.ownerId, 'admin')
    await two.told({ viaAccountId: panelId })
    expect(await two.accounts()).toEqual([])
    expect(await two.row()).toMatchObject({ unlinked_reason: 'several_tenants' })
    expect(await listWaitingConnections(db, one.tenantId)).toEqual([])
    const input = { tenantId: second, viaAccountId: panelId, ownerTelegramId: two.ownerId }
    await linkBusinessConnection({ db, box }, input, MEMBER)
    expect(await two.accounts(second)).toMatchObject([{ state: 'active' }])
  })

  it('does not take a person whose account is linked elsewhere or in another way', async () => {
    const { told, accounts, ownerId, row } = await scene()
    const elsewhere = await scene()
    await db.updateTable('account').set({ telegram_id: ownerId }).where('id', '=', elsewhere.botId).execute()
    await told()
    expect(await accounts()).toEqual([])
    expect(await row()).toMatchObject({ unlinked_reason: 'linked_elsewhere' })
  })

  it('links one account however many are told at once', async () => {
    const { told, accounts, events } = await scene()
    await Promise.all([1, 2, 3, 4].map((n) => told({ updateId: 50 + n, connectionId: `id-${n}-${process.pid}` })))
    expect(await accounts()).toHaveLength(1)
    expect(await events()).toHaveLength(1)
  })
})

describe('disconnectAccount of a business account', () => {
  it('stays ended while the connection merely changes, and begins again once the owner connects anew', async () => {
    const { tenantId, told, accounts } = await scene()
    await told()
    const [account] = await accounts()
    const deps = { db, box, feed, publicUrl: null }
    await disconnectAccount(deps, tenantId, account?.id ?? 0, MEMBER)
    await told({ connectionId: 'changed', rights: [] })
    expect(await accounts()).toMatchObject([{ state: 'disconnected', stateReason: 'disconnected_by_member' }])
    await told({ connectionId: 'changed', isEnabled: false })
    await told({ connectionId: 'anew' })
    expect(await accounts()).toMatchObject([{ state: 'active' }])
  })

  it('asks Telegram for nothing, and neither does the set-up of its updates', async () => {
    const { tenantId, told, accounts } = await scene()
    await told()
    const [account] = await accounts()
    const deps = { db, box, feed, publicUrl: 'https://example.com' }
    await configureUpdates(deps, tenantId, account?.id ?? 0)
    expect(await disconnectAccount(deps, tenantId, account?.id ?? 0, MEMBER)).toMatchObject({ state: 'disconnected' })
  })
})

describe('endAccountsVia', () => {
  it('rests business accounts with their bot and brings them back with it, but not what a member ended', async () => {
    const { tenantId, botId, told, accounts } = await scene()
    await told()
    await endAccountsVia(db, botId, NOON)
    expect(await accounts()).toMatchObject([{ state: 'active' }])
    await inTenant(db, tenantId, (tx) => recordAccountLost(tx, botId, 'token_revoked', NOON))
    await endAccountsVia(db, botId, NOON)
    expect(await accounts()).toMatchObject([{ state: 'disconnected', stateReason: 'carrier_disconnected' }])
    await resumeAccountsVia({ db, box }, botId, NOON)
    expect(await accounts()).toMatchObject([{ state: 'disconnected' }])
    await asOperator(db, 'test', (tx) =>
      tx.updateTable('account').set({ state: 'active', state_reason: null }).where('id', '=', botId).execute(),
    )
    await resumeAccountsVia({ db, box }, botId, NOON)
    expect(await accounts()).toMatchObject([{ state: 'active', stateReason: null }])
    const [account] = await accounts()
    await disconnectAccount({ db, box, feed, publicUrl: null }, tenantId, account?.id ?? 0, MEMBER)
    await resumeAccountsVia({ db, box }, botId, NOON)
    expect(await accounts()).toMatchObject([{ stateReason: 'disconnected_by_member' }])
  })
})
