import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { secretBox } from '#server/base/secret.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { type FakeTelegram, createFakeTelegram } from '#server/gateways/telegram/adapters/fake/create-fake-telegram.ts'
import { listAudit } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'

import { webhookSecretContext } from './account.rules.ts'
import { selectAccount } from './account.store.ts'
import {
  type AccountsDeps,
  addAccount,
  configureUpdates,
  disconnectAccount,
  findWebhookTarget,
  getAccount,
  listAccounts,
  openAccount,
  openActiveAccounts,
  pauseAccount,
  recordAccountLost,
  resumeAccount,
  resumeAccountSending,
  rotateWebhookSecret,
  setUpdateMode,
  stopAccountSending,
} from './index.ts'

const actor = { by: 'operator', at: NOON }
let db: Db
let telegram: FakeTelegram
let deps: AccountsDeps
let tenantId: number
let serial = 0

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

beforeEach(async () => {
  telegram = createFakeTelegram({ clock: new ManualClock(NOON) })
  deps = { db, box: secretBox(Buffer.alloc(32, 3)), feed: telegram.updateFeed, publicUrl: 'https://crm.example' }
  tenantId = await createTenant(db)
})

/** A token that the fake Telegram knows. */
const newToken = (): { token: string; telegramId: number } => {
  serial += 1
  const telegramId = 7_100_000_000 + serial
  const token = `${telegramId}:${'A'.repeat(34)}${serial % 10}`
  telegram.updateFeed.addBot(token, {
    telegramId,
    username: `bot_${serial}_bot`,
    displayName: `Bot ${serial}`,
    canJoinGroups: true,
    readsAllGroupMessages: false,
    canConnectToBusiness: false,
  })
  return { token, telegramId }
}

const add = (token: string, over: Partial<Parameters<typeof addAccount>[1]> = {}) =>
  addAccount(deps, { tenantId, token, ...over }, actor)

describe('addAccount', () => {
  it('links the bot Telegram names, with its token sealed', async () => {
    const { token, telegramId } = newToken()
    const account = await add(`  ${token}\n`)
    expect(account).toMatchObject({
      tenantId,
      kind: 'bot',
      state: 'active',
      telegramId,
      updateMode: 'webhook',
      health: 'normal',
    })
    const row = await db.selectFrom('account').selectAll().where('id', '=', account.id).executeTakeFirstOrThrow()
    expect(row.token_sealed!.toString('latin1')).not.toContain(token)
    expect((await openAccount(deps, account.id)).token).toBe(token)
    expect(JSON.stringify(account)).not.toContain('Sealed')
    const events = await db
      .selectFrom('domain_event')
      .select(['type', 'payload'])
      .where('tenant_id', '=', tenantId)
      .execute()
    expect(events).toEqual([{ type: 'account.linked', payload: { accountId: account.id } }])
    expect(await inTenant(db, tenantId, (tx) => listAudit(tx, tenantId, 5))).toMatchObject([
      { action: 'account.linked' },
    ])
  })

  it('polls where this server has no public address', async () => {
    deps = { ...deps, publicUrl: null }
    expect((await add(newToken().token)).updateMode).toBe('polling')
  })

  it.each(['', 'abc', '123:short', '12345:with space and more than thirty chars', `123456:${'x'.repeat(35)}:y`])(
    'refuses %j as a token without asking Telegram',
    async (token) => {
      await expect(add(token)).rejects.toMatchObject({
        kind: 'invalid',
        code: 'bot_token_format',
        params: { field: 'token' },
      })
    },
  )

  it('refuses a token that belongs to nobody, and never repeats it', async () => {
    const token = `9999999:${'B'.repeat(35)}`
    const error = await add(token).catch((e: unknown) => e)
    expect(error).toMatchObject({ kind: 'invalid', code: 'bot_token_refused', params: { reason: 'token_revoked' } })
    expect(String(error)).not.toContain(token)
  })

  it('refuses a bot that this tenant has, and one that another tenant has', async () => {
    const { token } = newToken()
    await add(token)
    await expect(add(token)).rejects.toMatchObject({ kind: 'conflict', code: 'account_already_linked' })
    const other = await createTenant(db)
    await expect(add(token, { tenantId: other })).rejects.toMatchObject({
      kind: 'conflict',
      code: 'account_linked_elsewhere',
    })
  })

  it('links a disconnected bot anew, as the same account', async () => {
    const { token } = newToken()
    const first = await add(token)
    await disconnectAccount(deps, tenantId, first.id, actor)
    const second = await add(token)
    expect(second).toMatchObject({ id: first.id, state: 'active', stateReason: null })
  })

  it('gives the last place of the package to one of ten requests at once', async () => {
    await db.updateTable('subscription').set({ package: 'professional' }).where('tenant_id', '=', tenantId).execute()
    const tokens = Array.from({ length: 10 }, newToken)
    const results = await Promise.allSettled(tokens.map(({ token }) => add(token)))
    expect(results.filter((r) => r.status === 'fulfilled')).toHaveLength(2)
    expect(results.find((r) => r.status === 'rejected')?.reason).toMatchObject({
      kind: 'limit_reached',
      code: 'accounts',
      params: { limit: 2, used: 2, package: 'professional' },
    })
    expect(await inTenant(db, tenantId, listAccounts)).toHaveLength(2)
  })
})

