import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { App } from '#server/app.ts'
import { createTranslator } from '#server/base/translate.ts'
import { createPageLink } from '#server/modules/tenancy/index.ts'
import { type LoginStage, openLoginStage } from '#server/testing/login-stage.ts'

import {
  BROWSER_TEST_MS,
  CHROMIUM,
  VIEWS,
  type View,
  checkScreen,
  chromiumNote,
  openBrowser,
  openView,
} from './browser/open-browser.ts'

describe.skipIf(CHROMIUM === null)(`pages in a browser${chromiumNote}`, { timeout: BROWSER_TEST_MS }, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  }, BROWSER_TEST_MS)
  afterAll(() => browser?.close())

  const enter = async (stage: LoginStage, app: App, view: View & { readonly locale: 'tr' | 'ar' }) => {
    const { tenantId, owner } = await stage.addTenant()
    const subject = { purpose: 'login', telegramId: owner, tenantId, locale: view.locale } as const
    const { path } = await createPageLink(stage.database.db, subject, stage.clock.now())
    const page = await openView(browser, view)
    await page.goto(new URL(path, app.address()).href)
    await checkScreen(page, view, 'open')
    await page.getByRole('button', { name: textsOf(view.locale)('open.button') }).click()
    await page.waitForURL('**/account-login')
    await checkScreen(page, view, 'choice')
    return page
  }
  const textsOf = (locale: 'tr' | 'ar') => createTranslator(locale, 'pages')
  const press = async (page: Page, action: string) => {
    await page.locator(`form[action$="/${action}"] button[type=submit]`).click()
    await page.waitForLoadState()
  }

  it.each(VIEWS)('links an account by phone, code and password in $locale at $width', async (view) => {
    const stage = await openLoginStage()
    const app = await stage.start()
    const t = textsOf(view.locale)
    const phone = '905551112233'
    stage.simulator.control.createUserLogin({ phone, password: 'gizli', hint: 'kedi', firstName: 'Ayşe' })
    const page = await enter(stage, app, view)
    await page.getByLabel(t('login.phone_label')).fill('+90 555')
    await page.locator('#consent-phone').check()
    await press(page, 'phone')
    await checkScreen(page, view, 'phone-fault')
    expect(await page.locator('#phone-fault').textContent()).not.toBe('')
    await page.getByLabel(t('login.phone_label')).fill('+90 555 111 22 33')
    await page.locator('#consent-phone').check()
    await press(page, 'phone')
    await page.getByRole('heading', { name: t('login.code_title') }).waitFor()
    await checkScreen(page, view, 'code')
    // Typing begins at once: the only field has the focus.
    await page.keyboard.type('00000')
    await page.keyboard.press('Enter')
    await page.locator('#code-fault').waitFor()
    await checkScreen(page, view, 'code-fault')
    await page.keyboard.type(stage.simulator.control.getLoginCode({ phone }).code)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: t('login.password_title') }).waitFor()
    await checkScreen(page, view, 'password')
    await page.keyboard.type('gizli')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: t('done.title') }).waitFor()
    await checkScreen(page, view, 'done')
    await page.getByRole('link', { name: t('done.sessions') }).click()
    await page.getByRole('heading', { name: t('sessions.title') }).waitFor()
    await checkScreen(page, view, 'sessions')
    await press(page, 'end')
    await page.getByText(t('sessions.none')).waitFor()
    expect(await stage.leftovers()).toEqual({ open: 0, sessions: 0, sealed: 0 })
    await page.context().close()
  })

  it.each(VIEWS)('links an account by QR code, moving on by itself, in $locale at $width', async (view) => {
    const stage = await openLoginStage()
    const app = await stage.start()
    const t = textsOf(view.locale)
    const { userId } = stage.simulator.control.createUserLogin({ phone: '905551112233', firstName: 'Ayşe' })
    const page = await enter(stage, app, view)
    await page.locator('#consent-qr').check()
    await press(page, 'qr')
    await page.getByRole('img', { name: t('login.qr_alt') }).waitFor()
    await checkScreen(page, view, 'scan')
    stage.simulator.control.scanQr({ userId, url: await stage.shownQr(app) })
    await page.getByRole('heading', { name: t('done.title') }).waitFor()
    expect(await stage.leftovers()).toEqual({ open: 0, sessions: 0, sealed: 0 })
    await page.context().close()
  })

  it('says what happened to a link that was used, as a page', async () => {
    const stage = await openLoginStage()
    const app = await stage.start()
    const view = { locale: 'tr', width: 390 } as const
    const page = await openView(browser, view)
    await page.goto(new URL('/open/tahmin', app.address()).href)
    await checkScreen(page, view, 'fault')
    expect(await page.getByRole('alert').textContent()).toContain('bize ait değil')
    await page.context().close()
  })
})
