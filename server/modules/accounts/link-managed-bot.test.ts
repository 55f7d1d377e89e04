import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { ManualClock, toDate } from '#server/base/clock.ts'
import { secretBox } from '#server/base/secret.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { type FakeTelegram, createFakeTelegram } from '#server/gateways/telegram/adapters/fake/create-fake-telegram.ts'
import { listAudit } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'

import {
  type AccountsDeps,
  addAccount,
  disconnectAccount,
  linkManagedBot,
  linkPanelAccount,
  listAccounts,
  openAccount,
  recoverToken,
  rotateBotToken,
} from './index.ts'

let db: Db
let telegram: FakeTelegram
let deps: AccountsDeps
let tenantId: number
let managerAccountId: number
let managerToken: string
let serial = 0

const profileOf = (telegramId: number) => ({
  telegramId,
  username: `bot_${telegramId}_bot`,
  displayName: 'Bot',
  canJoinGroups: true,
  readsAllGroupMessages: false,
  canConnectToBusiness: false,
})
const nextId = () => 7_300_000_000 + (serial += 1)
const newToken = () => {
  const telegramId = nextId()
  const token = `${telegramId}:${'B'.repeat(33)}${String(serial).padStart(3, '0')}`
  telegram.updateFeed.addBot(token, profileOf(telegramId))
  return { token, telegramId }
}

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

beforeEach(async () => {
  telegram = createFakeTelegram({ clock: new ManualClock(NOON) })
  const { updateFeed: feed, managedBots } = telegram
  deps = { db, box: secretBox(Buffer.alloc(32, 3)), feed, publicUrl: null, managedBots }
  const operator = await createTenant(db)
  const panel = newToken()
  managerToken = panel.token
  const linked = await linkPanelAccount(deps, { tenantId: operator, token: panel.token }, { by: 'settings', at: NOON })
  managerAccountId = linked.id
  tenantId = await createTenant(db)
})

