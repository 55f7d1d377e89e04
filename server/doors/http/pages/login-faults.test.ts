import { mkdtempSync, readFileSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { sql } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'

import { MINUTE_MS } from '#server/base/duration.ts'
import { acquireLeases, releaseLeases } from '#server/db/lease.ts'
import { LINK_CONSENT_VERSION } from '#server/modules/accounts/index.ts'
import { createTestApp } from '#server/testing/app.ts'
import { type LoginStage, openLoginStage } from '#server/testing/login-stage.ts'
import { type PageVisitor, createPageVisitor } from '#server/testing/page-visitor.ts'
import { mtprotoRoot } from '#server/testing/simulated-user-telegram.ts'

const PHONE = '905551112233'
const NOTHING = { open: 0, sessions: 0, sealed: 0 }
const consent = { consent: LINK_CONSENT_VERSION }
const byPhone = { phone: `+${PHONE}`, ...consent }

type Person = Awaited<ReturnType<LoginStage['addTenant']>>

let stage: LoginStage
let person: Person
let userId: number

const openPath = async (address: string, link: string): Promise<PageVisitor> => {
  const fresh = createPageVisitor(address)
  await fresh.open(link)
  await fresh.submit(link)
  return fresh
}
const enter = async (who: Person = person): Promise<PageVisitor> =>
  openPath((await stage.start()).address(), await stage.linkFor(who))

/** The server is started again; the browser stays. */
const restart = async (visitor: PageVisitor): Promise<PageVisitor> => {
  const again = createPageVisitor((await stage.start()).address())
  for (const [name, value] of visitor.cookies) again.cookies.set(name, value)
  await again.open('/account-login')
  return again
}
const loginCode = (phone = PHONE): string => stage.simulator.control.getLoginCode({ phone }).code

beforeEach(async () => {
  stage = await openLoginStage()
  person = await stage.addTenant()
  ;({ userId } = stage.simulator.control.createUserLogin({ phone: PHONE, firstName: 'Ayşe' }))
})

describe('addOpenPage', () => {
  it('opens a link once, by its button alone, and within ten minutes', async () => {
    const app = await stage.start()
    const link = await stage.linkFor(person)
    const preview = createPageVisitor(app.address())
    await preview.open(link)
    expect(preview.cookies.size).toBe(0)
    const visitor = await openPath(app.address(), link)
    expect(visitor.seen()).toMatchObject({ status: 200, url: '/account-login' })
    await preview.submit(link)
    expect(preview.seen()).toMatchObject({ status: 409 })
    expect(preview.seen().text).toContain('zaten açılmış')
    const late = await stage.linkFor(person)
    stage.clock.move(11 * MINUTE_MS)
    await preview.open(late)
    expect(preview.seen().text).toContain('süresi dolmuş')
    await preview.open('/open/tahmin')
    expect(preview.seen().text).toContain('bize ait değil')
    expect(preview.cookies.size).toBe(0)
  })

  it('sends everything with a policy that loads nothing and frames nothing, in the chosen language', async () => {
    const app = await stage.start()
    const visitor = createPageVisitor(app.address(), 'fr')
    const link = await stage.linkFor(person)
    const { headers, text } = await visitor.open(link)
    const nonce = /<style nonce="([^"]+)"/.exec(text)?.[1]
    expect(headers.get('content-security-policy')).toContain(`default-src 'none'; style-src 'nonce-${nonce}'`)
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(text).toContain('<html lang="tr" dir="ltr">')
    expect(text).not.toMatch(/(src|href)="(https?:)?\/\//)
    await visitor.open(`${link}?lang=ar`)
    expect(visitor.seen().text).toContain('<html lang="ar" dir="rtl">')
  })

  it('sets a cookie that scripts cannot read and other sites cannot send', async () => {
    const app = await stage.start()
    const link = await stage.linkFor(person)
    const answer = await fetch(new URL(link, app.address()), { method: 'POST', redirect: 'manual' })
    expect(answer.headers.get('set-cookie')).toMatch(
      /^gc_visit=[\w-]{43}; Path=\/; Max-Age=1800; HttpOnly; SameSite=Strict$/,
    )
  })

  it('stops an address that guesses', async () => {
    const visitor = createPageVisitor((await stage.start()).address())
    for (let n = 0; n < 20; n += 1) await visitor.open(`/open/tahmin-${n}`)
    await visitor.open(await stage.linkFor(person))
    expect(visitor.seen().status).toBe(429)
    expect(Number(visitor.seen().headers.get('retry-after'))).toBeGreaterThan(0)
    stage.clock.move(2 * MINUTE_MS)
    await visitor.open(await stage.linkFor(person))
    expect(visitor.seen().status).toBe(200)
  })
})

