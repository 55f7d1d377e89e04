import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'

import { BROWSER_TEST_MS, CHROMIUM, VIEWS, type View, checkScreen, chromiumNote } from '../browser/open-browser.ts'
import { openScenario } from '../scenarios/open-scenario.ts'
import { addMember, enterPanel, textsOf, withPanelBrowser } from './open-panel.ts'

const MESSAGE = 'Yaz indirimi'
const NAME = 'Yaz kampanyası'
const VIEW: View = { locale: 'tr', width: 1280 }
const t = textsOf('tr')

describe.skipIf(CHROMIUM === null)(
  `messages and new campaigns in a browser${chromiumNote}`,
  { timeout: BROWSER_TEST_MS },
  () => {
    const browser = withPanelBrowser()

    /** A shop with two people who agreed and one who did not, and its owner. */
    const openShop = async () => {
      const scenario = await openScenario()
      const shop = await scenario.shop('yazlik')
      const owner = await addMember(scenario, shop, 'owner', await shop.subscriber('Zeynep', false))
      const people = [await shop.subscriber('Ayşe 🌸'), await shop.subscriber('محمد')]
      await shop.subscriber('Hakan', false)
      return { scenario, shop, owner, people }
    }
    type OpenShop = Awaited<ReturnType<typeof openShop>>

    /** Presses Tab until the focus is on what has this name, as somebody without a mouse does. */
    const tabTo = async (page: Page, name: string) => {
      for (let presses = 0; presses < 60; presses += 1) {
        await page.keyboard.press('Tab')
        const focused = await page.evaluate<string>(
          `((e) => e.labels?.[0]?.textContent?.replace(/ [*]$/, '') || e.textContent || '')(document.activeElement)`,
        )
        if (focused.trim() === name) return
      }
      throw new Error(`no way by Tab to ${name}`)
    }

    const writeMessage = async (page: Page) => {
      await page.goto(new URL('templates/new', page.url()).href)
      await page.getByLabel(t('templates.name')).fill('yaz')
      await page.getByLabel(t('templates.text')).fill(`<b>${MESSAGE}</b> `)
      // Telegram would take it; the law would not.
      await page.getByText('{{opt_out}}').first().waitFor()
      await page.getByRole('button', { name: t('templates.saveAndApprove'), exact: true }).click()
      await page.getByText(t('templates.lookAbove')).waitFor()
      await page.getByLabel(t('templates.text')).press('End')
      for (const name of ['sender', 'opt_out', 'first_name'])
        await page.getByRole('button', { name: t(`templates.variable.${name}`), exact: true }).click()
      await page.locator('b').getByText(MESSAGE).waitFor()
      await page.getByRole('button', { name: t('templates.saveAndApprove'), exact: true }).click()
      await page.locator('[data-state=approved]').waitFor()
      return Number(page.url().match(/templates\/(\d+)/)?.[1])
    }

    /** The message as it is saved comes to whoever wrote it, and to nobody else. */
    const tryOnOneself = async (page: Page, { scenario, owner, people }: OpenShop) => {
      await page.getByRole('button', { name: t('templates.test'), exact: true }).click()
      await page.getByText(t('templates.tested')).waitFor()
      const has = (userId: number) => scenario.textsIn(userId).some((text) => text.includes(MESSAGE))
      await scenario.until('it is there', () => has(owner))
      expect(people.map(has)).toEqual([false, false])
    }

    /** Two windows look at one message; the second to save is told, loses nothing and decides. */
    const overtake = async (page: Page, id: number) => {
      const other = await page.context().newPage()
      await other.goto(page.url())
      const text = (window: Page) => window.getByLabel(t('templates.text'))
      const save = (window: Page) => window.getByRole('button', { name: t('templates.save'), exact: true }).click()
      await text(other).waitFor()
      await text(other).press('ControlOrMeta+Home')
      await text(other).pressSequentially('Öteki: ')
      await save(other)
      await other.getByText(t('templates.savedApproved')).waitFor()
      await other.close()
      await text(page).press('ControlOrMeta+Home')
      await text(page).pressSequentially('Benim: ')
      await save(page)
      await page.getByText(t('templates.overtaken')).waitFor()
      expect(await text(page).inputValue()).toMatch(/^Benim: /)
      // Leaving asks first.
      await page.getByRole('link', { name: t('templates.back') }).click()
      await page.getByRole('dialog').getByText(t('templates.leaveHint')).waitFor()
      await page
        .getByRole('dialog')
        .getByRole('button', { name: t('templates.stay') })
        .last()
        .click()
      await page.getByRole('button', { name: t('templates.seeTheirs') }).click()
      await page.getByRole('dialog').getByText('Öteki: ').waitFor()
      await page
        .getByRole('dialog')
        .getByRole('button', { name: t('templates.keepMine') })
        .click()
      await page.getByText(t('templates.overtaken')).waitFor({ state: 'detached' })
      expect(page.url()).toContain(`templates/${id}`)
    }

    /** From the list of campaigns to a running one, without a mouse. */
    const makeCampaign = async (page: Page, { scenario }: OpenShop) => {
      await page.goto(new URL('/app/campaigns', page.url()).href)
      await page.getByRole('link', { name: t('wizard.new') }).waitFor()
      await tabTo(page, t('wizard.new'))
      await page.keyboard.press('Enter')
      await page.getByText(t('wizard.title.audience')).waitFor()
      await page.getByTestId('reach').getByText('2').first().waitFor()
      await tabTo(page, t('wizard.name'))
      await page.keyboard.type(NAME)
      await page.keyboard.press('Enter')
      await page.getByText(t('wizard.title.message')).waitFor()
      await tabTo(page, t('wizard.template'))
      await page.keyboard.type('yaz')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      await page.locator('b').getByText(MESSAGE).waitFor()
      // A reload loses nothing, not even the place.
      await page.reload()
      await page.locator('b').getByText(MESSAGE).waitFor()
      for (const step of ['schedule', 'limits', 'review']) {
        await tabTo(page, t('wizard.next'))
        await page.keyboard.press('Enter')
        await page.getByText(t(`wizard.title.${step}`)).waitFor()
      }
      await page.getByText(t('wizard.samples')).waitFor()
      await tabTo(page, t('wizard.start'))
      // Somebody impatient presses twice.
      await page.keyboard.press('Enter')
      await page.keyboard.press('Enter')
      await page.locator('[data-state=running]').waitFor()
      const made = await scenario.database.db.selectFrom('campaign').select(['id', 'name']).execute()
      expect(made.map(({ name }) => name)).toEqual([NAME])
      return made[0]?.id ?? 0
    }

    const lookAround = async ({ scenario, owner }: OpenShop, view: View, template: number, campaign: number) => {
      const texts = textsOf(view.locale)
      const page = await enterPanel(scenario, browser(), owner, view)
      const look = async (path: string, name: string, sign: string) => {
        await page.goto(new URL(path, page.url()).href)
        await page.getByText(sign).first().waitFor()
        await checkScreen(page, view, name)
      }
      await look('/app/templates', 'panel-templates', 'yaz')
      await look(`/app/templates/${template}`, 'panel-template', texts('templates.light'))
      await page.goto(new URL(`/app/campaigns/new?clone=${campaign}`, page.url()).href)
      for (const [step, sign] of [
        ['audience', 'campaigns.reason'],
        ['message', 'wizard.changeMessage'],
        ['schedule', 'wizard.startsAtHint'],
        ['limits', 'wizard.perMinuteMax'],
        ['review', 'wizard.samples'],
      ] as const) {
        await page.getByText(texts(sign)).first().waitFor()
        await checkScreen(page, view, `panel-wizard-${step}`)
        if (step !== 'review')
          await page.getByRole('button', { name: texts('wizard.next'), exact: true }).press('Enter')
      }
      await page.context().close()
    }

    it('are written, chosen, started by keyboard alone and received once', async () => {
      const shop = await openShop()
      const page = await enterPanel(shop.scenario, browser(), shop.owner, VIEW)
      const template = await writeMessage(page)
      await tryOnOneself(page, shop)
      await overtake(page, template)
      const campaign = await makeCampaign(page, shop)
      const got = (userId: number) => shop.scenario.textsIn(userId).filter((text) => text.includes(MESSAGE))
      await shop.scenario.until('both are told', () => shop.people.every((userId) => got(userId).length > 0))
      await shop.scenario.pass(5)
      expect(shop.people.map((userId) => got(userId).length)).toEqual([1, 1])
      expect(got(shop.people[0] ?? 0)[0]).toContain('Benim: ')
      await page.context().close()
      for (const view of VIEWS) await lookAround(shop, view, template, campaign)
    })
  },
)
