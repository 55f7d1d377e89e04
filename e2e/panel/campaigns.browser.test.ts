import { describe, expect, it } from 'vitest'

import { MINUTE_MS } from '#server/base/duration.ts'

import { BROWSER_TEST_MS, CHROMIUM, VIEWS, type View, checkScreen, chromiumNote } from '../browser/open-browser.ts'
import { type Scenario, instant, openScenario } from '../scenarios/open-scenario.ts'
import { addMember, enterPanel, seeChart, textsOf, withPanelBrowser } from './open-panel.ts'

const NAME = 'Yaz <b>indirimi</b>'

describe.skipIf(CHROMIUM === null)(`campaigns in a browser${chromiumNote}`, { timeout: BROWSER_TEST_MS }, () => {
  const browser = withPanelBrowser()

  /** A shop with two people who agreed and one who did not, a draft for all of them, and its owner. */
  const openShop = async () => {
    const scenario = await openScenario()
    const shop = await scenario.shop('yazlik')
    const owner = await addMember(scenario, shop, 'owner')
    const people = [await shop.subscriber('Ayşe 🌸'), await shop.subscriber('محمد')]
    await shop.subscriber('Hakan', false)
    await shop.template('yaz', 'Yaz indirimi {{sender}} {{opt_out}}')
    const starts = instant(scenario.clock.now() + 10 * MINUTE_MS)
    const { id } = (await shop.cli(['campaigns', 'create', NAME, '--template', 'yaz', '--starts', starts])) as {
      id: number
    }
    return { scenario, owner, people, id }
  }

  /** Starts it, holds it and lets it go on, and sees the figures move without touching the page. */
  const runCampaign = async ({ scenario, owner, people, id }: Awaited<ReturnType<typeof openShop>>) => {
    const t = textsOf('tr')
    const view = { locale: 'tr', width: 1280 }
    const page = await enterPanel(scenario, browser(), owner, view)
    const press = async (act: string) => {
      await page.getByRole('button', { name: t(`campaigns.act.${act}`), exact: true }).click()
      const question = page.getByRole('dialog')
      if (act === 'pause') await question.getByText(t('campaigns.sure.pause', { name: NAME, left: '3' })).waitFor()
      await question.getByRole('button', { name: t(`campaigns.act.${act}`), exact: true }).click()
      await question.waitFor({ state: 'detached' })
    }
    await page.goto(new URL(`campaigns/${id}`, page.url()).href)
    await page.getByText(t('campaigns.forecast')).waitFor()
    await checkScreen(page, view, 'panel-campaign-draft')
    await press('start')
    await page.locator('[data-state=running]').waitFor()
    // Planned without anybody's hand on the page.
    await scenario.until('all are planned', async () => {
      return (await page.getByTestId('figure-left').textContent()) === '3'
    })
    await press('pause')
    await page.locator('[data-state=paused]').waitFor()
    await press('resume')
    await page.locator('[data-state=running]').waitFor()
    await scenario.until('both are told', () =>
      people.every((userId) => scenario.textsIn(userId).some((text) => text.includes('Yaz indirimi'))),
    )
    await page.getByTestId('figure-sent').getByText('2', { exact: true }).waitFor()
    await page.getByTestId('figure-refused').getByText('1', { exact: true }).waitFor()
    await page.context().close()
  }

  const lookAround = async (scenario: Scenario, owner: number, view: View) => {
    const t = textsOf(view.locale)
    const recorded = t('campaigns.recorded', { reason: '' }).trim()
    const page = await enterPanel(scenario, browser(), owner, view)
    await page.goto(new URL('campaigns', page.url()).href)
    await page.getByRole('link', { name: NAME }).waitFor()
    await checkScreen(page, view, 'panel-campaigns')
    await page.getByRole('link', { name: NAME }).click()
    await seeChart(page)
    await page.getByText('Hakan').waitFor()
    await checkScreen(page, view, 'panel-campaign')
    await page.getByRole('button', { name: t('campaigns.whyOf', { name: 'Hakan' }) }).click()
    await page.getByRole('dialog').getByText(recorded).waitFor()
    await page.context().close()
  }

  it('start, are held and go on before the eyes of whoever watches, and say why somebody was left out', async () => {
    const shop = await openShop()
    await runCampaign(shop)
    for (const view of VIEWS) await lookAround(shop.scenario, shop.owner, view)
    expect(shop.scenario.textsIn(shop.people[0] ?? 0).filter((text) => text.includes('Yaz indirimi'))).toHaveLength(1)
  })
})