describe('requireForm', () => {
  it('keeps strangers, forged forms and old cookies out', async () => {
    const visitor = await enter()
    const csrf = /name="csrf" value="([^"]+)"/.exec(visitor.seen().text)?.[1] ?? ''
    const post = (fields: Record<string, string>, headers?: Record<string, string>) =>
      visitor.post('/account-login/phone', fields, headers)
    expect(await post({ ...byPhone, csrf: 'uydurma' })).toMatchObject({ status: 403 })
    // The token of one form is none for another.
    expect(await post({ ...byPhone, csrf })).toMatchObject({ status: 403 })
    await visitor.open('/account-login')
    const own = /action="\/account-login\/phone">\s*<input type="hidden" name="csrf" value="([^"]+)"/.exec(
      visitor.seen().text,
    )?.[1]
    expect(await post({ ...byPhone, csrf: own ?? '' }, { 'sec-fetch-site': 'cross-site' })).toMatchObject({
      status: 403,
    })
    expect(visitor.seen().text).toContain('bu sayfadan gönderilmemiş')
    const stranger = createPageVisitor((await stage.start()).address())
    stranger.cookies.set('gc_visit', 'x'.repeat(43))
    expect(await stranger.open('/account-login')).toMatchObject({ status: 401 })
    expect(await stranger.post('/account-login/phone', { ...byPhone, csrf: own ?? '' })).toMatchObject({ status: 401 })
    expect(await stage.leftovers()).toEqual(NOTHING)
    stage.clock.move(31 * MINUTE_MS)
    for (const [name, value] of visitor.cookies) stranger.cookies.set(name, value)
    expect(await stranger.open('/account-login')).toMatchObject({ status: 401 })
  })

  it('lets nobody in who was removed since the link was made', async () => {
    const visitor = await enter()
    await sql`update member set removed_at = now() where telegram_id = ${person.owner}`.execute(stage.database.db)
    await visitor.submit('/phone', byPhone)
    expect(visitor.seen()).toMatchObject({ status: 403 })
    expect(await stage.leftovers()).toEqual(NOTHING)
  })
})

describe('requireSafeWay', () => {
  it('refuses to ask for secrets over plain http from elsewhere, and says what to set', async () => {
    const app = await createTestApp({ settings: { publicUrl: 'http://panel.example.com' } })
    await app.start()
    const visitor = createPageVisitor(app.address())
    await visitor.open('/open/x')
    expect(visitor.seen()).toMatchObject({ status: 503 })
    expect(visitor.seen().text).toContain('PUBLIC_URL')
    const secure = await createTestApp({ settings: { publicUrl: 'https://panel.example.com' } })
    await secure.start()
    const guest = createPageVisitor(secure.address())
    expect(await guest.open('/open/x')).toMatchObject({ status: 409 })
    expect(guest.seen().headers.get('strict-transport-security')).toMatch(/^max-age=/)
  })
})

