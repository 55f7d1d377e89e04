import { readFileSync } from 'node:fs'

import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'

import { BROWSER_TEST_MS, CHROMIUM, VIEWS, type View, checkScreen, chromiumNote } from '../browser/open-browser.ts'
import { type Scenario, openScenario } from '../scenarios/open-scenario.ts'
import { addMember, enterPanel, seeChart, textsOf, withPanelBrowser } from './open-panel.ts'

const DESK = { locale: 'tr', width: 1280 }
/** The overview itself is looked at with the panel's frame. */
const SCREENS = ['reports', 'groups'] as const

describe.skipIf(CHROMIUM === null)(`reports in a browser${chromiumNote}`, { timeout: BROWSER_TEST_MS }, () => {
  const browser = withPanelBrowser()

  /** A shop whose campaign reached two people, one of whom writes in its group; and who owns it. */
  const openShop = async () => {
    const scenario = await openScenario()
    const { simulator, until } = scenario
    const shop = await scenario.shop('rapor')
    const owner = await addMember(scenario, shop, 'owner')
    const people = [await shop.subscriber('Ayşe 🌸'), await shop.subscriber('محمد')]
    await shop.subscriber('Hakan', false)
    await shop.template('yaz', 'Yaz indirimi {{sender}} {{opt_out}}')
    const made = (await shop.cli(['campaigns', 'create', '=Yaz <b>1</b>', '--template', 'yaz'])) as { id: number }
    await shop.cli(['campaigns', 'start', String(made.id)])
    await until('both are told', () =>
      people.every((userId) => scenario.textsIn(userId).some((text) => text.includes('Yaz indirimi'))),
    )
    const { control } = simulator
    const { id: ownerId } = control.createUser({ firstName: 'Sahip' })
    const group = control.createChat({ type: 'supergroup', title: '=Moda Severler', ownerId })
    control.setMember({ chatId: group.id, memberId: shop.botId, status: 'administrator', rights: {}, actorId: ownerId })
    await until('the group is known', () =>
      scenario.database.db.selectFrom('chat_account').select('chat_id').executeTakeFirst(),
    )
    control.join({ chatId: group.id, userId: people[0] ?? 0 })
    control.sendText({ chatId: group.id, userId: people[0] ?? 0, text: 'Merhaba millet' })
    await until('the group was heard', () =>
      scenario.database.db.selectFrom('message').select('id').where('chat_id', '=', group.id).executeTakeFirst(),
    )
    return { scenario, owner }
  }

  const widgetsOf = (page: Page) =>
    page.locator('[data-widget]').evaluateAll((all) => all.map((one) => one.getAttribute('data-widget')))

  /** Hides the trend and puts what leaves next first, by keyboard; then looks at it from another device. */
  const arrange = async (scenario: Scenario, owner: number) => {
    const t = textsOf('tr')
    const page = await enterPanel(scenario, browser(), owner, DESK)
    await page.getByRole('button', { name: t('overview.arrange'), exact: true }).click()
    await page.getByRole('checkbox', { name: t('overview.widgets.trend') }).uncheck()
    const up = page.getByRole('button', { name: t('overview.up', { name: t('overview.widgets.next') }) })
    await up.focus()
    for (let i = 0; i < 4; i += 1) await page.keyboard.press('Enter')
    await page.getByRole('button', { name: t('overview.save'), exact: true }).dblclick()
    await page.getByText(t('overview.saved')).waitFor()
    await page.context().close()

    const elsewhere = await enterPanel(scenario, browser(), owner, { locale: 'tr', width: 390 })
    await elsewhere.locator('[data-widget=next]').waitFor()
    expect(await widgetsOf(elsewhere)).toEqual(['next', 'figures', 'warnings', 'today', 'campaigns'])
    await elsewhere.getByRole('button', { name: t('overview.arrange'), exact: true }).click()
    await elsewhere.getByRole('button', { name: t('overview.reset'), exact: true }).waitFor()
    await checkScreen(elsewhere, { locale: 'tr', width: 390 }, 'panel-overview-arrange')
    await elsewhere.getByRole('button', { name: t('overview.reset'), exact: true }).click()
    await elsewhere.locator('[data-widget=trend]').waitFor()
    expect(await widgetsOf(elsewhere)).toHaveLength(6)
    await elsewhere.context().close()
  }

  /** What the report says arrived is what Telegram took. */
  const compare = async (scenario: Scenario, owner: number, peopleIds: ReadonlySet<number>) => {
    const t = textsOf('tr')
    const page = await enterPanel(scenario, browser(), owner, DESK)
    await page.goto(new URL('reports?days=7', page.url()).href)
    const title = t('reports.bySource')
    await page.getByRole('heading', { name: title }).waitFor()
    const saving = page.waitForEvent('download')
    await page.getByRole('button', { name: t('csv.saveOf', { title }) }).click()
    const csv = readFileSync(await (await saving).path(), 'utf8')
    const [head = '', ...lines] = csv.slice(1).trim().split('\r\n')
    const at = head.split(',').indexOf(t('reports.delivered'))
    const delivered = lines.reduce((sum, line) => sum + Number(line.split(',')[at]), 0)
    expect(delivered).toBe(scenario.seen.filter(({ chatId }) => peopleIds.has(chatId)).length)
    const campaign = lines.find((line) => line.startsWith(t('sources.campaign')))
    expect(campaign?.split(',')[at]).toBe('2')
    await page.context().close()
  }

  const lookAround = async (scenario: Scenario, owner: number, view: View) => {
    const page = await enterPanel(scenario, browser(), owner, view)
    const home = page.url()
    for (const screen of SCREENS) {
      await page.goto(new URL(screen, home).href)
      await (screen === 'groups' ? page.getByRole('link', { name: '=Moda Severler' }).waitFor() : seeChart(page))
      await checkScreen(page, view, `panel-${screen}`)
    }
    await page.getByRole('link', { name: '=Moda Severler' }).click()
    await seeChart(page)
    await checkScreen(page, view, 'panel-group')
    await page.context().close()
  }

  it('say what Telegram took, and the overview stays as a member arranged it', async () => {
    const { scenario, owner } = await openShop()
    const rows = await scenario.database.db.selectFrom('contact').select('telegram_id').execute()
    await arrange(scenario, owner)
    await compare(scenario, owner, new Set(rows.flatMap(({ telegram_id: id }) => id ?? [])))
    for (const view of VIEWS) await lookAround(scenario, owner, view)
    const kept = await scenario.database.db.selectFrom('panel_layout').select(['owner', 'version']).execute()
    // Saved once by two clicks, then reset.
    expect(kept).toEqual([{ owner: expect.stringMatching(/^member:/), version: 2 }])
  })
})
