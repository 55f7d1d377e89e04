import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'

import { BROWSER_TEST_MS, CHROMIUM, VIEWS, type View, checkScreen, chromiumNote } from '../browser/open-browser.ts'
import { type Scenario, type Shop, openScenario } from '../scenarios/open-scenario.ts'
import { addMember, enterPanel, textsOf, withPanelBrowser } from './open-panel.ts'

/** The same work in two languages. */
const ROUNDS = [
  {
    view: { locale: 'tr', width: 1280 },
    name: 'Kargo <b>sorusu</b>',
    word: 'kargo*',
    sentence: 'Kargom nerede?',
    answer: 'Kargonuz yarın sizde & hazır.',
    reply: 'kargo-durumu',
    replyText: 'Merhaba {{first_name|dostum}}, takip ediyoruz.',
    person: 'Ayşe',
    read: 'Merhaba Ayşe, takip ediyoruz.',
  },
  {
    view: { locale: 'ar', width: 1280 },
    name: 'سؤال الشحن',
    word: 'شحن',
    sentence: 'شحن متى؟',
    answer: 'يصلك غدًا.',
    reply: 'حالة-الشحن',
    replyText: 'أهلًا {{first_name}}، نتابع طلبك.',
    person: 'Mina',
    read: 'أهلًا Mina، نتابع طلبك.',
  },
] as const
type Round = (typeof ROUNDS)[number]

