import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Bot, InlineKeyboard, InputFile, webhookCallback } from 'grammy'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createScene, type Scene } from '#simulator/testing/scene.ts'

describe('startSimulator', () => {
  let scene: Scene
  let bot: Bot
  beforeEach(async () => {
    scene = await createScene()
    // apiRoot is the only thing that differs from a bot on the real Telegram.
    bot = new Bot(scene.bot.token, { client: { apiRoot: scene.simulator.apiRoot } })
    bot.command('start', (ctx) =>
      ctx.reply(`<b>Merhaba</b> ${ctx.match}`, {
        parse_mode: 'HTML',
        reply_markup: new InlineKeyboard().text('Evet', 'yes'),
      }),
    )
    bot.callbackQuery('yes', async (ctx) => {
      await ctx.answerCallbackQuery('Kaydedildi')
      await ctx.editMessageText('Teşekkürler')
    })
  })
  afterEach(() => scene.simulator.close())

  const lastMessage = () => scene.control.getDialog({ userId: scene.user.id, botId: scene.bot.id }).messages.at(-1)

  /** Starts the bot and presses its button; answers what the bot told the person about the press. */
  async function converse(): Promise<unknown> {
    const by = { userId: scene.user.id, botId: scene.bot.id }
    scene.control.start({ ...by, payload: 'kampanya-7' })
    await vi.waitFor(() => expect(lastMessage()?.text).toBe('Merhaba kampanya-7'), { timeout: 20_000 })
    expect(lastMessage()?.entities).toEqual([{ type: 'bold', offset: 0, length: 7 }])
    const { callbackQueryId } = scene.control.press(by)
    await vi.waitFor(() => expect(lastMessage()?.text).toBe('Teşekkürler'), { timeout: 20_000 })
    return scene.control.getCallback({ callbackQueryId }).answer
  }

  it('serves an unmodified grammY bot that polls', async () => {
    const running = bot.start({ timeout: 5 })
    expect(await converse()).toMatchObject({ text: 'Kaydedildi' })
    await bot.stop()
    await running
  })

  it('serves an unmodified grammY bot behind a webhook', async () => {
    const receive = webhookCallback(bot, 'http', { secretToken: 'gizli' })
    const server = createServer((request, response) => void receive(request, response))
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const { port } = server.address() as AddressInfo
    await bot.api.setWebhook(`http://127.0.0.1:${port}/`, { secret_token: 'gizli' })
    expect(await converse()).toMatchObject({ text: 'Kaydedildi' })
    await bot.api.deleteWebhook()
    server.closeAllConnections()
    server.close()
  })

  it('takes uploads, albums and file ids, and gives the file back', async () => {
    const bytes = Buffer.from('bu bir fotoğraf')
    const chatId = scene.user.id
    const sent = await bot.api.sendPhoto(chatId, new InputFile(bytes, 'foto.jpg'), {
      caption: '<i>yeni</i>',
      parse_mode: 'HTML',
    })
    const fileId = sent.photo.at(-1)?.file_id ?? ''
    expect(sent).toMatchObject({ caption: 'yeni', caption_entities: [{ type: 'italic', offset: 0, length: 4 }] })
    const file = await bot.api.getFile(fileId)
    const download = await fetch(`${scene.simulator.apiRoot}/file/bot${scene.bot.token}/${file.file_path}`)
    expect(Buffer.from(await download.arrayBuffer())).toEqual(bytes)
    const album = await bot.api.sendMediaGroup(chatId, [
      { type: 'photo', media: fileId },
      { type: 'photo', media: new InputFile(Buffer.from('iki'), 'iki.jpg') },
    ])
    expect(album).toHaveLength(2)
    expect(new Set(album.map((item) => 'media_group_id' in item && item.media_group_id)).size).toBe(1)
    const copy = await bot.api.copyMessage(chatId, chatId, sent.message_id)
    expect(copy.message_id).toBeGreaterThan(album[1]?.message_id ?? 0)
  })

  it('takes methods in any case, by GET, and as a form', async () => {
    const root = `${scene.simulator.apiRoot}/bot${scene.bot.token}`
    const get = await fetch(`${root}/SENDMESSAGE?chat_id=${scene.user.id}&text=merhaba&disable_notification=true`)
    expect(await get.json()).toMatchObject({ ok: true, result: { text: 'merhaba', chat: { id: scene.user.id } } })
    const markup = JSON.stringify({ inline_keyboard: [[{ text: 'x', callback_data: 'y' }]] })
    const body = new URLSearchParams({ chat_id: String(scene.user.id), text: 'form', reply_markup: markup })
    const form = await fetch(`${root}/sendMessage`, { method: 'POST', body })
    expect(await form.json()).toMatchObject({
      ok: true,
      result: { text: 'form', reply_markup: { inline_keyboard: [[{ callback_data: 'y' }]] } },
    })
  })

  it('gives the same world for the same seed', async () => {
    const tokens = await Promise.all(
      ['a', 'a', 'b'].map(async (seed) => {
        const again = await createScene({ seed })
        await again.simulator.close()
        return again.bot.token
      }),
    )
    expect(tokens[0]).toBe(tokens[1])
    expect(tokens[0]).not.toBe(tokens[2])
  })
})