describe('addLoginPage', () => {
  it('says what the operator has to set where own accounts are not set up', async () => {
    const app = await createTestApp({ database: stage.database, clock: stage.clock })
    await app.start()
    const visitor = await openPath(app.address(), await stage.linkFor(person))
    expect(visitor.seen()).toMatchObject({ status: 503 })
    expect(visitor.seen().text).toContain('TELEGRAM_API_ID')
  })

  it('goes on in every state after the server was started again', async () => {
    const phone = '905553334455'
    stage.simulator.control.createUserLogin({ phone, password: 'gizli', hint: 'kedi' })
    let visitor = await restart(await enter())
    await visitor.submit('/phone', { ...byPhone, phone: `+${phone}` })
    visitor = await restart(visitor)
    expect(visitor.seen().text).toContain('Kalan deneme: 5')
    await visitor.submit('/code', { code: loginCode(phone) })
    visitor = await restart(visitor)
    expect(visitor.seen().text).toContain('kedi')
    await visitor.submit('/password', { password: 'gizli' })
    visitor = await restart(visitor)
    expect(visitor.seen().text).toContain('Hesap bağlandı')
    expect(await stage.leftovers()).toEqual(NOTHING)
  })

  it('moves on by itself after a scan, asks for the password, and links', async () => {
    const phone = '905553334466'
    const { userId: owner } = stage.simulator.control.createUserLogin({ phone, password: 'gizli' })
    const app = await stage.start()
    const visitor = await openPath(app.address(), await stage.linkFor(person))
    await visitor.submit('/qr', consent)
    const url = await stage.shownQr(app)
    stage.simulator.control.scanQr({ userId: owner, url })
    const state = async () => (JSON.parse((await visitor.open('/account-login/state')).text) as { state: string }).state
    await expect.poll(state, { timeout: 10_000 }).toBe('password')
    await visitor.open('/account-login')
    await visitor.submit('/password', { password: 'gizli' })
    expect(visitor.seen().text).toContain('Hesap bağlandı')
    expect(await stage.leftovers()).toEqual(NOTHING)
  })

  it('leaves nothing of what was cancelled, and tells Telegram', async () => {
    const visitor = await enter()
    await visitor.submit('/phone', byPhone)
    await visitor.submit('/cancel')
    expect(visitor.seen().text).toContain('Giriş iptal edildi')
    expect(await stage.leftovers()).toEqual(NOTHING)
    await visitor.submit('/qr', consent)
    await visitor.submit('/cancel')
    expect(await stage.leftovers()).toEqual(NOTHING)
  })

  it('ends what nobody finished, by itself', async () => {
    const visitor = await enter()
    await visitor.submit('/phone', byPhone)
    stage.clock.move(11 * MINUTE_MS)
    await visitor.submit('/code', { code: loginCode() })
    expect(visitor.seen().text).toContain('Girişin süresi doldu')
    await visitor.submit('/qr', consent)
    expect((await stage.leftovers()).open).toBe(1)
    stage.clock.move(11 * MINUTE_MS)
    await (await stage.start()).schedule.runDue()
    expect(await stage.leftovers()).toEqual(NOTHING)
  })

  it('ends sessions whose account was disconnected in another way', async () => {
    const visitor = await enter()
    await visitor.submit('/phone', byPhone)
    await visitor.submit('/code', { code: loginCode() })
    await sql`update account set state = 'disconnected' where kind = 'user'`.execute(stage.database.db)
    expect((await stage.leftovers()).sessions).toBe(1)
    await (await stage.start()).schedule.runDue()
    expect(await stage.leftovers()).toEqual(NOTHING)
    expect(stage.simulator.control.listSessions({ userId })).toEqual([])
  })

  it('refuses an account that another tenant has linked, and ends the new session', async () => {
    const visitor = await enter()
    await visitor.submit('/phone', byPhone)
    await visitor.submit('/code', { code: loginCode() })
    const rival = await enter(await stage.addTenant())
    await rival.submit('/phone', byPhone)
    await rival.submit('/code', { code: loginCode() })
    expect(rival.seen()).toMatchObject({ status: 409 })
    expect(rival.seen().text).toContain('başka bir müşteriye bağlı')
    expect(await stage.leftovers()).toEqual(NOTHING)
    expect(stage.simulator.control.listSessions({ userId })).toHaveLength(1)
  })

  it('begins nothing where the package has no room', async () => {
    const poor = await stage.addTenant({ package: 'trial' })
    await sql`insert into account (tenant_id, kind, telegram_id, display_name, token_sealed, webhook_key, webhook_secret_sealed, linked_at)
      values (${poor.tenantId}, 'bot', 4242, 'Bot', '\\x00', ${`k-${poor.tenantId}`}, '\\x00', now())`.execute(
      stage.database.db,
    )
    const visitor = await enter(poor)
    await visitor.submit('/phone', byPhone)
    expect(visitor.seen()).toMatchObject({ status: 403 })
    expect(visitor.seen().text).toContain('Paketiniz (trial)')
    expect(await stage.leftovers()).toEqual(NOTHING)
  })

  it('gives a tenant three logins an hour and a number five codes a day', async () => {
    const visitor = await enter()
    for (let n = 0; n < 2; n += 1) {
      await visitor.submit('/phone', byPhone)
      await visitor.submit('/resend')
      await visitor.submit('/cancel')
    }
    await visitor.submit('/phone', byPhone)
    await visitor.submit('/resend')
    expect(visitor.seen().text).toContain('en çok 5 kod')
    await visitor.submit('/cancel')
    await visitor.submit('/qr', consent)
    expect(visitor.seen()).toMatchObject({ status: 429 })
    expect(visitor.seen().text).toContain('Bir saatte en çok 3 giriş')
    const other = await enter(await stage.addTenant())
    await other.submit('/phone', byPhone)
    expect(other.seen().text).toContain('en çok 5 kod')
    await other.submit('/qr', consent)
    expect(other.seen().text).toContain('QR kodunu okutun')
  })

  it('says in the person’s own words why Telegram refuses, and leaves nothing', async () => {
    const visitor = await enter()
    const refuse = (method: string, code: number, text: string) =>
      stage.simulator.control.addRpcFault({ kind: 'refuse', method, code, text, times: 1 })
    refuse('auth.sendCode', 400, 'PHONE_NUMBER_BANNED')
    await visitor.submit('/phone', byPhone)
    expect(visitor.seen().text).toContain('recover@telegram.org')
    expect(await stage.leftovers()).toEqual(NOTHING)
    refuse('auth.sendCode', 420, 'FLOOD_WAIT_600')
    await visitor.submit('/phone', byPhone)
    expect(visitor.seen().text).toContain('10 dakika sonra')
    expect(await stage.leftovers()).toEqual(NOTHING)
  })

  it('writes neither codes nor passwords nor numbers to any log', async () => {
    const logDir = mkdtempSync(path.join(tmpdir(), 'gavatcore-logs-'))
    const phone = '905554445566'
    stage.simulator.control.createUserLogin({ phone, password: 'parola-8841' })
    const userAccounts = { apiId: 1, apiHash: 'hash', apiRoot: mtprotoRoot(stage.simulator) }
    const { database, clock } = stage
    const app = await createTestApp({ database, clock, logDir, settings: { userAccounts } })
    await app.start()
    const visitor = await openPath(app.address(), await stage.linkFor(person))
    await visitor.submit('/phone', { ...byPhone, phone: `+${phone}` })
    const code = loginCode(phone)
    await visitor.submit('/code', { code })
    await visitor.submit('/password', { password: 'parola-yanlis' })
    stage.simulator.control.addRpcFault({ kind: 'refuse', method: 'auth.checkPassword', code: 500, text: 'INTERNAL' })
    await visitor.submit('/password', { password: 'parola-8841' })
    await app.stop(10_000)
    const lines = readdirSync(logDir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'))
      .join('\n')
    for (const secret of [code, 'parola-8841', 'parola-yanlis', phone.slice(2)]) {
      expect(lines).not.toMatch(new RegExp(`\\b${secret}\\b`))
    }
  })
})

describe('addSessionsPage', () => {
  it('lists our sessions and ends one with one tap, here and at Telegram', async () => {
    const visitor = await enter()
    await visitor.submit('/phone', byPhone)
    await visitor.submit('/code', { code: loginCode() })
    await visitor.open('/account-sessions')
    expect(visitor.seen().text).toMatch(/Ayşe[\s\S]+Çalışıyor[\s\S]+Gavatcore/)
    const rival = await enter(await stage.addTenant())
    await rival.open('/account-sessions')
    expect(rival.seen().text).toContain('Bağlı bir kişisel hesap yok')
    visitor.cookies.forEach((value, name) => rival.cookies.set(name, value))
    await rival.open('/account-sessions')
    await rival.submit('/end')
    expect(rival.seen()).toMatchObject({ status: 200, url: '/account-sessions' })
    expect(rival.seen().text).toContain('Bağlı bir kişisel hesap yok')
    expect(stage.simulator.control.listSessions({ userId })).toEqual([])
    expect(await stage.leftovers()).toEqual(NOTHING)
    const { db } = stage.database
    expect(await db.selectFrom('account').select('state').where('kind', '=', 'user').execute()).toEqual([
      { state: 'disconnected' },
    ])
  })

  it('leaves a session that another process works to that process: neither asked about nor ended here', async () => {
    const visitor = await enter()
    await visitor.submit('/phone', byPhone)
    await visitor.submit('/code', { code: loginCode() })
    const { db } = stage.database
    const { id: accountId } = await db
      .selectFrom('account')
      .select('id')
      .where('kind', '=', 'user')
      .executeTakeFirstOrThrow()
    const leases = await acquireLeases(db, 'sending', 'worker:1', [{ tenantId: person.tenantId, accountId }])
    await visitor.open('/account-sessions')
    expect(visitor.seen().text).toContain('başka bir süreci')
    await visitor.submit('/end')
    expect(visitor.seen().text).toContain('Bağlı bir kişisel hesap yok')
    await (await stage.start()).schedule.runDue()
    // Nobody but the worker may open the key: it is there still, and so is the session at Telegram.
    expect((await stage.leftovers()).sessions).toBe(1)
    expect(stage.simulator.control.listSessions({ userId })).toHaveLength(1)
    await releaseLeases(db, leases)
    stage.clock.move(MINUTE_MS)
    await (await stage.start()).schedule.runDue()
    expect(await stage.leftovers()).toEqual(NOTHING)
    expect(stage.simulator.control.listSessions({ userId })).toEqual([])
  })

  it('ends nobody else’s session', async () => {
    const visitor = await enter()
    await visitor.submit('/phone', byPhone)
    await visitor.submit('/code', { code: loginCode() })
    const { id } = await stage.database.db
      .selectFrom('account')
      .select('id')
      .where('kind', '=', 'user')
      .executeTakeFirstOrThrow()
    const rival = await enter(await stage.addTenant())
    expect(await rival.post(`/account-sessions/${id}/end`, { csrf: 'x' })).toMatchObject({ status: 403 })
    expect(stage.simulator.control.listSessions({ userId })).toHaveLength(1)
  })
})
