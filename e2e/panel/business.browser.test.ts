import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'

import { DAY_MS } from '#server/base/duration.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { listPayments } from '#server/modules/billing/index.ts'
import { getBrand } from '#server/modules/tenancy/index.ts'
import { createContact, createDelivery } from '#server/testing/factories.ts'

import { BROWSER_TEST_MS, CHROMIUM, VIEWS, type View, checkScreen, chromiumNote } from '../browser/open-browser.ts'
import { type Scenario, type Shop, openScenario } from '../scenarios/open-scenario.ts'
import { addMember, enterPanel, textsOf, withPanelBrowser } from './open-panel.ts'

/** A picture of one transparent pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const YELLOW = '#ffd400'

describe.skipIf(CHROMIUM === null)(`business in a browser${chromiumNote}`, { timeout: BROWSER_TEST_MS }, () => {
  const browser = withPanelBrowser()
  const t = textsOf('tr')

  const go = (page: Page, screen: string) => page.goto(new URL(`/app/${screen}`, page.url()).href)

  /** Invites somebody by a link that is shown once, takes that back, and leaves another open. */
  const gatherTeam = async (page: Page, { database }: Scenario, shop: Shop) => {
    await go(page, 'settings?part=team')
    await page.getByRole('button', { name: t('team.invite') }).click()
    const shown = await page.getByTestId('invitation-word').textContent()
    expect(shown).toMatch(/^https:\/\/t\.me\/gavatcore_panel_bot\?start=inv_[\w-]{43}$/)
    const kept = await database.db
      .selectFrom('invitation')
      .select('role')
      .where('tenant_id', '=', shop.tenantId)
      .execute()
    expect(kept).toEqual([{ role: 'agent' }])
    await page.reload()
    await page.getByRole('button', { name: t('team.invite') }).waitFor()
    expect(await page.getByTestId('invitation').count()).toBe(0)
    await page.locator('[data-invitation]').getByRole('button').click()
    const question = page.getByRole('dialog')
    await question.getByRole('button', { name: t('team.revoke'), exact: true }).click()
    await page.locator('[data-invitation]').waitFor({ state: 'detached' })
    const [ended] = await database.db
      .selectFrom('invitation')
      .select('revoked_at')
      .where('tenant_id', '=', shop.tenantId)
      .execute()
    expect(ended?.revoked_at).not.toBeNull()
    await page.getByRole('button', { name: t('team.invite') }).click()
    await page.locator('[data-invitation]').waitFor()
  }

  /** Gives the tenant a look of its own: what is no picture is refused in words, a colour that cannot be read is darkened. */
  const dress = async (page: Page, shop: Shop) => {
    await go(page, 'settings?part=brand')
    const file = page.locator('input[type=file]')
    await file.setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: Buffer.from('<svg onload="x()"/>') })
    await page.getByText('PNG, JPEG ya da WebP resmi olabilir').waitFor()
    await file.setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: PNG })
    await page.getByRole('img', { name: t('brand.logoIs') }).waitFor()
    await page.getByLabel(t('brand.name'), { exact: true }).fill('Yıldız')
    await page.getByLabel(t('brand.accent'), { exact: true }).fill(YELLOW)
    await page.getByTestId('adjusted').waitFor()
    await page.keyboard.press('Tab')
    await page.getByRole('button', { name: t('brand.save'), exact: true }).click()
    await page.getByRole('banner').getByText('Yıldız').waitFor()
    const { accent, colours, logoPath } = await shop.within((tx) => getBrand(tx, shop.tenantId))
    expect(accent).toBe(YELLOW)
    expect(logoPath).not.toBeNull()
    const drawn = await page.evaluate<string>(
      `getComputedStyle(document.documentElement).getPropertyValue('--mantine-primary-color-filled')`,
    )
    expect(drawn).toBe(colours?.onLight)
  }

  const stateOf = async (shop: Shop) => (await shop.within((tx) => getAccount(tx, shop.accountId))).state

  /** Stops the account with a reason and starts it again. */
  const rest = async (page: Page, shop: Shop) => {
    await go(page, 'accounts')
    const card = page.locator(`[data-account="${shop.accountId}"]`)
    await card.getByRole('button', { name: t('accounts.act.pause') }).click()
    const question = page.getByRole('dialog')
    await question.getByLabel(t('accounts.why')).fill('Bakım var')
    await question.getByRole('button', { name: t('accounts.act.pause') }).click()
    await question.waitFor({ state: 'detached' })
    await card.getByText('Bakım var').waitFor()
    expect(await stateOf(shop)).toBe('paused')
    await card.getByRole('button', { name: t('accounts.act.resume') }).click()
    await question.getByRole('button', { name: t('accounts.act.resume') }).click()
    await page.locator(`[data-account="${shop.accountId}"][data-state=active]`).waitFor()
    expect(await stateOf(shop)).toBe('active')
  }

  /** Sees what waits, looks at it one by one, and takes all of it back. */
  const clearQueue = async (page: Page, { database: { db }, clock }: Scenario, { tenantId, accountId }: Shop) => {
    const contactId = await createContact(db, tenantId, { accountId, firstName: 'Ayşe', at: clock.now() })
    const dueAt = clock.now() + DAY_MS
    for (const _ of [1, 2]) await createDelivery(db, tenantId, { accountId, contactId, chatId: contactId, dueAt })
    await page.reload()
    await page.getByRole('button', { name: t('queue.single') }).click()
    await page
      .getByRole('button', { name: t('queue.cancelOf', { name: 'Ayşe' }) })
      .first()
      .waitFor()
    await checkScreen(page, { locale: 'tr', width: 1280 }, 'panel-accounts-waiting')
    await page.getByRole('button', { name: t('queue.cancelAllOf', { reason: t('queue.onTime') }) }).click()
    const question = page.getByRole('dialog')
    await question.getByText(t('queue.cancelAllSure', { count: 2, reason: t('queue.onTime') })).waitFor()
    await question.getByRole('button', { name: t('queue.cancelAll') }).click()
    await page.getByText(t('queue.nothing')).waitFor()
    const states = await db
      .selectFrom('delivery')
      .select(['state', 'reason'])
      .where('contact_id', '=', contactId)
      .execute()
    expect(states).toEqual([1, 2].map(() => ({ state: 'cancelled', reason: 'cancelled_by_member' })))
  }

  /** Looks at a bigger package, orders it pressing twice, and lands on the page that takes the payment. */
  const grow = async (page: Page, shop: Shop) => {
    await go(page, 'billing')
    const name = t('words:package.enterprise')
    await page.getByRole('button', { name: t('billing.chooseOf', { package: name }) }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByTestId('forecast').waitFor()
    await dialog.getByRole('button', { name: t('words:paymentProvider.transfer') }).dblclick()
    // The page is the tenant's own, too.
    await page.locator('form[action^="/open/"] button[type=submit]').waitFor()
    await page.getByRole('banner').getByText('Yıldız').waitFor()
    await page.locator('form button[type=submit]').click()
    await page.waitForURL('**/pay', { waitUntil: 'commit' })
    const [payment, ...others] = await shop.within((tx) => listPayments(tx))
    expect([payment?.package, payment?.state, others]).toEqual(['enterprise', 'created', []])
    await page.getByText(payment?.reference ?? '').waitFor()
    await checkScreen(page, { locale: 'tr', width: 1280 }, 'pay-of-brand')
  }

  const lookAround = async (scenario: Scenario, owner: number, view: View) => {
    const words = textsOf(view.locale)
    const page = await enterPanel(scenario, browser(), owner, view)
    await go(page, 'accounts')
    await page.getByText(words('accounts.quotas')).waitFor()
    await page.getByText(words('limits.title')).waitFor()
    await page.getByText(words('queue.waiting'), { exact: true }).waitFor()
    await checkScreen(page, view, 'panel-accounts')
    await go(page, 'billing')
    await page.getByText(words('billing.used')).waitFor()
    await page.locator('[data-payment]').waitFor()
    await checkScreen(page, view, 'panel-billing')
    await go(page, 'settings')
    await page.getByLabel(words('settings.senderName')).waitFor()
    await checkScreen(page, view, 'panel-settings')
    // On a phone, where there is the least room for them.
    if (view.width < 600) {
      await page.getByRole('tab', { name: words('settings.part.team') }).click()
      await page.locator('[data-member]').first().waitFor()
      await page.locator('[data-invitation]').waitFor()
      await checkScreen(page, view, 'panel-team')
      await page.getByRole('tab', { name: words('settings.part.brand') }).click()
      await page.getByTestId('adjusted').waitFor()
      await checkScreen(page, view, 'panel-brand')
    }
    await page.context().close()
  }

  it('is run by its owner: a team, a look, accounts that rest, a package that grows', async () => {
    const scenario = await openScenario()
    const shop = await scenario.shop('yazlik')
    const owner = await addMember(scenario, shop, 'owner')
    const page = await enterPanel(scenario, browser(), owner, { locale: 'tr', width: 1280 })
    await gatherTeam(page, scenario, shop)
    await dress(page, shop)
    await rest(page, shop)
    await clearQueue(page, scenario, shop)
    await grow(page, shop)
    await page.context().close()
    for (const view of VIEWS) await lookAround(scenario, owner, view)
    expect(await stateOf(shop)).toBe('active')
  })
})
