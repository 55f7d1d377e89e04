import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { Locale } from '#contract/words.ts'
import { ManualClock, toDate } from '#server/base/clock.ts'
import { MINUTE_MS } from '#server/base/duration.ts'
import { AppError } from '#server/base/errors.ts'
import { silentLogger } from '#server/base/logger.ts'
import { createMetrics } from '#server/base/metrics.ts'
import { createTranslator } from '#server/base/translate.ts'
import { createDb } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { createTelegramSignIn } from '#server/gateways/telegram/adapters/oidc/create-telegram-sign-in.ts'
import { addOperator, addOwner, findWebSession, removeOldSignIns } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'
import { type TelegramOidc, startTelegramOidc } from '#server/testing/telegram-oidc.ts'

import { createHttpServer } from '../create-http-server.ts'
import { pageRoutes } from './page-routes.ts'
import { telegramPages } from './telegram-page.ts'

const PUBLIC_URL = 'http://127.0.0.1:3000'
const MEMBER = 91_001
const OPERATOR = 91_002
const STRANGER = 91_003

const db = createDb((await createTestDatabase()).pool)
const clock = new ManualClock(NOON)
const actor = { by: 'test', at: NOON }
const tenantId = await createTenant(db)
await inTenant(db, tenantId, (tx) => addOwner(tx, { telegramId: MEMBER, name: 'Ayşe' }, actor))
await asOperator(db, 'test', (tx) => addOperator(tx, { telegramId: OPERATOR, name: 'Deniz', role: 'operator' }, actor))

let telegram: TelegramOidc
let app: ReturnType<typeof createHttpServer>

beforeEach(async () => {
  telegram = await startTelegramOidc(`${PUBLIC_URL}/enter/telegram/back`)
  const translator = (locale: Locale) => createTranslator(locale, 'pages')
  const page = { db, clock, pace: clock, log: silentLogger, translator, publicUrl: PUBLIC_URL }
  const openLogin = async () => {
    throw new AppError('unavailable', 'user_accounts_off', { field: 'TELEGRAM_API_ID' })
  }
  const signIn = createTelegramSignIn(telegram.settings)
  app = createHttpServer({
    log: silentLogger,
    metrics: createMetrics(),
    version: '0.0.0',
    translator: (locale) => createTranslator(locale, 'errors'),
    isDraining: () => false,
    pingDatabase: async () => {},
    health: async () => [],
    routes: [pageRoutes({ ...page, openLogin, more: [telegramPages(page, { signIn, publicUrl: PUBLIC_URL })] })],
  })
})
afterEach(async () => {
  await app.close()
  await telegram.close()
})
afterAll(() => db.destroy())

/** Presses the button: where Telegram's page is, and the cookie of whoever pressed it. */
const set = async () => {
  const { statusCode, headers } = await app.inject('/enter/telegram')
  const cookie = String(headers['set-cookie'])
  return { statusCode, page: String(headers.location), cookie, token: /gc_telegram=([\w-]+)/.exec(cookie)?.[1] ?? '' }
}

/** Comes back to this address with the cookie. */
const comeBack = async (back: string, token: string | null) => {
  const { pathname, search } = new URL(back)
  const headers = { 'accept-language': 'tr', ...(token !== null && { cookie: `gc_telegram=${token}` }) }
  const answer = await app.inject({ url: pathname + search, headers })
  const session = /gc_session=([\w-]+)/.exec([answer.headers['set-cookie']].flat().join('\n'))?.[1] ?? null
  return { status: answer.statusCode, location: answer.headers.location, session, text: answer.body }
}

const signInAs = async (telegramId: number) => {
  const { page, token } = await set()
  return comeBack(telegram.agree(page, telegramId), token)
}

const sessions = async () => (await db.selectFrom('web_session').select('id').execute()).length

/** How somebody fared who came back, and how many sessions that opened. */
const outcomeOf = async (answer: ReturnType<typeof comeBack>) => {
  const before = await sessions()
  const { status, session, text } = await answer
  return { status, session, text, opened: (await sessions()) - before }
}

/** Not let in, in these words. */
const keptOut = (status: number, words: string) => ({
  status,
  session: null,
  text: expect.stringContaining(words),
  opened: 0,
})

const REFUSED = 'Telegram girişi doğrulamadı'
const OVER = 'Bu giriş denemesi bitmiş'