describe('pauseAccount', () => {
  it('keeps an account out of those that work, until it is resumed', async () => {
    const { id } = await add(newToken().token)
    const ids = async () => (await openActiveAccounts(deps)).accounts.map((a) => a.accountId)
    await inTenant(db, tenantId, (tx) => pauseAccount(tx, id, 'tatil', actor))
    expect(await ids()).not.toContain(id)
    expect(await inTenant(db, tenantId, (tx) => getAccount(tx, id))).toMatchObject({
      state: 'paused',
      stateReason: 'tatil',
    })
    await inTenant(db, tenantId, (tx) => resumeAccount(tx, id, actor))
    expect(await ids()).toContain(id)
  })

  it('does not touch the account of another tenant', async () => {
    const { id } = await add(newToken().token)
    const other = await createTenant(db)
    await expect(inTenant(db, other, (tx) => pauseAccount(tx, id, 'x', actor))).rejects.toMatchObject({
      kind: 'not_found',
    })
    await expect(inTenant(db, other, (tx) => getAccount(tx, id))).rejects.toMatchObject({ kind: 'not_found' })
    await expect(inTenant(db, other, (tx) => stopAccountSending(tx, id, 'x', actor))).rejects.toMatchObject({
      kind: 'not_found',
    })
  })

  it('refuses to resume a disconnected account', async () => {
    const { id } = await add(newToken().token)
    await disconnectAccount(deps, tenantId, id, actor)
    await expect(inTenant(db, tenantId, (tx) => resumeAccount(tx, id, actor))).rejects.toMatchObject({
      kind: 'conflict',
      code: 'account_state',
    })
  })
})

describe('recordAccountLost', () => {
  it('disconnects once and says so once', async () => {
    const { id } = await add(newToken().token)
    for (let i = 0; i < 2; i += 1)
      await inTenant(db, tenantId, (tx) => recordAccountLost(tx, id, 'token_revoked', NOON))
    expect(await inTenant(db, tenantId, (tx) => getAccount(tx, id))).toMatchObject({
      state: 'disconnected',
      stateReason: 'token_revoked',
    })
    const lost = await db
      .selectFrom('domain_event')
      .select('id')
      .where('tenant_id', '=', tenantId)
      .where('type', '=', 'account.lost')
      .execute()
    expect(lost).toHaveLength(1)
  })
})

