import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { HOUR_MS } from '#server/base/duration.ts'

import { BROWSER_TEST_MS, CHROMIUM, VIEWS, type View, checkScreen, chromiumNote } from '../browser/open-browser.ts'
import { type Scenario, type Shop, openScenario } from '../scenarios/open-scenario.ts'
import { addMember, enterPanel, textsOf, withPanelBrowser } from './open-panel.ts'

const NAME = 'Ayşe <b>Su</b> 🌸'
const WIDE = { locale: 'tr', width: 1280 } as const

/** What a model proposes for the conversation of a contact. */
const propose = async ({ database, clock }: Scenario, shop: Shop, contactId: number, text: string) => {
  const conversation = await database.db
    .selectFrom('conversation')
    .select(['id', 'last_inbound_message_id'])
    .where('contact_id', '=', contactId)
    .executeTakeFirstOrThrow()
  await database.db
    .insertInto('reply_draft')
    .values({
      tenant_id: shop.tenantId,
      turn_id: 1,
      conversation_id: conversation.id,
      account_id: shop.accountId,
      contact_id: contactId,
      text,
      language: 'tr',
      confidence_ratio: 0.62,
      intent: 'kargo',
      findings: JSON.stringify(['link']),
      seen_message_id: conversation.last_inbound_message_id,
      model: 'test',
      prompt_version: 1,
      created_at: toDate(clock.now()),
      expires_at: toDate(clock.now() + 48 * HOUR_MS),
    })
    .execute()
  return conversation.id
}

describe.skipIf(CHROMIUM === null)(`the inbox in a browser${chromiumNote}`, { timeout: BROWSER_TEST_MS }, () => {
  const browser = withPanelBrowser()

  const enterInbox = async (scenario: Scenario, person: number, view: View): Promise<Page> => {
    const page = await enterPanel(scenario, browser(), person, view)
    await page.goto(new URL('inbox', page.url()).href)
    await page.getByRole('heading', { name: textsOf(view.locale)('screens.inbox'), level: 1 }).waitFor()
    return page
  }

  const lookAround = async (scenario: Scenario, owner: number, view: View) => {
    const t = textsOf(view.locale)
    const page = await enterInbox(scenario, owner, view)
    await page.getByRole('button', { name: NAME }).waitFor()
    await checkScreen(page, view, 'panel-inbox-list')
    await page.getByRole('button', { name: NAME }).click()
    await page.getByRole('log').getByText('Kargom <i>nerede</i>?', { exact: true }).waitFor()
    await page.getByRole('region', { name: t('inbox.draft') }).waitFor()
    await page
      .getByText(t('inbox.confidence', { ratio: '' }).trim())
      .first()
      .waitFor()
    await checkScreen(page, view, 'panel-inbox-talk')
    await page.context().close()
  }

  it('shows who wrote what, sends a draft and an answer from the keys, and tells the second who was first', async () => {
    const t = textsOf('tr')
    const scenario = await openScenario()
    const shop = await scenario.shop('vitrin')
    const owner = await addMember(scenario, shop, 'owner')
    const other = await addMember(scenario, shop, 'agent')
    const none = await enterInbox(scenario, owner, WIDE)
    await none.getByText(t('inbox.none')).waitFor()
    await none.context().close()

    const userId = await shop.subscriber(NAME)
    const talk = { userId, botId: shop.botId }
    const contactId = await shop.contactOf(userId)
    scenario.simulator.control.sendText({ ...talk, text: 'Kargom <i>nerede</i>?' })
    await scenario.until('the question is in the inbox', () =>
      scenario.database.db
        .selectFrom('conversation')
        .select('id')
        .where('contact_id', '=', contactId)
        .executeTakeFirst(),
    )
    await propose(scenario, shop, contactId, 'Kargonuz <b>yolda</b> &amp; yarın sizde')
    for (const view of VIEWS) await lookAround(scenario, owner, view)

    // Two look at the same; one sends the draft, then the other an answer of their own.
    const [first, second] = [await enterInbox(scenario, owner, WIDE), await enterInbox(scenario, other, WIDE)]
    const line = first
      .getByRole('region', { name: t('inbox.list') })
      .getByRole('button')
      .first()
    await line.focus()
    await first.keyboard.press('Enter')
    await second.getByRole('button', { name: NAME }).click()
    await second.getByRole('button', { name: t('inbox.approve') }).waitFor()
    await second.route('**/api/v1/conversations/*?*', (route) => route.abort())
    await first.getByRole('button', { name: t('inbox.approve') }).click()
    await scenario.until('the draft is sent', () => scenario.textsIn(userId).includes('Kargonuz yolda & yarın sizde'))
    const box = second.getByLabel(t('inbox.replyLabel'))
    await box.fill('Ben de bakıyorum')
    await box.press('Control+Enter')
    await second.getByText(t('inbox.movedNext')).waitFor()
    await second.unroute('**/api/v1/conversations/*?*')
    await second.getByText('Kargonuz yolda & yarın sizde').first().waitFor()
    expect(await box.inputValue()).toBe('Ben de bakıyorum')
    await second.getByRole('button', { name: t('inbox.sendAnyway') }).click()
    await scenario.until('the answer is sent', () => scenario.textsIn(userId).includes('Ben de bakıyorum'))
    expect(scenario.textsIn(userId).filter((text) => text.startsWith('Kargonuz'))).toHaveLength(1)
    await first.getByRole('button', { name: t('inbox.close'), exact: true }).click()
    await first.getByRole('button', { name: t('inbox.reopen') }).waitFor()
  })
})
