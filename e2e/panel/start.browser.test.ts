import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'

import { setUpTenant } from '#server/modules/onboarding/index.ts'
import { createSignInLink } from '#server/modules/tenancy/index.ts'

import { BROWSER_TEST_MS, CHROMIUM, VIEWS, type View, checkScreen, chromiumNote, openView } from '../browser/open-browser.ts' // prettier-ignore
import { type Scenario, openScenario } from '../scenarios/open-scenario.ts'
import { enterPanel, textsOf, withPanelBrowser } from './open-panel.ts'

const NEWCOMER = 88_001
const OWNER = 88_002

describe.skipIf(CHROMIUM === null)(`beginning in a browser${chromiumNote}`, { timeout: BROWSER_TEST_MS }, () => {
  const browser = withPanelBrowser()
  const t = textsOf('tr')
  const go = (page: Page, screen: string) => page.goto(new URL(`/app/${screen}`, page.url()).href)
  const doneOf = (page: Page, done: number) => page.getByText(t('start.done', { done, total: 5 })).waitFor()

  /** Somebody without a business chooses the trial and lands on the steps. */
  const begin = async (page: Page) => {
    await page.getByLabel(t('start.name')).fill('Yıldız Kuaför')
    await checkScreen(page, { locale: 'tr', width: 390 }, 'panel-newcomer')
    await page.getByRole('button', { name: t('billing.chooseOf', { package: t('words:package.trial') }) }).click()
    await page.waitForURL('**/app/start**')
    await doneOf(page, 2)
  }

  /** Pastes a dead token, which is said beside the field, then the right one. */
  const link = async (page: Page, { simulator, database }: Scenario) => {
    const bot = simulator.control.createBot({ username: 'yildiz_kuafor_bot' })
    await page
      .locator('[data-step=account]')
      .getByRole('link', { name: t('start.step.account.go') })
      .click()
    const field = page.getByLabel(t('links.bot.token'), { exact: true })
    await field.fill(`${bot.id}:${'x'.repeat(35)}`)
    await page.getByRole('button', { name: t('links.bot.link') }).click()
    await page.getByText('Telegram bu bot anahtarını kabul etmiyor').waitFor()
    await field.fill(bot.token)
    await page.getByRole('button', { name: t('links.bot.link') }).click()
    await page.locator('[data-linked]').waitFor()
    expect(await field.inputValue()).toBe('')
    await page.getByRole('link', { name: t('links.goOn') }).click()
    await doneOf(page, 3)
    await page.locator('[data-step=account][data-state=done]').waitFor()
    await go(page, '')
    await page.getByTestId('start-card').getByText(t('start.step.segment.title')).waitFor()
    await checkScreen(page, { locale: 'tr', width: 390 }, 'panel-start-card')
    return database.db
      .selectFrom('account')
      .select(['state', 'linked_by', 'owner_telegram_id'])
      .where('telegram_id', '=', bot.id)
      .execute()
  }

  const lookAround = async (scenario: Scenario, view: View) => {
    const words = textsOf(view.locale)
    const page = await enterPanel(scenario, browser(), OWNER, view)
    await go(page, 'start')
    await page.locator('[data-step=test]').waitFor()
    await checkScreen(page, view, 'panel-start')
    await go(page, 'accounts/new')
    await page
      .getByRole('button', { name: words('links.own.open') })
      .or(page.getByText(words('links.own.off')))
      .waitFor()
    await checkScreen(page, view, 'panel-link-account')
    await page.context().close()
  }

  it('takes a newcomer from a package to a linked bot, and the progress moves', async () => {
    const scenario = await openScenario()
    const { app, database, clock } = scenario
    const { path } = await createSignInLink(database.db, { telegramId: NEWCOMER }, clock.now())
    const page = await openView(browser(), { locale: 'tr', width: 390 })
    await page.goto(new URL('/app/', app().address()).href)
    await page.getByRole('link', { name: '@gavatcore_panel_bot' }).waitFor()
    expect(await page.getByRole('link', { name: t('signIn.telegram') }).count()).toBe(0)
    await checkScreen(page, { locale: 'tr', width: 390 }, 'panel-sign-in')
    await page.goto(new URL(path, app().address()).href)
    await page.locator('form button[type=submit]').click()
    await begin(page)
    const linked = await link(page, scenario)
    expect(linked).toEqual([{ state: 'active', linked_by: 'token', owner_telegram_id: NEWCOMER }])
    await page.context().close()
    const actor = { by: 'test', at: clock.now() }
    const { id } = await setUpTenant(database.db, { slug: 'vitrin', name: 'Vitrin', package: 'professional' }, actor)
    await database.db
      .insertInto('member')
      .values({
        tenant_id: id,
        telegram_id: OWNER,
        role: 'owner',
        name: 'Ece',
        invited_by: 'test',
        joined_at: new Date(),
      })
      .execute()
    for (const view of VIEWS) await lookAround(scenario, view)
  })
})
