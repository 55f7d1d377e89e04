import { describe, expect, it } from 'vitest'

import { MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'

import { IBAN, type NewcomerStage, linkOf, openNewcomerStage, reaches } from './open-newcomer-stage.ts'
import { type Walk, type Walker, recordWalk } from './record-walk.ts'

const HEAD = `# Walks through onboarding

What two newcomers and an operator see, as \`e2e/onboarding/walk.test.ts\` plays it on the whole server and a simulated
Telegram. The test fails when the words of a fresh run differ; \`npm run walk\` writes them anew. Lines in brackets are
buttons; references, names of bots, telephone-like numbers and times of day are left out.
`

const measuredOf = async ({ cli }: NewcomerStage, id: number): Promise<readonly string[]> => {
  const { measured } = (await cli.json(['onboarding', 'show', String(id)])) as {
    readonly measured: readonly { readonly name: string }[]
  }
  return measured.map(({ name }) => name)
}

/** A package may write only so often a minute; who comes later meets a bot that has its breath again. */
const nextMinute = ({ clock }: NewcomerStage) => clock.advance(MINUTE_MS)

/** Somebody new writes to a customer's bot and is answered. */
const meetContact = async (stage: NewcomerStage, walk: Walk, botId: number, firstName: string) => {
  const { control } = stage.simulator
  const contact = control.createUser({ firstName, languageCode: 'tr' })
  control.start({ userId: contact.id, botId })
  const text = await stage.until(`an answer to ${firstName}`, () => stage.textsOf(botId, contact.id)[0])
  expect(text).toContain('Kim yazıyor')
  walk.botWrites(`${firstName} (/start)`, '🤖 Yeni bot', text)
  return contact
}

const startAndHearTest = async (stage: NewcomerStage, walk: Walk, { person }: Walker, botId: number) => {
  stage.simulator.control.start({ userId: person.id, botId })
  const isTest = (text: string) => text.includes('ilk deneme mesajı')
  walk.botWrites(
    'sahibi (/start)',
    '🤖 Yeni bot',
    await stage.until('the first test message', () => stage.textsOf(botId, person.id).find(isTest)),
  )
}

/** Trial, managed bot: two minutes at most, and nobody's help. */
const walkTrial = async (stage: NewcomerStage, walk: Walk, operator: Walker) => {
  const { simulator, clock, cli } = stage
  walk.chapter(
    'A trial with a managed bot',
    'From the first command to a bot that answers in less than two minutes of simulated time.',
  )
  const ali = walk.walker('Ali', stage.person({ name: 'Ali' }))
  const begunAt = clock.now()
  await ali.sends('/musteri_panel')
  await ali.presses('Deneme')
  const link = linkOf(ali.person, 'tek dokunuş')
  const bot = await ali.acts(
    'oluşturma ekranında onaylar',
    () => simulator.control.createManagedBotFromLink({ userId: ali.person.id, link, name: 'Ali Moda' }),
    'bağlandı ve çalışmaya başladı',
  )
  await reaches(stage, ali.person, 'active')
  await startAndHearTest(stage, walk, ali, bot.id)
  await nextMinute(stage)
  await meetContact(stage, walk, bot.id, 'Zeynep')
  expect(clock.now() - begunAt).toBeLessThan(2 * MINUTE_MS)
  await ali.presses('Devam et')
  await ali.presses('Yanıt modu')
  await operator.hears('Kurulumu biten müşteri')

  const { id } = await stage.onboardingOf(ali.person)
  // A trial costs nothing, so nothing is claimed.
  expect(await measuredOf(stage, id)).toEqual([
    'customer_onboarding_started',
    'customer_package_selected',
    'customer_onboarding_completed',
    'customer_bot_activated',
  ])
  expect(await cli.json(['onboarding', 'funnel'])).toMatchObject({
    started: 1,
    kpis: { success: { ratio: 1, isMet: true }, payment: { ratio: null }, setUp: { count: 1, isMet: true } },
  })
}

/** Everything a claim must not begin by itself. */
const tryBeforeApproval = async (stage: NewcomerStage, zehra: Walker, token: string) => {
  const { database } = stage
  const { tenant_id: tenantId } = await stage.onboardingOf(zehra.person)
  const refused = await zehra.sends(token)
  expect(refused.text).toContain('Abonelik (Profesyonel) sürmüyor: süresi doldu')
  expect(zehra.person.ownTexts().join(' ')).not.toContain(token)
  const link = 'https://t.me/newbot/gavatcore_panel_bot/zehra_erken_bot?name=Zehra'
  stage.simulator.control.createManagedBotFromLink({ userId: zehra.person.id, link })
  await stage.clock.advance(10 * SECOND_MS)
  await zehra.person.sends('/yardim')
  zehra.skips()
  expect((await stage.onboardingOf(zehra.person)).state).toBe('payment_claimed')
  const accounts = await database.db
    .selectFrom('account')
    .select('id')
    .where('tenant_id', '=', tenantId ?? 0)
    .execute()
  expect(accounts).toEqual([])
  const tenant = await database.db
    .selectFrom('tenant')
    .select('state')
    .where('id', '=', tenantId ?? 0)
    .executeTakeFirstOrThrow()
  expect(tenant.state).toBe('suspended')
}

/** Transfer: page, claim, an operator's decision, a bot of one's own. */
const walkTransfer = async (stage: NewcomerStage, walk: Walk, operator: Walker) => {
  const { simulator, cli } = stage
  walk.chapter('A bank transfer', 'The page shows where to pay; nothing begins before an operator has looked.')
  const zehra = walk.walker('Zehra', stage.person({ name: 'Zehra' }))
  await zehra.sends('/musteri_panel')
  const selected = await zehra.presses('Profesyonel')
  expect(selected.text).not.toContain('TR33')
  await zehra.presses('Diğer ödeme yolları')
  const page = await stage.browse(linkOf(zehra.person, 'Sayfayı aç'))
  walk.page('Zehra', 'ödeme sayfası', page)
  await page.submit('/order', { provider: 'transfer', package: 'professional' })
  walk.page('Zehra', 'havaleyi seçti', page)
  expect(page.seen().text).toContain(IBAN.replace(/(.{4})(?=.)/g, '$1 '))
  await zehra.presses('Ödeme yaptım')
  await zehra.presses('Ödeme yaptım')
  await zehra.sends('Zehra Yılmaz, öğleden sonra gönderdim')
  // Said twice, claimed once.
  await page.submit('/claim', { evidence: 'Zehra Yılmaz' })
  await reaches(stage, zehra.person, 'payment_claimed')
  await operator.hears('Onay bekleyen ödeme: 1')
  const { token, id: botId } = simulator.control.askBotFather({
    userId: zehra.person.id,
    name: 'Zehra Butik',
    username: 'zehra_butik_bot',
  })
  await tryBeforeApproval(stage, zehra, token)

  await operator.sends('/odemeler')
  await operator.presses('Zehra')
  await operator.presses('Onayla')
  await operator.presses('Evet')
  await zehra.hears('Ödemeniz onaylandı')
  await reaches(stage, zehra.person, 'account_connecting')
  await zehra.sends('/musteri_panel')
  await zehra.presses('Botum var')
  const linked = await zehra.sends(`Use this token to access the HTTP API:\n${token}`)
  expect(linked.text).toContain('silindi')
  expect(zehra.person.ownTexts().join(' ')).not.toContain(token)
  await reaches(stage, zehra.person, 'active')
  await zehra.presses('Devam et')
  await zehra.presses('Yanıt modu')
  await zehra.presses('Hibrit')
  await startAndHearTest(stage, walk, zehra, botId)
  await operator.hears('Kurulumu biten müşteri')
  const claims = operator.person.screens().filter(({ text }) => text.startsWith('💳 Onay bekleyen'))
  expect(claims).toHaveLength(1)
  const { id } = await stage.onboardingOf(zehra.person)
  expect(await measuredOf(stage, id)).toEqual([
    'customer_onboarding_started',
    'customer_package_selected',
    'customer_payment_claimed',
    'customer_onboarding_completed',
    'customer_bot_activated',
  ])
  expect(await cli.json(['onboarding', 'funnel'])).toMatchObject({
    started: 2,
    kpis: { success: { ratio: 1 }, payment: { ratio: 1, count: 1, isMet: true } },
  })
  return { zehra, botId }
}

const whyNotSent = async ({ cli }: NewcomerStage, slug: string, telegramId: number) =>
  (await cli.json(['deliveries', 'why', `tg:${telegramId}`, '--tenant', slug])) as readonly {
    readonly state: string
    readonly nowSays: { readonly reason: string | null } | null
  }[]

/** What an operator sees of a customer, stops and lets go on. */
const walkOperator = async (
  stage: NewcomerStage,
  walk: Walk,
  operator: Walker,
  { zehra, botId }: { readonly zehra: Walker; readonly botId: number },
) => {
  const { simulator, cli, clock } = stage
  walk.chapter('The operator', 'Lists, looks, stops a customer at once, takes it back, and finds all of it in the log.')
  await nextMinute(stage)
  const contact = await meetContact(stage, walk, botId, 'Mert')
  const slugs = (await cli.json(['tenants', 'list'])) as readonly { readonly slug: string; readonly name: string }[]
  const slug = slugs.find(({ name }) => name.includes('Zehra'))?.slug ?? ''
  await operator.sends('/musteri_listesi')
  await operator.sends(`/musteri_detay ${slug}`)
  await operator.sends(`/musteri_pasif ${slug}`)
  await operator.presses('Evet')
  await zehra.hears('Hesabınız durduruldu')

  simulator.control.sendText({ userId: contact.id, botId, text: '/menu' })
  const waiting = await stage.until('a delivery that is held', async () =>
    (await whyNotSent(stage, slug, contact.id)).find(({ nowSays }) => nowSays?.reason === 'tenant_inactive'),
  )
  expect(waiting.state).toMatch(/planned|deferred/)
  await clock.advance(2 * MINUTE_MS)
  expect(stage.textsOf(botId, contact.id)).toHaveLength(1)
  walk.terminal(
    `gavatcore deliveries why tg:${contact.id} --tenant ${slug}`,
    (await cli.run(['deliveries', 'why', `tg:${contact.id}`, '--tenant', slug])).out,
  )
  await operator.sends(`/musteri_aktif ${slug}`)
  await stage.until('the answer that was held', () => stage.textsOf(botId, contact.id)[1])
  await operator.presses('Geri al')
  await operator.presses('Evet')
  await operator.presses('Geri al')
  const log = await operator.sends(`/log ${slug}`)
  expect(log.text.match(/tenant[.](suspended|activated)/g)).toEqual([
    'tenant.activated',
    'tenant.suspended',
    'tenant.activated',
    'tenant.suspended',
  ])
  for (const command of ['/musteri_listesi', `/musteri_pasif ${slug}`, '/odemeler'])
    expect((await zehra.sends(command)).text).toContain('Böyle bir komut yok')
  expect(await cli.json(['tenants', 'list'])).toContainEqual(expect.objectContaining({ slug, state: 'active' }))
}

describe('docs/onboarding-walk.md', { timeout: 600_000 }, () => {
  it('is what newcomers and operators see of the whole server today', async () => {
    const stage = await openNewcomerStage()
    const walk = recordWalk(stage)
    const operator = walk.walker('Deniz (yönetici)', await stage.operator())
    await operator.person.sends('/start')
    operator.skips()
    await walkTrial(stage, walk, operator)
    const customer = await walkTransfer(stage, walk, operator)
    await walkOperator(stage, walk, operator, customer)
    await expect(`${HEAD}\n${walk.text()}`).toMatchFileSnapshot('../../docs/onboarding-walk.md')
  })
})
