import { describe, expect, it } from 'vitest'

import { BROWSER_TEST_MS, CHROMIUM, VIEWS, type View, checkScreen, chromiumNote } from '../browser/open-browser.ts'
import { type Scenario, openScenario } from '../scenarios/open-scenario.ts'
import { addMember, enterPanel, firstLoadBytes, seeChart, textsOf, withPanelBrowser } from './open-panel.ts'

describe.skipIf(CHROMIUM === null)(`the web panel in a browser${chromiumNote}`, { timeout: BROWSER_TEST_MS }, () => {
  const browser = withPanelBrowser()

  /** A shop with two people, and the browser of its owner. */
  const openShop = async () => {
    const scenario = await openScenario()
    const shop = await scenario.shop('vitrin')
    const owner = await addMember(scenario, shop, 'owner')
    await shop.subscriber('Ayşe <b>Su</b> 🌸')
    await shop.subscriber('محمد')
    return { scenario, owner }
  }

  const lookAround = async (scenario: Scenario, owner: number, view: View) => {
    const t = textsOf(view.locale)
    const page = await enterPanel(scenario, browser(), owner, view)
    await page.getByRole('heading', { name: t('screens.overview'), level: 1 }).waitFor()
    await seeChart(page)
    expect(await page.getByTestId('figure-joined').textContent()).toBe('2')
    await checkScreen(page, view, 'panel-overview')

    await page.goto(new URL('contacts', page.url()).href)
    await page.getByText('Ayşe <b>Su</b> 🌸').waitFor()
    await checkScreen(page, view, 'panel-contacts')
    await page.getByLabel(t('contacts.search')).fill('محم')
    await page.getByText('Ayşe').waitFor({ state: 'detached' })
    expect(page.url()).toContain('text=')
    await page.reload()
    await page.getByText('محمد').waitFor()
    await page.getByLabel(t('contacts.search')).fill('zzz')
    await page.getByText(t('contacts.noneFit')).waitFor()

    await page.goto(new URL('devices', page.url()).href)
    await page.getByText(t('devices.thisOne')).waitFor()
    await checkScreen(page, view, 'panel-devices')
    await page.context().close()
  }

  it('shows what happened, who there is and where one is signed in, in Turkish and Arabic, wide and narrow', async () => {
    const { scenario, owner } = await openShop()
    for (const view of VIEWS) await lookAround(scenario, owner, view)
    // A session that is over says where the next one comes from.
    const page = await enterPanel(scenario, browser(), owner, { locale: 'tr', width: 1280 })
    await page.context().clearCookies()
    await page.reload()
    await page.getByText(textsOf('tr')('signIn.text')).waitFor()
    expect(await page.getByRole('navigation').count()).toBe(0)
  })

  it('opens without a network, says so, and goes on when there is one again', async () => {
    const { scenario, owner } = await openShop()
    const t = textsOf('ar')
    const page = await enterPanel(scenario, browser(), owner, { locale: 'ar', width: 390 })
    await page.getByTestId('figure-joined').waitFor()
    await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)')
    // What came before the worker was there is kept from the next look on.
    await page.reload()
    await page.getByTestId('figure-joined').waitFor()
    await page.context().setOffline(true)
    await page.reload()
    await page.getByRole('alert').getByText(t('state.offline')).waitFor()
    await checkScreen(page, { locale: 'ar', width: 390 }, 'panel-offline')
    await page.context().setOffline(false)
    await page.getByRole('button', { name: t('state.retry') }).click()
    await page.getByTestId('figure-joined').waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
  })

  it('loads little before its first look', () => {
    expect(firstLoadBytes('web')).toBeGreaterThan(50 * 1024)
    expect(firstLoadBytes('web')).toBeLessThan(180 * 1024)
  })
})
