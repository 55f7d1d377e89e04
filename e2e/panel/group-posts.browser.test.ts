import { describe, expect, it } from 'vitest'

import { BROWSER_TEST_MS, CHROMIUM, VIEWS, type View, checkScreen, chromiumNote } from '../browser/open-browser.ts'
import { type Scenario, type Shop, openScenario } from '../scenarios/open-scenario.ts'
import { addMember, enterPanel, textsOf, withPanelBrowser } from './open-panel.ts'

const WIDE = { locale: 'tr', width: 1280 } as const
const TEXT = 'Günaydın <b>millet</b>!'
const READ = 'Günaydın millet!'

describe.skipIf(CHROMIUM === null)(`posts of a group in a browser${chromiumNote}`, { timeout: BROWSER_TEST_MS }, () => {
  const browser = withPanelBrowser()

  /** A group with the shop's bot as an administrator; its number in the panel and at Telegram. */
  const openGroup = async ({ simulator, database, until }: Scenario, shop: Shop) => {
    const { control } = simulator
    const ownerId = control.createUser({ firstName: 'Kuran' }).id
    const group = control.createChat({ type: 'supergroup', title: 'Moda Severler', ownerId })
    control.setMember({ chatId: group.id, memberId: shop.botId, status: 'administrator', rights: {}, actorId: ownerId })
    const { id } = await until('the group is known', () =>
      database.db.selectFrom('chat').select('id').where('telegram_id', '=', group.id).executeTakeFirst(),
    )
    return { id, telegramId: group.id }
  }

  const enterGroup = async (scenario: Scenario, owner: number, view: View, id: number) => {
    const page = await enterPanel(scenario, browser(), owner, view)
    await page.goto(new URL(`/app/groups/${id}`, page.url()).href)
    const part = page.getByRole('region', { name: textsOf(view.locale)('posts.title') })
    await part.getByRole('switch').waitFor()
    return { page, part }
  }

  it('is planned with its faults at their fields, goes out at its time, and is held and cancelled', async () => {
    const t = textsOf('tr')
    const scenario = await openScenario()
    const shop = await scenario.shop('vitrin')
    const owner = await addMember(scenario, shop, 'owner')
    const group = await openGroup(scenario, shop)
    const { page, part } = await enterGroup(scenario, owner, WIDE, group.id)
    await part.getByText(t('posts.none')).waitFor()
    await part.getByRole('button', { name: t('posts.new') }).click()
    const form = page.getByRole('dialog')
    await form.getByLabel(t('posts.name')).fill('sabah')
    await form.getByRole('textbox', { name: t('posts.text') }).fill('Selam {{first_name}}')
    await form.getByText(t('posts.kind.every')).click()
    await form.getByRole('textbox', { name: t('posts.hours') }).fill('1')
    await form.getByRole('button', { name: t('posts.plan') }).click()
    await form.getByText('"first_name"').waitFor()
    await form.getByRole('textbox', { name: t('posts.text') }).fill(TEXT)
    await form.getByRole('button', { name: t('posts.plan') }).click()
    await form.waitFor({ state: 'detached' })
    await part.getByTestId('upcoming').waitFor()
    // Planned, and still nothing leaves: the group is not open for posts yet.
    await part.getByText(t('posts.offText')).waitFor()
    await part.getByRole('switch', { name: t('posts.isOn') }).press(' ')
    await part.getByText(t('posts.offText')).waitFor({ state: 'detached' })
    await scenario.pass(62)
    await scenario.until('it is posted', () => scenario.textsIn(group.telegramId).includes(READ))
    await page.reload()
    await part.getByText(t('words:deliveryState.sent'), { exact: false }).waitFor()
    await page.context().close()
    for (const view of VIEWS) {
      const looked = await enterGroup(scenario, owner, view, group.id)
      await looked.part.getByTestId('upcoming').waitFor()
      await checkScreen(looked.page, view, 'panel-group-posts')
      await looked.page.context().close()
    }
    const again = await enterGroup(scenario, owner, WIDE, group.id)
    await again.part.getByRole('button', { name: t('posts.pause') }).click()
    await again.part.getByText(t('words:groupPostFault.by_hand')).waitFor()
    await again.part.getByRole('button', { name: t('posts.cancel') }).click()
    await again.page
      .getByRole('dialog')
      .getByRole('button', { name: t('posts.cancel') })
      .click()
    await again.part.getByText(t('posts.none')).waitFor()
    const left = await scenario.database.db.selectFrom('group_post').select('id').execute()
    expect(left).toEqual([])
    await again.page.context().close()
  })
})
