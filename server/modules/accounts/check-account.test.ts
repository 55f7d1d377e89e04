import { readFileSync } from 'node:fs'

import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { LOCALES } from '#contract/words.ts'
import { ManualClock } from '#server/base/clock.ts'
import { AppError } from '#server/base/errors.ts'
import { secretBox } from '#server/base/secret.ts'
import { acquireLeases } from '#server/db/lease.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { type FakeTelegram, createFakeTelegram } from '#server/gateways/telegram/adapters/fake/create-fake-telegram.ts'
import type { LoginRefusal, LoginResult, SessionCard, TelegramLogin } from '#server/gateways/telegram/login.ts'
import type { BotProfile } from '#server/gateways/telegram/update-feed.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createContact, createTenant, createUserAccount } from '#server/testing/factories.ts'

import { CHECK_CODES, rightsFinding, updatesFinding } from './account-check.rules.ts'
import type { UserSessions } from './accounts-deps.ts'
import { type AccountsDeps, addAccount, checkAccount, configureUpdates, getAccount, noteAccountState } from './index.ts'

const OWNER = 4_242
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
  deps = { db, box: secretBox(Buffer.alloc(32, 3)), feed: telegram.updateFeed, publicUrl: null }
  tenantId = await createTenant(db)
})

const link = async (over: Partial<BotProfile> = {}, publicUrl: string | null = null) => {
  const telegramId = 7_400_000_000 + (serial += 1)
  const token = `${telegramId}:${'D'.repeat(35)}`
  telegram.updateFeed.addBot(token, {
    telegramId,
    username: `bot_${serial}_bot`,
    displayName: 'Dükkân',
    canJoinGroups: true,
    readsAllGroupMessages: true,
    canConnectToBusiness: true,
    ...over,
  })
  deps = { ...deps, publicUrl }
  const { id } = await addAccount(deps, { tenantId, token, ownerTelegramId: OWNER }, { by: 'system', at: NOON })
  await configureUpdates(deps, tenantId, id)
  return { id, token }
}
const codesOf = async (id: number) => {
  const { findings, ...rest } = await checkAccount(deps, tenantId, id, NOON)
  return { ...rest, codes: findings.map(({ code }) => code) }
}

describe('checkAccount', () => {
  it('finds nothing wrong with a bot that works and whose owner has started it', async () => {
    const { id } = await link()
    await createContact(db, tenantId, { telegramId: OWNER, accountId: id })
    expect(await codesOf(id)).toEqual({
      accountId: id,
      kind: 'bot',
      checkedAt: NOON,
      isWorking: true,
      startLink: null,
      codes: [
        'account_active',
        'token_works',
        'updates_polled',
        'group_messages_all',
        'groups_open',
        'business_open',
        'owner_reachable',
      ],
    })
  })

  it('gives the link to press while the owner has not started the bot, or has blocked it', async () => {
    const { id } = await link()
    const startLink = expect.stringMatching(/^https:\/\/t\.me\/bot_\d+_bot\?start=test$/) as string
    expect(await codesOf(id)).toMatchObject({ isWorking: true, startLink })
    expect((await codesOf(id)).codes.at(-1)).toBe('owner_not_started')
    await createContact(db, tenantId, { telegramId: OWNER, accountId: id, reachability: 'blocked' })
    expect(await codesOf(id)).toMatchObject({ isWorking: false, startLink })
    expect((await codesOf(id)).codes.at(-1)).toBe('owner_unreachable')
  })

  it('tells what BotFather has to change', async () => {
    const closed = { canJoinGroups: false, readsAllGroupMessages: false, canConnectToBusiness: false }
    const { id } = await link(closed)
    expect(await codesOf(id)).toMatchObject({
      isWorking: true,
      codes: expect.arrayContaining(['group_messages_private', 'groups_closed', 'business_closed']) as string[],
    })
  })

  it('sees a webhook of ours, one of somebody else, and none', async () => {
    const { id, token } = await link({}, 'https://crm.example')
    expect((await codesOf(id)).codes).toContain('updates_by_webhook')
    const account = { tenantId, accountId: id, kind: 'bot' as const, token, apiRoot: null }
    const elsewhere = { url: 'https://else.example/x', secretToken: 's', maxConnections: 1 }
    await telegram.updateFeed.setWebhook(account, elsewhere)
    expect(await codesOf(id)).toMatchObject({ isWorking: false })
    expect((await codesOf(id)).codes).toContain('webhook_elsewhere')
    await telegram.updateFeed.deleteWebhook(account)
    expect((await codesOf(id)).codes).toContain('webhook_missing')
  })

  it('sees a second poller, and a webhook in the way of polling', async () => {
    const { id, token } = await link()
    await inTenant(db, tenantId, (tx) => noteAccountState(tx, id, 'polled_elsewhere'))
    expect((await codesOf(id)).codes).toContain('polled_elsewhere')
    const account = { tenantId, accountId: id, kind: 'bot' as const, token, apiRoot: null }
    await telegram.updateFeed.setWebhook(account, { url: 'https://x.example', secretToken: 's', maxConnections: 1 })
    expect((await codesOf(id)).codes).toContain('webhook_elsewhere')
  })

  it('says that a token is refused, and what could not be asked', async () => {
    const { id, token } = await link()
    telegram.failNext({ reason: 'dns_failed', times: 2 })
    expect(await codesOf(id)).toMatchObject({ isWorking: true })
    telegram.refuseToken(token, 'token_revoked')
    expect(await codesOf(id)).toMatchObject({
      isWorking: false,
      codes: ['account_active', 'token_refused', 'owner_not_started'],
    })
  })

  it('keeps other tenants out', async () => {
    const { id } = await link()
    const elsewhere = await createTenant(db)
    await expect(checkAccount(deps, elsewhere, id, NOON)).rejects.toMatchObject({ kind: 'not_found' })
  })

  it('has a text for everything it can find, in every language', () => {
    for (const locale of LOCALES) {
      const file = new URL(`../../../locales/${locale}/words.json`, import.meta.url)
      const words = JSON.parse(readFileSync(file, 'utf8')) as { readonly accountCheck: Record<string, string> }
      expect(Object.keys(words.accountCheck).sort()).toEqual(Object.keys(CHECK_CODES).sort())
    }
  })
})

