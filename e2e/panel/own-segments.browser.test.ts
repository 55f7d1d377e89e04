import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'

import { addTags } from '#server/modules/contacts/index.ts'

import { BROWSER_TEST_MS, CHROMIUM, VIEWS, type View, checkScreen, chromiumNote } from '../browser/open-browser.ts'
import { openScenario } from '../scenarios/open-scenario.ts'
import { addMember, enterPanel, textsOf, withPanelBrowser } from './open-panel.ts'

const NAME = 'Kışlık alıcılar'
const VIEW: View = { locale: 'tr', width: 1280 }

describe.skipIf(CHROMIUM === null)(`own segments${chromiumNote}`, { timeout: BROWSER_TEST_MS * 2 }, () => {
  const browser = withPanelBrowser()

  /** A shop with three people who carry a tag, of whom one did not agree, and one without it; and its owner. */
  const openShop = async () => {
    const scenario = await openScenario()
    const shop = await scenario.shop('kislik')
    const owner = await addMember(scenario, shop, 'owner')
    const ids: number[] = []
    for (const [name, agrees] of [
      ['Ayşe 🌸', true],
      ['محمد', true],
      ['Hakan', false],
    ] as const)
      // prettier-ignore
      ids.push(await shop.contactOf(await shop.subscriber(name, agrees)))
    await shop.subscriber('Deniz')
    await shop.within((tx) => addTags(tx, { contactIds: ids, tags: ['kış'], at: scenario.clock.now() }))
    return { scenario, shop, owner }
  }

  const open = (page: Page, path: string) => page.goto(new URL(`/app/${path}`, page.url()).href)

  /** The count once nobody types any more. */
  const countIs = (page: Page, count: number) =>
    page.locator(`[data-testid=own-count][data-count="${count}"][data-settled=true]`).waitFor()

  const line = (page: Page, locale: string, number: number) =>
    page.getByRole('group', { name: textsOf(locale)('ownSegments.condition', { number }), exact: true })

  /** Builds a segment of two conditions, and sees at each step who fits. */
  const build = async (page: Page, locale: string, name: string) => {
    const t = textsOf(locale)
    await page.getByRole('textbox', { name: t('ownSegments.name'), exact: true }).fill(name)
    await page.getByText(t('ownSegments.incomplete')).waitFor()
    const first = line(page, locale, 1)
    await first.getByLabel(t('ownSegments.what')).selectOption('tag')
    await countIs(page, 3)
    await first.getByLabel(t('ownSegments.relation')).selectOption('false')
    await countIs(page, 1)
    await first.getByLabel(t('ownSegments.relation')).selectOption('true')
    await page.getByRole('button', { name: t('ownSegments.addCondition') }).click()
    const second = line(page, locale, 2)
    await second.getByLabel(t('ownSegments.what')).selectOption('daysKnown')
    await second.getByLabel(t('ownSegments.relation')).selectOption('<=')
    await second.getByLabel(t('ownSegments.value')).fill('7')
    await countIs(page, 3)
    for (const person of ['Ayşe 🌸', 'محمد', 'Hakan']) await page.getByRole('link', { name: person }).waitFor()
    expect(await page.getByRole('link', { name: 'Deniz' }).count()).toBe(0)
  }

  const save = (page: Page, locale: string) =>
    page.getByRole('button', { name: textsOf(locale)('ownSegments.save') }).click()

  /** From the list into the wizard: the same people, and the guard's word on each. */
  const write = async (page: Page, locale: string, name: string) => {
    const t = textsOf(locale)
    await page.getByRole('link', { name: t('ownSegments.writeTo', { name }) }).click()
    await page.getByText(t('wizard.title.audience')).waitFor()
    await page.getByText(name, { exact: true }).first().waitFor()
    await page
      .getByTestId('reach')
      .getByText(t('campaigns.wouldGo', { sent: '2', total: '3' }))
      .waitFor()
  }

  const lookAround = async (scenario: Awaited<ReturnType<typeof openShop>>['scenario'], owner: number, view: View) => {
    const page = await enterPanel(scenario, browser(), owner, view)
    await open(page, 'segments')
    await page.getByRole('link', { name: NAME, exact: true }).waitFor()
    await checkScreen(page, view, 'panel-own-segments')
    await page.getByRole('link', { name: NAME, exact: true }).click()
    await countIs(page, 3)
    await checkScreen(page, view, 'panel-own-segment')
    await open(page, 'segments')
    await write(page, view.locale, NAME)
    await checkScreen(page, view, 'panel-own-segment-wizard')
    await page.context().close()
  }

  it('are built with a live count and a sample, saved, and written to', async () => {
    const { scenario, shop, owner } = await openShop()
    const t = textsOf('tr')
    const page = await enterPanel(scenario, browser(), owner, VIEW)
    await open(page, 'segments')
    await page.getByText(t('ownSegments.none')).waitFor()
    await page.getByRole('link', { name: t('ownSegments.new') }).click()
    await build(page, 'tr', NAME)
    await save(page, 'tr')
    await page.getByText(t('ownSegments.said.tag.true', { tag: 'kış' })).waitFor()
    await page.getByRole('link', { name: t('ownSegments.peopleOf', { name: NAME }) }).click()
    await page.getByRole('link', { name: 'Hakan' }).waitFor()
    expect(await page.getByRole('row').count()).toBe(4)
    await page.goBack()
    await write(page, 'tr', NAME)
    // A name that is taken in other letters is said at its field, and nothing is lost.
    await open(page, 'segments/own/new')
    await build(page, 'tr', 'KIŞLIK ALICILAR')
    await save(page, 'tr')
    await page.getByText('KIŞLIK ALICILAR', { exact: false }).first().waitFor()
    await page.getByText(/zaten var/).waitFor()
    await page.context().close()

    const arabic = await enterPanel(scenario, browser(), owner, { locale: 'ar', width: 1280 })
    await open(arabic, 'segments/own/new')
    await build(arabic, 'ar', 'شتاء')
    await save(arabic, 'ar')
    await write(arabic, 'ar', 'شتاء')
    await arabic.context().close()
    const kept = await shop.within((tx) => tx.selectFrom('own_segment').select('name').orderBy('id').execute())
    expect(kept.map(({ name }) => name)).toEqual([NAME, 'شتاء'])
    for (const view of VIEWS) await lookAround(scenario, owner, view)
  })
})
