import type { Page } from 'playwright-core'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { type WebhookReceiver, openWebhookReceiver } from '#server/testing/webhook-receiver.ts'

import { BROWSER_TEST_MS, CHROMIUM, VIEWS, type View, checkScreen, chromiumNote } from '../browser/open-browser.ts'
import { type Scenario, openScenario } from '../scenarios/open-scenario.ts'
import { addMember, enterPanel, textsOf, withPanelBrowser } from './open-panel.ts'

const t = textsOf('tr')
const DESK: View = { locale: 'tr', width: 1280 }

describe.skipIf(CHROMIUM === null)(`integrations in a browser${chromiumNote}`, { timeout: BROWSER_TEST_MS }, () => {
  const browser = withPanelBrowser()

  /** What is shown this once in the dialog, which is then put away. */
  const takeSecret = async (page: Page): Promise<string> => {
    const secret = await page.getByTestId('secret').inputValue()
    await page.getByRole('button', { name: t('integrations.kept') }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    return secret
  }

  const makeKey = async (page: Page): Promise<string> => {
    await page.getByRole('button', { name: t('keys.new') }).click()
    await page.getByLabel(t('keys.name')).fill('Rapor <b>programı</b>')
    await page.getByLabel('contacts.view', { exact: true }).check()
    await page.getByRole('button', { name: t('keys.create') }).click()
    return takeSecret(page)
  }

  const addWebhook = async (page: Page, url: string): Promise<string> => {
    await page.getByRole('tab', { name: t('integrations.parts.webhooks') }).click()
    await page.getByRole('button', { name: t('webhooks.new') }).click()
    await page.getByRole('textbox', { name: t('webhooks.name'), exact: true }).fill('Muhasebe')
    await page.getByRole('textbox', { name: t('webhooks.url') }).fill('nowhere')
    await page.locator('input[value="contact.created"]').check()
    await page.getByRole('button', { name: t('webhooks.save') }).click()
    await page.getByText('https://ornek.com/webhook').waitFor()
    await page.getByRole('textbox', { name: t('webhooks.url') }).fill(url)
    await page.getByRole('button', { name: t('webhooks.save') }).click()
    return takeSecret(page)
  }

  /** Somebody new is told of, refused and sent again by hand. */
  const sendAgain = async (
    scenario: Scenario,
    page: Page,
    receiver: WebhookReceiver,
    greet: () => Promise<unknown>,
  ) => {
    receiver.answer(500)
    await greet()
    await scenario.until('the webhook was refused', () => receiver.received.length >= 2)
    await page.getByRole('link', { name: t('webhooks.showLog') }).click()
    await page.locator('tr[data-delivery]').first().getByRole('button').click()
    await page.getByText('500').last().waitFor()
    await checkScreen(page, DESK, 'panel-integrations-delivery')
    receiver.answer(204)
    await page.getByRole('button', { name: t('webhooks.replay') }).click()
    await scenario.until(
      'it was taken',
      async () => (await page.locator('[data-delivery-state=delivered]').count()) > 0,
    )
    await page.keyboard.press('Escape')
  }

  const lookAround = async (scenario: Scenario, owner: number, view: View) => {
    const say = textsOf(view.locale)
    const page = await enterPanel(scenario, browser(), owner, view)
    await page.goto(new URL('integrations', page.url()).href)
    await page.getByText('contacts.view').waitFor()
    await checkScreen(page, view, 'panel-integrations-keys')
    await page.getByRole('tab', { name: say('integrations.parts.webhooks') }).click()
    await page.locator('[data-webhook]').waitFor()
    await checkScreen(page, view, 'panel-integrations-webhooks')
    await page.getByRole('tab', { name: say('integrations.parts.log') }).click()
    await page.locator('tr[data-delivery]').first().waitFor()
    await checkScreen(page, view, 'panel-integrations-log')
    await page.context().close()
  }

  it('a key opens what it may, a webhook says who came, and what was refused is sent again by hand', async () => {
    const scenario = await openScenario()
    const shop = await scenario.shop('yazlik')
    const owner = await addMember(scenario, shop, 'owner')
    const receiver = await openWebhookReceiver()
    const page = await enterPanel(scenario, browser(), owner, DESK)
    await page.goto(new URL('integrations', page.url()).href)

    const key = await makeKey(page)
    const asked = async (path: string) =>
      (await fetch(new URL(path, page.url()), { headers: { authorization: `Bearer ${key}` } })).status
    expect([await asked('/api/v1/contacts'), await asked('/api/v1/webhooks')]).toEqual([200, 403])

    const secret = await addWebhook(page, receiver.url)
    await shop.subscriber('Ayşe')
    const [first] = await scenario.until('it is told', () => receiver.received.length > 0 && receiver.received)
    const at = toDate(Number(first?.headers['webhook-timestamp']) * 1_000)
    expect(first?.headers['webhook-signature']).toBe(new Webhook(secret).sign(first!.id, at, first!.body))
    expect(JSON.parse(first!.body)).toMatchObject({ type: 'contact.created' })

    await sendAgain(scenario, page, receiver, () => shop.subscriber('محمد'))
    expect(receiver.received.at(-1)?.id).toBe(receiver.received.at(-2)?.id)
    await page.context().close()
    for (const view of VIEWS) await lookAround(scenario, owner, view)
  })
})
