import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { createTranslator } from '#server/base/translate.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { listPayments } from '#server/modules/billing/index.ts'
import { addOwner, createPageLink } from '#server/modules/tenancy/index.ts'
import { createTestApp } from '#server/testing/app.ts'
import { createTenant } from '#server/testing/factories.ts'

import {
  BROWSER_TEST_MS,
  CHROMIUM,
  VIEWS,
  checkScreen,
  chromiumNote,
  openBrowser,
  openView,
} from './browser/open-browser.ts'

const PAYMENTS = {
  transfer: { iban: 'TR330006100519786457841326', holder: 'Gavatcore Ltd', papara: '1234567890' },
  stripe: null,
  paytr: { merchantId: '1', merchantKey: 'k', merchantSalt: 's', isTest: true, apiRoot: 'http://127.0.0.1:9' },
  papara: null,
  starsAccountId: null,
}

describe.skipIf(CHROMIUM === null)(`payment in a browser${chromiumNote}`, { timeout: BROWSER_TEST_MS }, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  }, BROWSER_TEST_MS)
  afterAll(() => browser?.close())

  it.each(VIEWS)('takes a transfer and its claim by keyboard in $locale at $width', async (view) => {
    const app = await createTestApp({ settings: { role: 'api', payments: PAYMENTS } })
    await app.start()
    const { db } = app.database
    const tenantId = await createTenant(db)
    const actor = { by: 'test', at: app.clock.now() }
    await inTenant(db, tenantId, (tx) => addOwner(tx, { telegramId: 42, name: 'Sahip' }, actor))
    const subject = { purpose: 'pay', telegramId: 42, tenantId, locale: view.locale } as const
    const { path } = await createPageLink(db, subject, app.clock.now())
    const t = createTranslator(view.locale, 'pages')
    const page = await openView(browser, view)
    await page.goto(new URL(path, app.address()).href)
    await page.getByRole('button', { name: t('open.button') }).press('Enter')
    await page.waitForURL('**/pay')
    await checkScreen(page, view, 'pay-ways')
    const byTransfer = page.locator('section[aria-labelledby=way-transfer]')
    await byTransfer.locator('input[value=professional]').focus()
    await page.keyboard.press('Space')
    await byTransfer.getByRole('button').press('Enter')
    await page.getByRole('heading', { name: t('pay.claim_heading') }).waitFor()
    await checkScreen(page, view, 'pay-order')
    await page.getByLabel(t('pay.evidence_label')).fill('Ziraat 12:04')
    await page.getByLabel(t('pay.evidence_label')).press('Enter')
    await page.getByRole('heading', { name: t('pay.claimed_title') }).waitFor()
    await checkScreen(page, view, 'pay-claimed')
    expect(await inTenant(db, tenantId, (tx) => listPayments(tx))).toMatchObject([
      { state: 'claimed', package: 'professional', evidenceText: 'Ziraat 12:04' },
    ])
    await page.context().close()
  })
})
