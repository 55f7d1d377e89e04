import { describe, expect, it } from 'vitest'

import { openWebSession } from '#server/modules/tenancy/index.ts'
import { openPanel } from '#server/testing/panel.ts'

describe('/web', () => {
  it('gives a member a link into the web panel that works once, for them and their tenant', async () => {
    const world = await openPanel({ pagesUrl: 'https://panel.example' })
    const owner = world.person()
    const tenantId = await world.tenant({ owner })
    const { links } = await owner.sends('/web')
    const [address] = Object.values(links)
    expect(address).toMatch(/^https:[/][/]panel[.]example[/]enter[/][\w-]{43}$/)
    const token = address?.split('/').at(-1) ?? ''
    const { db } = world.app.database
    const opened = await openWebSession(db, token, 'Firefox', world.clock.now())
    expect(opened).toMatchObject({ session: { telegramId: owner.id, device: 'Firefox' }, tenantId })
    await expect(openWebSession(db, token, 'Firefox', world.clock.now())).rejects.toMatchObject({
      code: 'page_link_used',
    })
  })

  it('offers the Mini App where Telegram opens it, in the answer and beside the text field', async () => {
    const world = await openPanel({ pagesUrl: 'https://panel.example' })
    const owner = world.person()
    await world.tenant({ owner })
    await owner.sends('/web')
    const { control } = world.simulator
    const botId = world.panel.telegramId
    const buttons = control
      .getDialog({ userId: owner.id, botId })
      .messages.flatMap((message) => message.reply_markup?.inline_keyboard ?? [])
      .flat()
    const opened = buttons.flatMap((button) => ('web_app' in button ? [button.web_app.url] : []))
    expect(opened).toEqual(['https://panel.example/mini/'])
    const bot = world.simulator.world.bots.get(botId)
    expect(bot?.settings.menuButtons.get(0)).toEqual({
      type: 'web_app',
      text: 'Panel',
      web_app: { url: 'https://panel.example/mini/' },
    })
  })

  it('offers no Mini App at an address that Telegram does not open', async () => {
    const world = await openPanel({ pagesUrl: 'http://127.0.0.1:3000' })
    const owner = world.person()
    await world.tenant({ owner })
    expect((await owner.sends('/web')).buttons.flat()).toHaveLength(2)
    const bot = world.simulator.world.bots.get(world.panel.telegramId)
    expect(bot?.settings.menuButtons.get(0)).toEqual({ type: 'commands' })
  })

  it('says what is missing where the server has no address', async () => {
    const world = await openPanel()
    const owner = world.person()
    await world.tenant({ owner })
    expect((await owner.sends('/web')).text).toContain('PUBLIC_URL')
  })
})
