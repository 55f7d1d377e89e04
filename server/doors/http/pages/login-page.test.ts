import { sql } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'

import { MINUTE_MS } from '#server/base/duration.ts'
import { LINK_CONSENT_VERSION } from '#server/modules/accounts/index.ts'
import { type LoginStage, openLoginStage } from '#server/testing/login-stage.ts'
import { type PageVisitor, createPageVisitor } from '#server/testing/page-visitor.ts'

const PHONE = '905551112233'
const TYPED_PHONE = '+90 555 111 22 33'
const NOTHING = { open: 0, sessions: 0, sealed: 0 }
const consent = { consent: LINK_CONSENT_VERSION }

let stage: LoginStage
let person: { readonly tenantId: number; readonly owner: number }
let visitor: PageVisitor
let userId: number

/** Opens the person's link in a browser of its own. */
const enter = async (who = person): Promise<PageVisitor> => {
  const app = await stage.start()
  const fresh = createPageVisitor(app.address())
  const path = await stage.linkFor(who)
  await fresh.open(path)
  await fresh.submit(path)
  return fresh
}

const loginCode = (): string => stage.simulator.control.getLoginCode({ phone: PHONE }).code
const wrongCode = (): string => (loginCode() === '11111' ? '22222' : '11111')
const accounts = () =>
  stage.database.db
    .selectFrom('account')
    .select(['kind', 'state', 'telegram_id', 'owner_telegram_id', 'linked_by', 'session_id'])
    .where('kind', '=', 'user')
    .execute()
const dump = async (): Promise<string> => {
  const { rows: tables } = await sql<{ name: string }>`
    select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`.execute(
    stage.database.db,
  )
  const parts: string[] = []
  for (const { name } of tables) {
    const { rows } = await sql<{ row: string }>`select t::text as row from ${sql.table(name)} t`.execute(
      stage.database.db,
    )
    parts.push(...rows.map(({ row }) => row))
  }
  return parts.join('\n')
}

beforeEach(async () => {
  stage = await openLoginStage()
  person = await stage.addTenant()
  ;({ userId } = stage.simulator.control.createUserLogin({ phone: PHONE, firstName: '<script>Ayşe' }))
  visitor = await enter()
})