/** A member of the tenant, by Telegram id; answers how the audit log names them. */
const addMember = async (telegramId: number, role: 'owner' | 'analyst' = 'owner', tenant = tenantId) => {
  const { id } = await db
    .insertInto('member')
    .values({
      tenant_id: tenant,
      telegram_id: telegramId,
      role,
      name: 'Ayşe',
      invited_by: 'system',
      joined_at: toDate(NOON),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { by: `member:${id}`, at: NOON }
}
const makeBot = () => {
  const botTelegramId = nextId()
  return { botTelegramId, token: telegram.managedBots.addManagedBot(managerToken, profileOf(botTelegramId)) }
}
const link = (botTelegramId: number, ownerTelegramId: number, actor: { by: string; at: number }, tenant = tenantId) =>
  linkManagedBot(deps, { tenantId: tenant, managerAccountId, botTelegramId, ownerTelegramId }, actor)
const tokenOf = async (id: number) => (await openAccount(deps, id)).token
const actionsOf = async () =>
  (await inTenant(db, tenantId, (tx) => listAudit(tx, tenantId, 20))).map(({ action }) => action)
const eventsOf = async (type: string) =>
  (
    await db
      .selectFrom('domain_event')
      .select('payload')
      .where('tenant_id', '=', tenantId)
      .where('type', '=', type)
      .execute()
  ).length
/** A linked managed bot, as most tests need one. */
const linked = async () => {
  const actor = await addMember(nextId())
  const ownerTelegramId = serial + 7_300_000_000
  const bot = makeBot()
  return { ...bot, actor, ownerTelegramId, account: await link(bot.botTelegramId, ownerTelegramId, actor) }
}

describe('linkManagedBot', () => {
  it('links a bot with the token its manager gives, for the member who made it', async () => {
    const { account, token, botTelegramId, ownerTelegramId } = await linked()
    expect(account).toMatchObject({ kind: 'bot', linkedBy: 'managed', telegramId: botTelegramId, ownerTelegramId })
    expect(account).toMatchObject({ state: 'active', updateMode: 'polling' })
    expect(await tokenOf(account.id)).toBe(token)
    expect(await actionsOf()).toContain('account.linked')
    expect(await eventsOf('account.linked')).toBe(1)
  })

  it('changes nothing when it is told again, even at the same time', async () => {
    const actor = await addMember(51)
    const { botTelegramId, token } = makeBot()
    const accounts = await Promise.all([1, 2, 3].map(() => link(botTelegramId, 51, actor)))
    expect(new Set(accounts.map(({ id }) => id)).size).toBe(1)
    expect(await eventsOf('account.linked')).toBe(1)
    expect(await eventsOf('account.token_changed')).toBe(0)
    expect(await tokenOf(accounts[0]?.id ?? 0)).toBe(token)
  })

  it('takes over a token that was replaced since', async () => {
    const { account, botTelegramId, ownerTelegramId, actor } = await linked()
    const replaced = await telegram.managedBots.replaceToken(
      { ...(await openAccount(deps, managerAccountId)) },
      botTelegramId,
    )
    await link(botTelegramId, ownerTelegramId, actor)
    expect(replaced).toStrictEqual({ kind: 'done', value: await tokenOf(account.id) })
    expect(await eventsOf('account.token_changed')).toBe(1)
  })

  it('keeps out whoever did not make the bot, may not link, or is a stranger', async () => {
    const [ayse] = [await addMember(61), await addMember(62, 'analyst')]
    const { botTelegramId } = makeBot()
    const refused = { kind: 'forbidden', code: 'not_bot_owner' }
    await expect(link(botTelegramId, 999, { by: 'system', at: NOON })).rejects.toMatchObject(refused)
    await expect(link(botTelegramId, 62, { by: 'system', at: NOON })).rejects.toMatchObject(refused)
    const other = await addMember(63)
    await expect(link(botTelegramId, 61, other)).rejects.toMatchObject(refused)
    expect(await inTenant(db, tenantId, listAccounts)).toEqual([])
    expect(await link(botTelegramId, 61, ayse)).toMatchObject({ state: 'active' })
  })

  it('refuses a bot another tenant has linked, and leaves it there', async () => {
    const { botTelegramId, account } = await linked()
    const elsewhere = await createTenant(db)
    const actor = await addMember(71, 'owner', elsewhere)
    await expect(link(botTelegramId, 71, actor, elsewhere)).rejects.toMatchObject({ code: 'account_linked_elsewhere' })
    expect(await inTenant(db, tenantId, listAccounts)).toMatchObject([{ id: account.id, state: 'active' }])
  })

  it('refuses a bot that is gone or not managed, and one the package has no room for', async () => {
    const actor = await addMember(81)
    await expect(link(5, 81, actor)).rejects.toMatchObject({ kind: 'invalid', code: 'managed_bot_refused' })
    const small = await createTenant(db, { package: 'trial' })
    const owner = await addMember(82, 'owner', small)
    await link(makeBot().botTelegramId, 82, owner, small)
    await expect(link(makeBot().botTelegramId, 82, owner, small)).rejects.toMatchObject({ kind: 'limit_reached' })
  })

  it('says when the manager cannot ask, or Telegram cannot be reached', async () => {
    const actor = await addMember(91)
    const { botTelegramId } = makeBot()
    telegram.failNext({ reason: 'connection_refused' })
    await expect(link(botTelegramId, 91, actor)).rejects.toMatchObject({ code: 'telegram_unreachable' })
    telegram.refuseToken(managerToken, 'token_revoked')
    await expect(link(botTelegramId, 91, actor)).rejects.toMatchObject({ code: 'manager_unusable' })
    const { managedBots: _, ...without } = deps
    await expect(
      linkManagedBot(without, { tenantId, managerAccountId, botTelegramId, ownerTelegramId: 91 }, actor),
    ).rejects.toMatchObject({ code: 'manager_unusable' })
  })
})

describe('addAccount', () => {
  it('remembers who pasted the token', async () => {
    const { token } = newToken()
    const account = await addAccount(deps, { tenantId, token, ownerTelegramId: 55 }, { by: 'system', at: NOON })
    expect(account).toMatchObject({ ownerTelegramId: 55, linkedBy: 'token' })
  })

  it("refuses the panel's own token to every tenant, its operator's included", async () => {
    const refused = { kind: 'conflict', code: 'bot_is_panel' }
    const { tenantId: operator } = await openAccount(deps, managerAccountId)
    for (const id of [tenantId, operator]) {
      const input = { tenantId: id, token: managerToken, replacesToken: true }
      await expect(addAccount(deps, input, { by: 'system', at: NOON })).rejects.toMatchObject(refused)
    }
    const [panel] = (await asOperator(db, 'test', listAccounts)).filter(({ id }) => id === managerAccountId)
    expect(panel).toMatchObject({ purpose: 'panel', state: 'active' })
  })

  it('refuses the token of a bot that another tenant has linked', async () => {
    const { token } = await linked()
    const elsewhere = await createTenant(db)
    await expect(addAccount(deps, { tenantId: elsewhere, token }, { by: 'system', at: NOON })).rejects.toMatchObject({
      code: 'account_linked_elsewhere',
    })
  })
})

describe('rotateBotToken', () => {
  it('gives a managed bot a new token and makes the old one worthless', async () => {
    const { account, token, actor } = await linked()
    await rotateBotToken(deps, tenantId, account.id, actor)
    const next = await tokenOf(account.id)
    expect(next).not.toBe(token)
    expect((await deps.feed.validateToken({ token: next, apiRoot: null })).kind).toBe('done')
    expect((await deps.feed.validateToken({ token, apiRoot: null })).kind).toBe('account_lost')
    expect(await actionsOf()).toContain('account.token_rotated')
    expect(await eventsOf('account.token_changed')).toBe(1)
  })

  it('takes the new token of a pasted bot, and no other bot’s', async () => {
    const { token, telegramId } = newToken()
    const actor = { by: 'system', at: NOON }
    const { id } = await addAccount(deps, { tenantId, token }, actor)
    await expect(rotateBotToken(deps, tenantId, id, actor)).rejects.toMatchObject({ code: 'token_needed' })
    await expect(rotateBotToken(deps, tenantId, id, actor, newToken().token)).rejects.toMatchObject({
      code: 'token_of_other_bot',
    })
    await expect(rotateBotToken(deps, tenantId, id, actor, 'x')).rejects.toMatchObject({ code: 'bot_token_format' })
    const next = `${telegramId}:${'C'.repeat(35)}`
    telegram.updateFeed.addBot(next, profileOf(telegramId))
    await rotateBotToken(deps, tenantId, id, actor, ` ${next} `)
    expect(await tokenOf(id)).toBe(next)
  })

  it('keeps out other tenants, and leaves the token when Telegram refuses', async () => {
    const { account, token, actor, botTelegramId } = await linked()
    const elsewhere = await createTenant(db)
    await expect(rotateBotToken(deps, elsewhere, account.id, actor)).rejects.toMatchObject({ kind: 'not_found' })
    telegram.managedBots.removeManagedBot(botTelegramId)
    await expect(rotateBotToken(deps, tenantId, account.id, actor)).rejects.toMatchObject({
      code: 'managed_bot_refused',
    })
    expect(await tokenOf(account.id)).toBe(token)
  })
})

describe('disconnectAccount', () => {
  it('makes the token of a managed bot worthless', async () => {
    const { account, token, actor } = await linked()
    expect(await disconnectAccount(deps, tenantId, account.id, actor)).toMatchObject({ state: 'disconnected' })
    expect((await deps.feed.validateToken({ token, apiRoot: null })).kind).toBe('account_lost')
  })

  it('disconnects when Telegram is away, says so, and makes the token worthless when told again', async () => {
    const { account, token, actor } = await linked()
    telegram.failNext({ reason: 'connection_refused' })
    await expect(disconnectAccount(deps, tenantId, account.id, actor)).rejects.toMatchObject({
      code: 'token_not_revoked',
    })
    expect(await inTenant(db, tenantId, listAccounts)).toMatchObject([{ state: 'disconnected' }])
    await disconnectAccount(deps, tenantId, account.id, actor)
    expect((await deps.feed.validateToken({ token, apiRoot: null })).kind).toBe('account_lost')
  })

  it('lets a bot go that its owner has deleted, and links it anew if it was not', async () => {
    const { account, actor, botTelegramId, ownerTelegramId } = await linked()
    await disconnectAccount(deps, tenantId, account.id, actor)
    expect(await link(botTelegramId, ownerTelegramId, actor)).toMatchObject({ id: account.id, state: 'active' })
    telegram.managedBots.removeManagedBot(botTelegramId)
    expect(await disconnectAccount(deps, tenantId, account.id, actor)).toMatchObject({ state: 'disconnected' })
  })
})

describe('recoverToken', () => {
  const manager = async () => openAccount(deps, managerAccountId)
  const recover = (accountId: number, token: string) => recoverToken(deps, { tenantId, accountId }, token, NOON)

  it('heals a rotation that died between Telegram’s answer and the commit', async () => {
    const { account, token, botTelegramId } = await linked()
    await telegram.managedBots.replaceToken(await manager(), botTelegramId)
    expect(await recover(account.id, token)).toBe('recovered')
    const next = await tokenOf(account.id)
    expect((await deps.feed.validateToken({ token: next, apiRoot: null })).kind).toBe('done')
    expect(await actionsOf()).toContain('account.token_recovered')
  })

  it('uses a token that is kept already, without asking', async () => {
    const { account, token, actor } = await linked()
    await rotateBotToken(deps, tenantId, account.id, actor)
    telegram.refuseToken(managerToken, 'token_revoked')
    expect(await recover(account.id, token)).toBe('recovered')
  })

  it('gives up when the manager gives the same token, or none', async () => {
    const { account, token, botTelegramId } = await linked()
    expect(await recover(account.id, token)).toBe('lost')
    telegram.managedBots.removeManagedBot(botTelegramId)
    expect(await recover(account.id, token)).toBe('lost')
    const pasted = newToken()
    const { id } = await addAccount(deps, { tenantId, token: pasted.token }, { by: 'system', at: NOON })
    expect(await recover(id, pasted.token)).toBe('lost')
  })

  it('gives nothing up while Telegram cannot be asked', async () => {
    const { account, token } = await linked()
    telegram.failNext({ reason: 'dns_failed' })
    expect(await recover(account.id, token)).toBe('later')
  })

  it('does nothing for a disconnected account or another tenant’s', async () => {
    const { account, token, actor } = await linked()
    const elsewhere = await createTenant(db)
    expect(await recoverToken(deps, { tenantId: elsewhere, accountId: account.id }, token, NOON)).toBe('lost')
    await disconnectAccount(deps, tenantId, account.id, actor)
    expect(await recover(account.id, token)).toBe('lost')
  })
})
