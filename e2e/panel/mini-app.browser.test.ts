import { Secret, TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'

import { asOperator } from '#server/db/tenant-scope.ts'
import { addOperator, createSignInLink, openWebSession } from '#server/modules/tenancy/index.ts'

import { BROWSER_TEST_MS, CHROMIUM, type View, checkScreen, chromiumNote, openView } from '../browser/open-browser.ts'
import { type Scenario, type Shop, instant, openScenario } from '../scenarios/open-scenario.ts'
import { addMember, firstLoadBytes, textsOf, withPanelBrowser } from './open-panel.ts'

const LOOK_MS = 100
const CAMPAIGN = 'Yaz <b>indirimi</b>'
const NAME = 'Ayşe <b>Su</b> 🌸'
/** Colours of Telegram on a phone, by day. */
const THEME = {
  bg_color: '#ffffff',
  secondary_bg_color: '#efeff4',
  section_bg_color: '#ffffff',
  text_color: '#000000',
  hint_color: '#8e8e93',
  button_color: '#007aff',
  button_text_color: '#ffffff',
  destructive_text_color: '#ff3b30',
}

/** What a phone's Telegram does for a Mini App: it notes what the page asks, and gives the page room when asked. */
const PHONE = `
  window.asked = []
  const say = (name, data) => setTimeout(() => window.Telegram?.WebView?.receiveEvent?.(name, data), 0)
  window.TelegramWebviewProxy = {
    postEvent(name, data) {
      window.asked.push([name, JSON.parse(data || '{}')])
      const none = { top: 0, bottom: 0, left: 0, right: 0 }
      if (name === 'web_app_request_viewport')
        say('viewport_changed', { height: innerHeight, width: innerWidth, is_expanded: true, is_state_stable: true })
      if (name === 'web_app_request_safe_area') say('safe_area_changed', { ...none, bottom: 20 })
      if (name === 'web_app_request_content_safe_area') say('content_safe_area_changed', none)
    },
  }
`

describe.skipIf(CHROMIUM === null)(`the Mini App in a browser${chromiumNote}`, { timeout: BROWSER_TEST_MS }, () => {
  const browser = withPanelBrowser()

  /** Opens the Mini App as this person's Telegram does. */
  const launch = async (scenario: Scenario, userId: number, view: View): Promise<Page> => {
    const { initData } = scenario.simulator.control.issueInitData({ userId, botId: scenario.panelBotId })
    const page = await openView(browser(), view)
    await page.addInitScript(PHONE)
    const given = new URLSearchParams({
      tgWebAppData: initData,
      tgWebAppVersion: '9.1',
      tgWebAppPlatform: 'ios',
      tgWebAppThemeParams: JSON.stringify(THEME),
    })
    await page.goto(new URL(`/mini/#${given.toString()}`, scenario.app().address()).href)
    return page
  }
  /** As a developer's browser opens it, in which there is no Telegram. */
  const openBare = async (scenario: Scenario, userId: number, view: View, languageCode: string): Promise<Page> => {
    scenario.simulator.control.updateUser({ userId, languageCode })
    const { initData } = scenario.simulator.control.issueInitData({ userId, botId: scenario.panelBotId })
    const page = await openView(browser(), view)
    const given = new URLSearchParams({ tgWebAppData: initData, tgWebAppVersion: '9.1', tgWebAppPlatform: 'web' })
    given.set('tgWebAppThemeParams', JSON.stringify(THEME))
    await page.goto(new URL(`/mini/#${given.toString()}`, scenario.app().address()).href)
    return page
  }
  const codeOf = (secret: string, at: number) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at })
  /** Sets up an authenticator on the web; gives its secret. */
  const enrol = async ({ app, database, clock }: Scenario, telegramId: number): Promise<string> => {
    const { path } = await createSignInLink(database.db, { telegramId }, clock.now())
    const { sessionToken } = await openWebSession(database.db, path.split('/').at(-1) ?? '', 'Firefox', clock.now())
    const headers = {
      cookie: `gc_session=${sessionToken}`,
      'x-requested-with': 'gavatcore',
      'content-type': 'application/json',
    }
    const ask = async (what: string, body: object) => {
      const url = new URL(`/api/v1/session/second-factor/${what}`, app().address())
      const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
      expect([what, answer.status]).toEqual([what, 200])
      return (await answer.json()) as { secret?: string }
    }
    const { secret = '' } = await ask('enrolment', {})
    await ask('enrolment/code', { code: codeOf(secret, clock.now()) })
    return secret
  }
  const asked = async (page: Page, name: string): Promise<readonly Record<string, unknown>[]> => {
    const all = await page.evaluate<[string, Record<string, unknown>][]>('window.asked')
    return all.flatMap(([what, data]) => (what === name ? [data] : []))
  }
  const hear = (page: Page, name: string, data: object) =>
    page.evaluate(`window.Telegram.WebView.receiveEvent(${JSON.stringify(name)}, ${JSON.stringify(data)})`)

  /** A shop in which a campaign runs and a draft waits, and its owner, who speaks this language. */
  const openShop = async () => {
    const scenario = await openScenario()
    const { control } = scenario.simulator
    const shop = await scenario.shop('yazlik')
    const owner = await addMember(scenario, shop, 'owner')
    const people = { tr: owner, ar: await addMember(scenario, shop, 'admin') }
    for (const [languageCode, id] of Object.entries(people))
      control.createUser({ id, firstName: 'Zeynep', languageCode })
    const userId = await shop.subscriber(NAME)
    control.sendText({ userId, botId: shop.botId, text: 'Kargom <i>nerede</i>?' })
    const contactId = await shop.contactOf(userId)
    await shop.template('yaz', 'Yaz indirimi {{sender}} {{opt_out}}')
    const starts = instant(scenario.clock.now() + 30 * MINUTE_MS)
    const { id } = (await shop.cli(['campaigns', 'create', CAMPAIGN, '--template', 'yaz', '--starts', starts])) as {
      id: number
    }
    await shop.cli(['campaigns', 'start', String(id)])
    await propose(scenario, shop, contactId)
    return { scenario, shop, people, userId, campaignId: id }
  }

  /** What a model proposes for the newest conversation. */
  const propose = async ({ database, clock, until }: Scenario, shop: Shop, contactId: number) => {
    const talk = await until('the question is in the inbox', () =>
      database.db
        .selectFrom('conversation')
        .select(['id', 'last_inbound_message_id'])
        .where('contact_id', '=', contactId)
        .executeTakeFirst(),
    )
    await database.db
      .insertInto('reply_draft')
      .values({
        tenant_id: shop.tenantId,
        turn_id: 1,
        conversation_id: talk.id,
        account_id: shop.accountId,
        contact_id: contactId,
        text: 'Kargonuz <b>yolda</b> &amp; yarın sizde',
        language: 'tr',
        confidence_ratio: 0.62,
        intent: 'kargo',
        findings: JSON.stringify(['link']),
        seen_message_id: talk.last_inbound_message_id,
        model: 'test',
        prompt_version: 1,
        created_at: toDate(clock.now()),
        expires_at: toDate(clock.now() + 48 * HOUR_MS),
      })
      .execute()
  }

  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

  const lookAround = async (scenario: Scenario, person: number, view: View) => {
    const t = textsOf(view.locale, 'mini')
    const page = await launch(scenario, person, view)
    const go = (screen: string) =>
      page
        .getByRole('navigation')
        .getByText(t(`screens.${screen}`))
        .click()
    await page.getByTestId('figure-joined').getByText('1', { exact: true }).waitFor()
    await page.getByRole('button', { name: t('today.drafts', { count: 1, shown: '1' }) }).waitFor()
    await checkScreen(page, view, 'mini-today')
    await go('campaigns')
    await page.getByText(CAMPAIGN).waitFor()
    await checkScreen(page, view, 'mini-campaigns')
    await page.getByText(CAMPAIGN).click()
    await page.getByRole('heading', { name: CAMPAIGN, level: 1 }).waitFor()
    await checkScreen(page, view, 'mini-campaign')
    expect(await asked(page, 'web_app_setup_back_button')).toContainEqual({ is_visible: true })
    await hear(page, 'back_button_pressed', {})
    await page.getByRole('heading', { name: t('screens.campaigns'), level: 1 }).waitFor()
    await go('drafts')
    await page.getByText('Kargonuz yolda & yarın sizde').waitFor()
    await checkScreen(page, view, 'mini-drafts')
    await go('package')
    await page.getByText(t('package.usage')).waitFor()
    await page.getByText(t('package.renew')).waitFor()
    await checkScreen(page, view, 'mini-package')
    await page.context().close()
  }

  const stateOf = async ({ database }: Scenario, id: number) =>
    (await database.db.selectFrom('campaign').select('state').where('id', '=', id).executeTakeFirstOrThrow()).state

  const holdAndLetGo = async (page: Page, scenario: Scenario, shop: Shop, id: number) => {
    const t = textsOf('tr', 'mini')
    await page.getByRole('navigation').getByText(t('screens.campaigns')).click()
    const streamed = page.waitForResponse(/[/]live$/)
    await page.getByText(CAMPAIGN).click()
    expect((await streamed).status()).toBe(200)
    await press(page, t('campaigns.pause'))
    const question = page.getByRole('dialog')
    await question.getByRole('button', { name: t('campaigns.pause') }).click()
    await page.locator('[data-state=paused]').waitFor()
    expect(await stateOf(scenario, id)).toBe('paused')
    // Somebody else lets it go on; whoever looks here sees it without a touch.
    await shop.cli(['campaigns', 'resume', String(id)])
    await page.locator('[data-state=running]').waitFor()
    expect(await asked(page, 'web_app_trigger_haptic_feedback')).toContainEqual({
      type: 'notification',
      notification_type: 'success',
    })
  }

  const payWithStars = async (page: Page, scenario: Scenario, shop: Shop, userId: number) => {
    const t = textsOf('tr', 'mini')
    const endsAt = async () =>
      (
        await scenario.database.db
          .selectFrom('subscription')
          .select('period_ends_at')
          .where('tenant_id', '=', shop.tenantId)
          .executeTakeFirstOrThrow()
      ).period_ends_at?.getTime() ?? 0
    const before = await endsAt()
    await page.getByRole('navigation').getByText(t('screens.package')).click()
    await page.getByRole('button', { name: /⭐/ }).click()
    const slug = await scenario.until('the invoice lies there', async () => {
      const [opened] = await asked(page, 'web_app_open_invoice')
      return opened === undefined ? null : String(opened['slug'])
    })
    const { control } = scenario.simulator
    control.payInvoice({ userId, botId: scenario.panelBotId, link: `https://t.me/$${slug}` })
    // Telegram gives the bot ten seconds to agree: time goes here as it does on the wall.
    const look = async () => {
      await scenario.clock.advance(LOOK_MS)
      return endsAt()
    }
    await expect.poll(look, { interval: LOOK_MS, timeout: 60_000 }).toBeGreaterThan(before)
    await hear(page, 'invoice_closed', { slug, status: 'paid' })
    await page.getByText(t('package.invoice.paid')).waitFor()
  }

  it('shows the day, holds a campaign, sends a draft and renews for Stars, opened as Telegram opens it', async () => {
    const t = textsOf('tr', 'mini')
    const { scenario, shop, people, userId, campaignId } = await openShop()
    for (const locale of ['tr', 'ar'] as const) await lookAround(scenario, people[locale], { locale, width: 390 })

    const page = await launch(scenario, people.tr, { locale: 'tr', width: 390 })
    await press(page, t('today.drafts', { count: 1, shown: '1' }))
    await press(page, t('drafts.approve'))
    await page.getByText(t('drafts.none')).waitFor()
    await scenario.until('the draft is sent', () => scenario.textsIn(userId).includes('Kargonuz yolda & yarın sizde'))
    await holdAndLetGo(page, scenario, shop, campaignId)
    await payWithStars(page, scenario, shop, people.tr)
    // Nothing that opens a session is left behind in the browser.
    expect(await page.context().cookies()).toEqual([])
    expect(await page.evaluate<string>('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')).not.toContain(
      'gvt_app_',
    )
  })

  it('asks an operator with an authenticator for the code, and opens in a browser without Telegram', async () => {
    const scenario = await openScenario()
    await scenario.shop('yazlik')
    const { db } = scenario.database
    const telegramId = 660_777
    scenario.simulator.control.createUser({ id: telegramId, firstName: 'Deniz', languageCode: 'tr' })
    const operator = { telegramId, name: 'Deniz', role: 'operator' } as const
    const at = scenario.clock.now()
    await asOperator(db, 'test', (tx) => addOperator(tx, operator, { by: 'test', at }))
    const secret = await enrol(scenario, telegramId)
    for (const locale of ['tr', 'ar'] as const)
      for (const width of [390, 1280]) {
        const t = textsOf(locale, 'mini')
        const page = await openBare(scenario, telegramId, { locale, width }, locale)
        await page.getByRole('heading', { name: t('code.title'), level: 1 }).waitFor()
        await checkScreen(page, { locale, width }, 'mini-code')
        await page.getByLabel(t('code.code')).fill('000000')
        await press(page, t('code.enter'))
        await page.getByRole('alert').waitFor()
        await scenario.clock.advance(30 * SECOND_MS)
        await page.getByLabel(t('code.code')).fill(codeOf(secret, scenario.clock.now()))
        await press(page, t('code.enter'))
        await page.getByRole('heading', { name: t('screens.today'), level: 1 }).waitFor()
        expect(await page.context().cookies()).toEqual([])
        await page.context().close()
      }
  })

  it('tells strangers calmly what to do, and is small', async () => {
    const scenario = await openScenario()
    const stranger = scenario.simulator.control.createUser({ firstName: 'Ali', languageCode: 'tr' })
    const view = { locale: 'tr', width: 390 } as const
    const page = await launch(scenario, stranger.id, view)
    await page.getByText('paket').waitFor()
    await checkScreen(page, view, 'mini-stranger')
    await press(page, textsOf('tr', 'mini')('toBot'))
    expect(await asked(page, 'web_app_close')).toHaveLength(1)

    expect(firstLoadBytes('mini')).toBeGreaterThan(30 * 1024)
    expect(firstLoadBytes('mini')).toBeLessThan(120 * 1024)
  })
})