describe('addLoginPage, by phone', () => {
  it('links an account with the code, remembers the consent, and tells the rest of the system', async () => {
    expect(visitor.seen()).toMatchObject({ status: 200, url: '/account-login' })
    await visitor.submit('/phone', { phone: TYPED_PHONE, ...consent })
    expect(visitor.seen().text).toContain('+90••••••••33')
    expect(visitor.seen().text).not.toContain('5551112233')
    await visitor.submit('/code', { code: loginCode() })
    expect(visitor.seen().text).toContain('Hesap bağlandı')
    expect(await accounts()).toMatchObject([
      { state: 'active', telegram_id: userId, owner_telegram_id: person.owner, linked_by: 'session' },
    ])
    const { db } = stage.database
    const audit = await db.selectFrom('audit_log').select(['actor', 'action', 'detail']).orderBy('id').execute()
    expect(audit).toContainEqual({
      actor: expect.stringMatching(/^member:/),
      action: 'login.consented',
      detail: { kind: 'phone', text: LINK_CONSENT_VERSION, telegramId: person.owner },
    })
    expect(audit).toContainEqual(expect.objectContaining({ action: 'account.linked' }))
    const events = await db.selectFrom('domain_event').select('type').execute()
    expect(events).toContainEqual({ type: 'account.linked' })
    expect(await stage.leftovers()).toEqual(NOTHING)
    expect(stage.simulator.control.listSessions({ userId })).toHaveLength(1)
  })

  it('says beside the field what is wrong with a number, and asks for consent', async () => {
    await visitor.submit('/phone', { phone: '0555 111 22 33', ...consent })
    expect(visitor.seen().status).toBe(400)
    expect(visitor.seen().text).toMatch(/id="phone-fault" role="alert">\s*Numarayı \+ ve ülke koduyla/)
    expect(visitor.seen().text).toMatch(/value="0555 111 22 33"/)
    expect(visitor.seen().text).toMatch(/aria-describedby="phone-hint phone-fault"\s+aria-invalid="true"/)
    await visitor.submit('/phone', { phone: TYPED_PHONE })
    expect(visitor.seen().text).toMatch(/id="consent-phone-fault" role="alert">\s*Devam etmek için/)
    expect(await stage.leftovers()).toEqual(NOTHING)
  })

  it('counts wrong codes down and ends with the fifth, leaving nothing', async () => {
    await visitor.submit('/phone', { phone: TYPED_PHONE, ...consent })
    const wrong = wrongCode()
    for (const left of [4, 3, 2, 1]) {
      await visitor.submit('/code', { code: wrong })
      expect(visitor.seen().status).toBe(400)
      expect(visitor.seen().text).toMatch(new RegExp(`id="code-fault"[^>]*>\\s*Kod yanlış.*Kalan deneme: ${left}`))
    }
    await visitor.submit('/code', { code: wrong })
    expect(visitor.seen().text).toContain('Kod 5 kez yanlış yazıldı')
    expect(visitor.seen().text).toContain('action="/account-login/phone"')
    expect(await stage.leftovers()).toEqual(NOTHING)
    expect(await accounts()).toEqual([])
  })

  it('asks for a new code when one has expired or was written into a chat, and goes on with it', async () => {
    await visitor.submit('/phone', { phone: TYPED_PHONE, ...consent })
    stage.clock.move(6 * MINUTE_MS)
    await visitor.submit('/code', { code: loginCode() })
    expect(visitor.seen().text).toMatch(/id="code-fault"[^>]*>\s*Bu kod artık geçmiyor/)
    await visitor.submit('/resend')
    const { id: other } = stage.simulator.control.createUser({})
    stage.simulator.control.writeToUser({ userId, toUserId: other, text: `kodum ${loginCode()}` })
    await visitor.submit('/code', { code: loginCode() })
    expect(visitor.seen().text).toContain('bir sohbete yazıldı')
    await visitor.submit('/resend')
    await visitor.submit('/code', { code: loginCode() })
    expect(visitor.seen().text).toContain('Hesap bağlandı')
  })

  it('takes the password where there is one: wrong, then right; says how to reset a forgotten one', async () => {
    const phone = '905552223344'
    stage.simulator.control.createUserLogin({ phone, password: 'çok gizli', hint: '<b>kedi</b>', firstName: 'Ali' })
    await visitor.submit('/phone', { phone: `+${phone}`, ...consent })
    await visitor.submit('/code', { code: stage.simulator.control.getLoginCode({ phone }).code })
    expect(visitor.seen().text).toContain('&lt;b&gt;kedi&lt;/b&gt;')
    expect(visitor.seen().text).toContain('“Parolamı unuttum”')
    await visitor.submit('/password', { password: 'yanlış' })
    expect(visitor.seen().text).toMatch(/id="password-fault"[^>]*>\s*Parola yanlış. Kalan deneme: 4/)
    expect(visitor.seen().text).not.toContain('yanlış"')
    await visitor.submit('/password', { password: 'çok gizli' })
    expect(visitor.seen().text).toContain('Hesap bağlandı')
    expect(await dump()).not.toMatch(/çok gizli|yanlış/)
  })

  it('ends with the fifth wrong password', async () => {
    const phone = '905552223355'
    stage.simulator.control.createUserLogin({ phone, password: 'gizli' })
    await visitor.submit('/phone', { phone: `+${phone}`, ...consent })
    await visitor.submit('/code', { code: stage.simulator.control.getLoginCode({ phone }).code })
    for (let n = 0; n < 5; n += 1) await visitor.submit('/password', { password: 'tahmin' })
    expect(visitor.seen().text).toContain('Parola 5 kez yanlış yazıldı')
    expect(await stage.leftovers()).toEqual(NOTHING)
  })

  it('keeps neither code nor password nor number anywhere in the database', async () => {
    const phone = '905552223366'
    stage.simulator.control.createUserLogin({ phone, password: 'parola-9977' })
    await visitor.submit('/phone', { phone: `+${phone}`, ...consent })
    const { code } = stage.simulator.control.getLoginCode({ phone })
    expect(await dump()).not.toContain(phone)
    await visitor.submit('/code', { code })
    await visitor.submit('/password', { password: 'parola-9977' })
    expect(visitor.seen().text).toContain('Hesap bağlandı')
    const everything = await dump()
    expect(everything).not.toContain(phone)
    expect(everything).not.toContain('parola-9977')
    expect(everything).not.toMatch(new RegExp(`\\b${code}\\b`))
  })
})

describe('addLoginPage, by QR code', () => {
  const state = async (): Promise<unknown> => JSON.parse((await visitor.open('/account-login/state')).text)

  it('shows a code that stays until it runs out, and links what scanned it', async () => {
    await visitor.submit('/qr', consent)
    expect(visitor.seen().text).toMatch(/<svg[\s\S]+role="img"[\s\S]+<path fill="#000" d="M\d/)
    const first = await state()
    expect(await state()).toEqual(first)
    stage.clock.move(28_000)
    expect(await state()).not.toEqual(first)
  })

  it('goes on after a scan, also when the server was started again meanwhile', async () => {
    await visitor.submit('/qr', consent)
    const page = visitor.seen()
    const url = await stage.shownQr(await stage.start())
    stage.simulator.control.scanQr({ userId, url })
    const again = await stage.start()
    const same = createPageVisitor(again.address())
    for (const [name, value] of visitor.cookies) same.cookies.set(name, value)
    visitor = same
    await visitor.open('/account-login')
    expect(page.text).toContain('Okuttum')
    await visitor.submit('/scanned')
    expect(visitor.seen().text).toContain('Hesap bağlandı')
    expect(await accounts()).toMatchObject([{ telegram_id: userId, state: 'active' }])
    expect(await stage.leftovers()).toEqual(NOTHING)
  })
})