describe('updatesFinding', () => {
  it('takes only a recent failure with updates waiting for a failing webhook', async () => {
    const { id } = await link({}, 'https://crm.example')
    const account = await inTenant(db, tenantId, (tx) => getAccount(tx, id))
    const url = 'https://crm.example/telegram/x'
    const codeOf = (pendingUpdates: number, failedAt: number) => {
      const lastError = { at: failedAt, message: 'Connection refused' }
      return updatesFinding(account, { kind: 'done', value: { url, pendingUpdates, lastError } }, url, NOON).code
    }
    expect([codeOf(3, NOON - 1_000), codeOf(0, NOON - 1_000), codeOf(3, NOON - 7_200_000)]).toEqual([
      'webhook_failing',
      'updates_by_webhook',
      'updates_by_webhook',
    ])
  })
})

describe('rightsFinding', () => {
  it('asks for the right to reply', () => {
    expect(rightsFinding(['can_reply', 'can_read_messages']).state).toBe('ok')
    expect(rightsFinding(['can_read_messages']).state).toBe('fault')
    expect(rightsFinding(null).state).toBe('fault')
  })
})

describe('checkAccount of a person’s own account', () => {
  const session = { tenantId: 0, sessionId: 0, apiRoot: null }
  const asked: (typeof session)[] = []
  const users = (answer: LoginResult<readonly SessionCard[]> | 'off', holder = 'check:1'): UserSessions => ({
    holder,
    login: () =>
      answer === 'off'
        ? Promise.reject(new AppError('unavailable', 'user_accounts_off'))
        : Promise.resolve({
            listSessions: (of: typeof session) => {
              asked.push(of)
              return Promise.resolve(answer)
            },
            release: () => Promise.resolve(),
          } as unknown as TelegramLogin),
  })
  const refused = (refusal: LoginRefusal) => ({ kind: 'refused', refusal, waitSeconds: null }) as const
  const codeWith = async (over: UserSessions | undefined) => {
    const id = await createUserAccount(db, tenantId)
    const { findings, isWorking } = await checkAccount({ ...deps, ...(over && { users: over }) }, tenantId, id, NOON)
    return [findings.find((one) => one.id === 'session')?.code, isWorking]
  }

  it('asks Telegram, and says what it answered', async () => {
    asked.length = 0
    expect(await codeWith(users({ kind: 'done', value: [] }))).toEqual(['session_works', true])
    expect(asked).toMatchObject([{ tenantId }])
    expect(await codeWith(users(refused('session_lost')))).toEqual(['session_lost', false])
    expect(await codeWith(users(refused('account_frozen')))).toEqual(['session_refused', false])
    expect(await codeWith(users(refused('flood_wait')))).toEqual(['session_unchecked', true])
    expect(await codeWith(undefined)).toEqual(['session_kept', true])
  })

  it('says that the account cannot be used where the installation has no TELEGRAM_API_ID', async () => {
    expect(await codeWith(users('off'))).toEqual(['user_accounts_off', false])
  })

  it('asks nothing while another process has the session open', async () => {
    const id = await createUserAccount(db, tenantId)
    await acquireLeases(db, 'sending', 'worker:1', [{ tenantId, accountId: id }])
    asked.length = 0
    const found = await checkAccount({ ...deps, users: users({ kind: 'done', value: [] }) }, tenantId, id, NOON)
    expect(found.findings.map(({ code }) => code)).toContain('session_held')
    expect(asked).toEqual([])
    const here = users({ kind: 'done', value: [] }, 'worker:1')
    const { findings } = await checkAccount({ ...deps, users: here }, tenantId, id, NOON)
    expect(findings.map(({ code }) => code)).toContain('session_works')
  })
})