describe.skipIf(CHROMIUM === null)(`rules in a browser${chromiumNote}`, { timeout: BROWSER_TEST_MS }, () => {
  const browser = withPanelBrowser()
  const go = (page: Page, screen: string) => page.goto(new URL(`/app/${screen}`, page.url()).href)

  /** Writes a keyword rule, tries it before it is saved, and saves it. */
  const writeRule = async (page: Page, round: Round) => {
    const t = textsOf(round.view.locale)
    await page
      .getByRole('link', { name: t('rules.new') })
      .first()
      .click()
    await page.getByRole('combobox', { name: t('rules.words') }).fill(round.word)
    await page.keyboard.press('Enter')
    await page.getByRole('textbox', { name: t('rules.answer') }).fill('<b>x')
    await page.getByRole('textbox', { name: t('rules.column.name') }).fill(round.name)
    await page.getByRole('button', { name: t('rules.save') }).click()
    await page.getByRole('alert').waitFor()
    await page.getByRole('textbox', { name: t('rules.answer') }).fill(round.answer.replace('&', '&amp;'))
    await page.getByLabel(t('rules.sentence')).fill(round.sentence)
    await page.locator('[data-fires=draft]').getByText(round.answer).waitFor()
    await page.getByLabel(t('rules.sentence')).fill('…')
    await page.getByTestId('verdicts').getByText(t('rules.noneFires')).waitFor()
    await page.getByRole('button', { name: t('rules.save') }).click()
    await page.locator('tr[data-rule]').getByText(round.name).waitFor()
  }

  /** Makes a saved reply beside a conversation and sends it. */
  const answerBySavedReply = async (scenario: Scenario, page: Page, round: Round, userId: number) => {
    const t = textsOf(round.view.locale)
    await go(page, 'inbox')
    await page
      .getByRole('region', { name: t('inbox.list') })
      .getByRole('button', { name: round.person })
      .click()
    await page.getByRole('button', { name: t('savedReplies.manage') }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: t('savedReplies.new') }).click()
    await dialog.getByRole('textbox', { name: t('savedReplies.name') }).fill('İki Kelime')
    await dialog.getByRole('textbox').nth(1).fill(round.replyText)
    await dialog.getByRole('button', { name: t('savedReplies.save') }).click()
    await dialog.locator('[aria-invalid=true]').waitFor()
    await dialog.getByRole('textbox', { name: t('savedReplies.name') }).fill(round.reply)
    await dialog.getByRole('button', { name: t('savedReplies.save') }).click()
    await dialog.locator(`[data-reply="${round.reply}"]`).waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('combobox', { name: t('inbox.saved') }).click()
    await page.getByRole('option', { name: round.reply }).click()
    const box = page.getByLabel(t('inbox.replyLabel'))
    await scenario.until('it reads as the person will', async () => (await box.inputValue()) === round.read)
    await page.getByRole('button', { name: t('inbox.send'), exact: true }).click()
    await scenario.until('it is sent', () => scenario.textsIn(userId).includes(round.read))
  }

  const workIn = async (scenario: Scenario, shop: Shop, owner: number, round: Round) => {
    const t = textsOf(round.view.locale)
    const page = await enterPanel(scenario, browser(), owner, round.view)
    await go(page, 'rules')
    await writeRule(page, round)
    const userId = await shop.subscriber(round.person)
    const talk = { userId, botId: shop.botId }
    scenario.simulator.control.sendText({ ...talk, text: round.sentence })
    await scenario.until('the rule answers', () => scenario.textsIn(userId).includes(round.answer))
    await page.reload()
    const row = page.locator('tr[data-rule]').filter({ hasText: round.name })
    await row.getByText('1', { exact: true }).waitFor()
    await page.getByLabel(t('rules.sentence')).fill(round.sentence)
    await page.locator('[data-fires]').getByText(round.answer).waitFor()
    await answerBySavedReply(scenario, page, round, userId)
    await page.context().close()
  }

  /** The last rule becomes the first, and is switched off: it answers nobody. */
  const orderAndTurn = async (scenario: Scenario, shop: Shop, owner: number) => {
    const t = textsOf('tr')
    const [first, second] = ROUNDS
    const page = await enterPanel(scenario, browser(), owner, first.view)
    await go(page, 'rules')
    await page.getByRole('button', { name: t('rules.up', { name: second.name }) }).click()
    const rows = page.locator('tr[data-rule]')
    await scenario.until('it is first', async () => (await rows.first().textContent())?.includes(second.name))
    await page.getByRole('switch', { name: t('rules.works', { name: second.name }), disabled: false }).press(' ')
    await scenario.until('it is off', () =>
      shop.within(async (tx) => {
        const { state } = await tx
          .selectFrom('automation_rule')
          .select('state')
          .where('name', '=', second.name)
          .where('is_current', '=', true)
          .executeTakeFirstOrThrow()
        return state === 'disabled'
      }),
    )
    await page.getByLabel(t('rules.sentence')).fill(second.sentence)
    await page.getByTestId('verdicts').getByText(t('words:ruleOutcome.disabled')).waitFor()
    await page.context().close()
  }

  const lookAround = async (scenario: Scenario, owner: number, view: View) => {
    const t = textsOf(view.locale)
    const page = await enterPanel(scenario, browser(), owner, view)
    await go(page, 'rules')
    await page.getByLabel(t('rules.sentence')).fill(ROUNDS[0].sentence)
    await page.getByTestId('verdicts').waitFor()
    await checkScreen(page, view, 'panel-rules')
    await page.getByRole('link', { name: ROUNDS[0].name }).click()
    await page.getByRole('region', { name: t('rules.preview') }).waitFor()
    await page.getByLabel(t('rules.sentence')).fill(ROUNDS[0].sentence)
    await page.getByTestId('verdicts').waitFor()
    await checkScreen(page, view, 'panel-rule')
    await go(page, 'inbox')
    await page.getByRole('button', { name: ROUNDS[0].person }).click()
    await page.getByRole('button', { name: t('savedReplies.manage') }).click()
    await page.locator('[data-reply]').first().waitFor()
    await checkScreen(page, view, 'panel-saved-replies')
    await page.context().close()
  }

  it('a rule is written, tried and answers somebody; a saved reply is made and sent; in Turkish and in Arabic', async () => {
    const scenario = await openScenario()
    const shop = await scenario.shop('vitrin')
    const owner = await addMember(scenario, shop, 'owner')
    const agent = await addMember(scenario, shop, 'agent')
    const empty = await enterPanel(scenario, browser(), agent, { locale: 'tr', width: 390 })
    await go(empty, 'rules')
    await empty.getByText(textsOf('tr')('rules.noneNextView')).waitFor()
    expect(await empty.getByRole('link', { name: textsOf('tr')('rules.new') }).count()).toBe(0)
    await empty.context().close()
    for (const round of ROUNDS) await workIn(scenario, shop, owner, round)
    await orderAndTurn(scenario, shop, owner)
    for (const view of VIEWS) await lookAround(scenario, owner, view)
  })
})
