import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'

import { createPipeline, listContactStages, listTasks } from '#server/modules/contacts/index.ts'
import { ownerAt } from '#server/testing/factories.ts'

import { BROWSER_TEST_MS, CHROMIUM, VIEWS, type View, checkScreen, chromiumNote } from '../browser/open-browser.ts'
import { type Scenario, type Shop, openScenario } from '../scenarios/open-scenario.ts'
import { addMember, enterPanel, seeChart, textsOf, withPanelBrowser } from './open-panel.ts'

const SEES_ALL = { access: { kind: 'member', role: 'owner' } } as const
const NAME = 'Ayşe <b>Su</b> 🌸'

describe.skipIf(CHROMIUM === null)(`people and segments${chromiumNote}`, { timeout: BROWSER_TEST_MS * 2 }, () => {
  const browser = withPanelBrowser()

  /** A shop with somebody who wrote to it, and its owner. */
  const openShop = async () => {
    const scenario = await openScenario()
    const shop = await scenario.shop('vitrin')
    const owner = await addMember(scenario, shop, 'owner')
    const userId = await shop.subscriber(NAME)
    scenario.simulator.control.sendText({ userId, botId: shop.botId, text: 'Merhaba <i>dünya</i>' })
    const contactId = await shop.contactOf(userId)
    await shop.within((tx) =>
      createPipeline(tx, { name: 'Satış', stages: ['Yeni', 'Görüşme'] }, ownerAt(scenario.clock.now())),
    )
    await scenario.until('the message is kept', () =>
      scenario.database.db
        .selectFrom('message')
        .select('id')
        .where('text', '=', 'Merhaba <i>dünya</i>')
        .executeTakeFirst(),
    )
    return { scenario, shop, owner, contactId }
  }

  const open = (page: Page, path: string) => page.goto(new URL(`/app/${path}`, page.url()).href)

  /** Comes to a person from the list, and to a segment's strategy from the segments. */
  const lookAround = async (scenario: Scenario, owner: number, view: View): Promise<Page> => {
    const t = textsOf(view.locale)
    const page = await enterPanel(scenario, browser(), owner, view)
    await open(page, 'segments')
    await seeChart(page)
    await checkScreen(page, view, 'panel-segments')
    await page.getByRole('link', { name: t('words:segment.NEW_USER'), exact: true }).click()
    await page.getByRole('button', { name: t('segments.save') }).waitFor()
    await checkScreen(page, view, 'panel-segment')
    await open(page, 'contacts')
    await page.getByRole('link', { name: NAME }).click()
    await page.getByRole('heading', { name: NAME, level: 1 }).waitFor()
    await seeChart(page)
    await page.getByText('Merhaba <i>dünya</i>').waitFor()
    await page.getByText(t('contact.primary'), { exact: true }).waitFor()
    await page.getByText(t('contact.noNotes')).waitFor()
    await page.getByText(t('contact.noTasks')).waitFor()
    await page.getByText('Satış', { exact: true }).waitFor()
    await checkScreen(page, view, 'panel-contact')
    return page
  }

  const strategyOf = ({ database }: Scenario, { tenantId }: Shop) =>
    database.db
      .selectFrom('strategy')
      .select(['version', 'max_per_day'])
      .where('tenant_id', '=', tenantId)
      .where('segment', '=', 'NEW_USER')
      .where('is_current', '=', true)
      .executeTakeFirstOrThrow()

  /** Out of bounds, then inside, then back to how it was. */
  const changeStrategy = async (page: Page, scenario: Scenario, shop: Shop) => {
    const t = textsOf('tr')
    const before = await strategyOf(scenario, shop)
    await open(page, 'segments/NEW_USER')
    const perDay = page.getByLabel(t('segments.maxPerDay'))
    await perDay.fill('9')
    await page.getByRole('button', { name: t('segments.save') }).click()
    await page.locator('.mantine-NumberInput-error').waitFor()
    expect(await page.locator('.mantine-NumberInput-error').textContent()).toContain('9')
    expect(await strategyOf(scenario, shop)).toEqual(before)
    await perDay.fill('3')
    await page.getByRole('button', { name: t('segments.save') }).click()
    await page.getByRole('button', { name: t('segments.restoreVersion', { version: before.version }) }).click()
    await page.getByRole('button', { name: t('segments.restoreVersion', { version: before.version + 1 }) }).waitFor()
    expect(await strategyOf(scenario, shop)).toEqual({ ...before, version: before.version + 2 })
  }

  /** Adds a task that is late, ticks it off, and moves the person along. */
  const keepOn = async (page: Page, shop: Shop, contactId: number) => {
    const t = textsOf('tr')
    await open(page, `contacts/${contactId}`)
    await page.getByLabel(t('contact.newTask')).fill('Ayşe’yi ara')
    await page.getByLabel(t('contact.taskDue')).fill('2026-05-01T10:00')
    await page.getByRole('button', { name: t('contact.addTask') }).click()
    const box = page.getByRole('checkbox', { name: 'Ayşe’yi ara' })
    await box.waitFor()
    await checkScreen(page, { locale: 'tr', width: 1280 }, 'panel-contact-task')
    await box.click()
    await page.getByText(t('contact.noTasks')).waitFor()
    await page.getByRole('switch', { name: t('contact.showDone') }).click()
    await page.locator('[data-task][data-done=true]').waitFor()
    const asked = page.getByRole('combobox', { name: 'Satış' }).or(page.getByRole('textbox', { name: 'Satış' }))
    await asked.click()
    await page.getByRole('option', { name: 'Görüşme' }).click()
    await page
      .getByText(t('contact.stageSince', { at: '', who: '' }).split(',')[0]?.trim() ?? '')
      .first()
      .waitFor()
    const [task] = await shop.within((tx) => listTasks(tx, { contactId, isDone: true }, { limit: 2 }, SEES_ALL))
    expect(task).toMatchObject({ title: 'Ayşe’yi ara', doneAt: expect.any(Number), dueAt: expect.any(Number) })
    const stages = await shop.within((tx) => listContactStages(tx, contactId, SEES_ALL))
    expect(stages).toMatchObject([{ pipeline: 'Satış', stage: 'Görüşme', until: null }])
  }

  const keepAndForget = async (page: Page, contactId: number) => {
    const t = textsOf('tr')
    await open(page, `contacts/${contactId}`)
    await page.getByRole('combobox', { name: t('contacts.tags') }).fill('VIP')
    await page.keyboard.press('Enter')
    await page.getByText('vip', { exact: true }).waitFor()
    await page.getByLabel(t('contact.newNote')).fill('Akşamları <b>arar</b>')
    await page.getByRole('button', { name: t('contact.addNote') }).click()
    await page.getByText(t('contact.noNotes')).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: t('contact.erase') }).click()
    const last = page.getByRole('button', { name: t('contact.eraseNow') })
    await page.getByLabel(t('contact.eraseConfirm', { id: contactId })).fill(`${contactId}1`)
    expect(await last.isDisabled()).toBe(true)
    await page.getByLabel(t('contact.eraseConfirm', { id: contactId })).fill(String(contactId))
    await last.click()
    await page.getByText(t('contacts.none')).waitFor()
  }

  it('are looked at, kept and forgotten, and strategies change within their bounds and come back', async () => {
    const { scenario, shop, owner, contactId } = await openShop()
    for (const view of VIEWS) await (await lookAround(scenario, owner, view)).context().close()
    const page = await enterPanel(scenario, browser(), owner, { locale: 'tr', width: 1280 })
    await changeStrategy(page, scenario, shop)
    await keepOn(page, shop, contactId)
    await keepAndForget(page, contactId)
    const row = await scenario.database.db
      .selectFrom('contact')
      .select(['erased_at', 'first_name'])
      .where('id', '=', contactId)
      .executeTakeFirstOrThrow()
    expect(row).toEqual({ erased_at: expect.any(Date), first_name: '' })
  })
})
