import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'

import { createFakeModel } from '#server/gateways/llm/adapters/fake/create-fake-model.ts'
import { getAccountSettings, getPersona } from '#server/modules/conversations/index.ts'

import { BROWSER_TEST_MS, CHROMIUM, VIEWS, type View, checkScreen, chromiumNote } from '../browser/open-browser.ts'
import { type Scenario, type Shop, openScenario } from '../scenarios/open-scenario.ts'
import { addMember, enterPanel, seeChart, textsOf, withPanelBrowser } from './open-panel.ts'

const DESK: View = { locale: 'tr', width: 1280 }
const INSTALLATION = { baseUrl: 'https://model.test/v1', apiKey: null, model: 'ornek', isOperators: true }

describe.skipIf(CHROMIUM === null)(`auto-replies in a browser${chromiumNote}`, { timeout: BROWSER_TEST_MS }, () => {
  const browser = withPanelBrowser()

  const enter = async (scenario: Scenario, person: number, view: View): Promise<Page> => {
    const page = await enterPanel(scenario, browser(), person, view)
    await page.goto(new URL('auto-replies', page.url()).href)
    await page.locator('[data-account]').waitFor()
    return page
  }

  const openPersona = async (page: Page, locale: string) => {
    await page.getByRole('link', { name: textsOf(locale)('autoReplies.toPersona') }).click()
    await page
      .getByRole('heading', { level: 1 })
      .filter({ hasText: textsOf(locale)('persona.title') })
      .waitFor()
  }

  const settle = (scenario: Scenario, shop: Shop) =>
    shop.within(async (tx) => ({
      mode: (await getAccountSettings(tx, shop.accountId, scenario.clock.now())).effective.replyMode,
      persona: await getPersona(tx, shop.accountId),
    }))

  /** Another mode, told what it does, and kept. */
  const switchTo = async (page: Page, locale: string, mode: 'hybrid' | 'manual') => {
    const t = textsOf(locale)
    await page.getByRole('radio', { name: t(`autoReplies.mode.${mode}.name`) }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(t(`autoReplies.mode.${mode}.sure`)).waitFor()
    await dialog.getByRole('button', { name: t('autoReplies.switch') }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.locator(`input[type=radio][value=${mode}]:checked`).waitFor()
  }

  /** A price that is none is refused where it stands, by the name of its field; a right one is saved. */
  const editPersona = async (page: Page, locale: string, tone: string, price: string) => {
    const t = textsOf(locale)
    await openPersona(page, locale)
    await page.getByRole('textbox', { name: t('persona.tone') }).fill(tone)
    const field = page.getByRole('textbox', { name: t('persona.price'), exact: true })
    await field.fill('-5')
    const example = locale === 'ar' ? '299.90' : '299,90'
    const fault = page.locator('.mantine-InputWrapper-error').filter({ hasText: example })
    await fault.waitFor()
    expect(await fault.textContent()).toContain(t('persona.price'))
    expect(await fault.textContent()).not.toContain('priceMinor')
    await checkScreen(page, { locale, width: 1280 }, 'panel-persona-fault')
    await page.getByRole('button', { name: t('persona.save') }).click()
    await page
      .getByRole('alert')
      .filter({ hasText: t('persona.faults', { count: 1 }) })
      .waitFor()
    await field.fill(price)
    await fault.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: t('persona.save') }).click()
    await page.getByText(t('persona.saved')).waitFor()
  }

  const lookAround = async (scenario: Scenario, owner: number, view: View) => {
    const t = textsOf(view.locale)
    const page = await enter(scenario, owner, view)
    await checkScreen(page, view, 'panel-auto-replies')
    await page.getByRole('button', { name: t('autoReplies.change') }).click()
    await page
      .getByRole('dialog')
      .getByRole('button', { name: t('autoReplies.save') })
      .waitFor()
    await checkScreen(page, view, 'panel-auto-replies-settings')
    await page.keyboard.press('Escape')
    await openPersona(page, view.locale)
    await page.locator('[data-version]').first().waitFor()
    await checkScreen(page, view, 'panel-persona')
    await page.goto(new URL('../settings?part=model', page.url()).href)
    await page.getByRole('button', { name: t('model.trial') }).waitFor()
    await seeChart(page)
    await checkScreen(page, view, 'panel-settings-model')
    await page.context().close()
  }

  it('says what a model will do before one answers by itself', async () => {
    const scenario = await openScenario()
    const shop = await scenario.shop('kurumsal', 'enterprise')
    const owner = await addMember(scenario, shop, 'owner')
    for (const view of VIEWS) {
      const t = textsOf(view.locale)
      const page = await enter(scenario, owner, view)
      await page.getByRole('radio', { name: t('autoReplies.mode.ai.name') }).click()
      const dialog = page.getByRole('dialog')
      for (const point of ['says', 'consent', 'handsOver', 'takeover', 'checks'])
        await dialog.getByText(t(`autoReplies.ai.${point}`)).waitFor()
      await checkScreen(page, view, 'panel-auto-replies-ai')
      const ends = view === VIEWS.at(-1) ? 'autoReplies.switch' : 'state.dismiss'
      await dialog.getByText(t(ends), { exact: true }).click()
      await dialog.waitFor({ state: 'detached' })
      const { effective } = await shop.within((tx) => getAccountSettings(tx, shop.accountId, scenario.clock.now()))
      expect(effective.replyMode).toBe(view === VIEWS.at(-1) ? 'ai' : 'manual')
      await page.context().close()
    }
  })

  it('a member lets drafts be written, says who the account is, is told of a wrong price, and overwrites nobody', async () => {
    const t = textsOf('tr')
    const model = createFakeModel({ otherwise: { kind: 'value', value: { sum: 42, text: 'Hazırım.' } } })
    const scenario = await openScenario({ languageModel: { model, installation: INSTALLATION } })
    const shop = await scenario.shop('yanitlar')
    const owner = await addMember(scenario, shop, 'owner')
    const page = await enter(scenario, owner, DESK)

    // What the package does not have cannot be chosen.
    expect(await page.getByRole('radio', { name: t('autoReplies.mode.ai.name') }).isDisabled()).toBe(true)
    await switchTo(page, 'tr', 'hybrid')
    await page.getByText(t('autoReplies.noModel')).waitFor()
    await page.getByRole('link', { name: t('autoReplies.toPersona') }).click()
    const begin = page.getByRole('button', { name: t('persona.begin') })
    await begin.or(page.getByRole('button', { name: t('persona.save') })).waitFor()
    if (await begin.isVisible()) await begin.click()
    await page.getByRole('button', { name: t('persona.save') }).waitFor()
    await page
      .locator('#screen')
      .getByRole('link', { name: t('persona.back') })
      .click()
    await editPersona(page, 'tr', 'sıcak', '349,90')
    const first = await settle(scenario, shop)
    expect(first).toMatchObject({ mode: 'hybrid', persona: { tone: 'sıcak' } })
    expect(first.persona.facts.catalogue[0]?.priceMinor).toBe(34_990)

    // The window that stood open meanwhile is told, keeps its words and decides.
    const late = await enter(scenario, owner, DESK)
    await openPersona(late, 'tr')
    await page.getByRole('textbox', { name: t('persona.tone') }).fill('resmî')
    await page.getByRole('button', { name: t('persona.save') }).click()
    await page.locator(`[data-version="${first.persona.version + 1}"]`).waitFor()
    await late.getByRole('textbox', { name: t('persona.tone') }).fill('neşeli')
    await late.getByRole('button', { name: t('persona.save') }).click()
    await late.getByText(t('templates.overtaken')).waitFor()
    expect((await settle(scenario, shop)).persona.tone).toBe('resmî')
    await late.getByRole('button', { name: t('templates.seeTheirs') }).click()
    await late.getByRole('dialog').getByText('resmî').waitFor()
    await late.getByRole('button', { name: t('templates.keepMine') }).click()
    await scenario.until('mine holds', async () => (await settle(scenario, shop)).persona.tone === 'neşeli')

    // And goes back to what was said before.
    await late.getByRole('button', { name: `${t('persona.look')}: ${first.persona.version}` }).click()
    await late.getByRole('dialog').getByText('sıcak').waitFor()
    await late.getByRole('button', { name: t('persona.restore'), exact: true }).click()
    await scenario.until('the former holds', async () => (await settle(scenario, shop)).persona.tone === 'sıcak')
    await Promise.all([late, page].map((each) => each.context().close()))

    const arabic = await enter(scenario, owner, { locale: 'ar', width: 1280 })
    await switchTo(arabic, 'ar', 'manual')
    await switchTo(arabic, 'ar', 'hybrid')
    await editPersona(arabic, 'ar', 'هادئ', '1250.5')
    const last = await settle(scenario, shop)
    expect(last).toMatchObject({ mode: 'hybrid', persona: { tone: 'هادئ' } })
    expect(last.persona.facts.catalogue[0]?.priceMinor).toBe(125_050)
    await arabic.context().close()

    const settings = await enterPanel(scenario, browser(), owner, DESK)
    await settings.goto(new URL('settings?part=model', settings.url()).href)
    await settings.getByRole('radio', { name: t('model.mode.installation') }).click()
    await settings.getByRole('button', { name: t('settings.save') }).click()
    await settings.getByText(t('model.saved')).waitFor()
    await settings.getByRole('button', { name: t('model.trial') }).click()
    await settings.getByRole('status').filter({ hasText: 'Hazırım.' }).waitFor()
    await settings.context().close()
    for (const view of VIEWS) await lookAround(scenario, owner, view)
  })
})