describe('stopAccountSending', () => {
  it('is thrown and taken back, with an audit line each', async () => {
    const { id } = await add(newToken().token)
    await inTenant(db, tenantId, (tx) => stopAccountSending(tx, id, 'şikayet', actor))
    expect((await inTenant(db, tenantId, (tx) => getAccount(tx, id))).sendingStopped).toBe('şikayet')
    await inTenant(db, tenantId, (tx) => resumeAccountSending(tx, id, actor))
    expect((await inTenant(db, tenantId, (tx) => getAccount(tx, id))).sendingStopped).toBeNull()
    const actions = (await inTenant(db, tenantId, (tx) => listAudit(tx, tenantId, 2))).map((line) => line.action)
    expect(actions).toEqual(['sending.resumed', 'sending.stopped'])
  })
})

describe('configureUpdates', () => {
  it('sets the webhook at Telegram, or takes it away for polling', async () => {
    const { token } = newToken()
    const { id } = await add(token)
    await configureUpdates(deps, tenantId, id)
    const account = await openAccount(deps, id)
    const webhook = await deps.feed.getWebhook(account)
    expect(webhook).toMatchObject({
      kind: 'done',
      value: { url: expect.stringMatching(/^https:\/\/crm\.example\/telegram\/[\w-]{32}$/) },
    })
    await setUpdateMode(deps, tenantId, id, 'polling', actor)
    expect(await deps.feed.getWebhook(account)).toMatchObject({ value: { url: null } })
  })

  it('refuses webhooks without a public address, naming the setting', async () => {
    const { id } = await add(newToken().token)
    await expect(configureUpdates({ ...deps, publicUrl: null }, tenantId, id)).rejects.toMatchObject({
      code: 'public_url_needed',
      params: { field: 'PUBLIC_URL' },
    })
  })
})

describe('findWebhookTarget', () => {
  const keyAndSecret = async (id: number) => {
    const account = await asOperator(db, 'test', (tx) => selectAccount(tx, { id }))
    if (!account) throw new Error('no account')
    return {
      key: account.webhookKey,
      secret: deps.box.open(account.webhookSecretSealed, webhookSecretContext(tenantId, account.telegramId)),
    }
  }

  it('knows a call by its address and its secret together', async () => {
    const { token, telegramId } = newToken()
    const { id } = await add(token)
    const other = await add(newToken().token)
    const { key, secret } = await keyAndSecret(id)
    expect(await findWebhookTarget(deps, key, secret)).toEqual({ tenantId, accountId: id, telegramId })
    expect(await findWebhookTarget(deps, key, `${secret}x`)).toBeNull()
    expect(await findWebhookTarget(deps, key, '')).toBeNull()
    expect(await findWebhookTarget(deps, 'unknown', secret)).toBeNull()
    expect(await findWebhookTarget(deps, (await keyAndSecret(other.id)).key, secret)).toBeNull()
  })

  it('refuses the old address and secret after a rotation', async () => {
    const { id } = await add(newToken().token)
    const old = await keyAndSecret(id)
    await rotateWebhookSecret(deps, tenantId, id, actor)
    const fresh = await keyAndSecret(id)
    expect(await findWebhookTarget(deps, old.key, old.secret)).toBeNull()
    expect(await findWebhookTarget(deps, fresh.key, old.secret)).toBeNull()
    expect(await findWebhookTarget(deps, fresh.key, fresh.secret)).toMatchObject({ accountId: id })
  })
})

describe('openActiveAccounts', () => {
  it('names the accounts whose token this key does not open, and opens the others', async () => {
    const { id } = await add(newToken().token)
    const elsewhere = secretBox(Buffer.alloc(32, 9))
    const { accounts, unreadable } = await openActiveAccounts({ db, box: elsewhere })
    expect(unreadable).toContain(id)
    expect(accounts.map((a) => a.accountId)).not.toContain(id)
  })

  it('does not open a token that was copied to another tenant', async () => {
    const { id } = await add(newToken().token)
    const other = await createTenant(db)
    await db.updateTable('account').set({ tenant_id: other }).where('id', '=', id).execute()
    await expect(openAccount(deps, id)).rejects.toMatchObject({ code: 'secret_unreadable' })
  })
})