describe('/enter/telegram', () => {
  it('lets a member in: to Telegram with PKCE, state and nonce, and back with a session', async () => {
    const { statusCode, page, cookie, token } = await set()
    expect(statusCode).toBe(303)
    const { origin, searchParams } = new URL(page)
    expect(origin).toBe(telegram.settings.issuer)
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: 'code',
      client_id: telegram.settings.clientId,
      redirect_uri: `${PUBLIC_URL}/enter/telegram/back`,
      scope: 'openid profile',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    })
    expect(cookie).toMatch(/HttpOnly; SameSite=Lax/)
    expect(page).not.toContain(token)
    const { status, location, session } = await comeBack(telegram.agree(page, MEMBER), token)
    expect([status, location]).toEqual([303, '/app/'])
    expect(await findWebSession(db, session ?? '', clock.now())).toMatchObject({ telegramId: MEMBER })
    const kept = await db.selectFrom('telegram_sign_in').selectAll().orderBy('id', 'desc').executeTakeFirst()
    expect(kept?.used_at).not.toBeNull()
    expect(JSON.stringify(kept)).not.toContain(token)
  })

  it('lets an operator in, who still owes a second factor', async () => {
    await db
      .insertInto('second_factor')
      .values({
        person: OPERATOR,
        secret_sealed: Buffer.from([1]),
        created_at: toDate(NOON),
        confirmed_at: toDate(NOON),
      })
      .execute()
    const { session } = await signInAs(OPERATOR)
    expect(await findWebSession(db, session ?? '', clock.now())).toMatchObject({
      telegramId: OPERATOR,
      secondFactor: 'owed',
    })
  })

  it('keeps a stranger out, and whoever says no', async () => {
    expect(await outcomeOf(signInAs(STRANGER))).toEqual(keptOut(403, 'hiçbir işletmenin üyesi değil'))
    const { page, token } = await set()
    expect(await outcomeOf(comeBack(telegram.refuse(page), token))).toEqual(keptOut(401, REFUSED))
    expect(telegram.asked()).toBe(1)
  })

  it('keeps out a wrong state, and the way back of somebody else, before anybody is asked', async () => {
    const { page, token } = await set()
    const back = new URL(telegram.agree(page, MEMBER))
    back.searchParams.set('state', 'A'.repeat(43))
    expect(await outcomeOf(comeBack(back.href, token))).toEqual(keptOut(401, REFUSED))
    const mine = await set()
    const theirs = await set()
    expect(await outcomeOf(comeBack(telegram.agree(mine.page, MEMBER), theirs.token))).toEqual(keptOut(401, REFUSED))
    expect(await outcomeOf(comeBack(telegram.agree(mine.page, MEMBER), null))).toEqual(keptOut(401, OVER))
    expect(telegram.asked()).toBe(0)
  })

  it.each([
    ['another nonce', { nonce: 'B'.repeat(43) }],
    ['no nonce', { nonce: undefined }],
    [
      'a time that is over',
      { iat: Math.floor(Date.now() / 1_000) - 7_200, exp: Math.floor(Date.now() / 1_000) - 3_600 },
    ],
    ['another audience', { aud: '7000000002' }],
    ['another issuer', { iss: 'https://oauth.example' }],
    ['no number of a person', { id: undefined }],
    ['a number that is none', { id: 'MEMBER' }],
  ])('keeps out a token with %s', async (_, change) => {
    telegram.claim(change)
    expect(await outcomeOf(signInAs(MEMBER))).toEqual(keptOut(401, REFUSED))
  })

  it('keeps out a token that somebody else signed', async () => {
    telegram.forge()
    expect(await outcomeOf(signInAs(MEMBER))).toEqual(keptOut(401, REFUSED))
  })

  it('takes a code once, and once the same way back', async () => {
    const { page, token } = await set()
    const back = telegram.agree(page, MEMBER)
    expect((await comeBack(back, token)).status).toBe(303)
    expect(await outcomeOf(comeBack(back, token))).toEqual(keptOut(401, OVER))
    expect(telegram.asked()).toBe(1)
    // Somebody who read the address tries the code on a way of their own.
    const other = await set()
    const stolen = new URL(telegram.agree(other.page, STRANGER))
    stolen.searchParams.set('code', new URL(back).searchParams.get('code') ?? '')
    expect(await outcomeOf(comeBack(stolen.href, other.token))).toEqual(keptOut(401, REFUSED))
  })

  it('forgets an attempt after ten minutes', async () => {
    const { page, token } = await set()
    const back = telegram.agree(page, MEMBER)
    await clock.advance(10 * MINUTE_MS)
    expect(await outcomeOf(comeBack(back, token))).toEqual(keptOut(401, OVER))
    await removeOldSignIns(db, clock.now() + MINUTE_MS)
    expect(await db.selectFrom('telegram_sign_in').select('id').execute()).toEqual([])
  })

  it('says calmly when Telegram does not answer', async () => {
    const { page, token } = await set()
    const back = telegram.agree(page, MEMBER)
    await telegram.close()
    expect(await outcomeOf(comeBack(back, token))).toEqual(keptOut(503, 'Telegram'))
  })
})
