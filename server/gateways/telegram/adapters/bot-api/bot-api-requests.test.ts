import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startScriptedHttpServer } from '#server/testing/scripted-http-server.ts'
import type { ScriptedHttpServer } from '#server/testing/scripted-http-server.ts'

import type { OutgoingMessage } from '../../outgoing-message.ts'
import { MEDIA_KINDS } from '../../outgoing-message.ts'
import type { TelegramAccount } from '../../telegram-account.ts'
import { ALLOWED_UPDATES } from '../../update-feed.ts'
import { createBotApi } from './create-bot-api.ts'
import type { BotApi } from './create-bot-api.ts'

const TOKEN = '7000000001:AA-secret_part'

let server: ScriptedHttpServer
let api: BotApi
let bot: TelegramAccount

beforeAll(async () => {
  server = await startScriptedHttpServer()
  server.script({ kind: 'answer', status: 200, body: '{"ok":true,"result":{"message_id":41}}' })
  api = createBotApi()
  bot = { tenantId: 1, accountId: 2, kind: 'bot', token: TOKEN, apiRoot: server.origin }
})
afterAll(async () => {
  await api.close()
  await server.close()
})

const lastRequest = () => {
  const { path, body } = server.received.at(-1)!
  return { method: path.replace(`/bot${TOKEN}/`, ''), params: JSON.parse(body) as unknown }
}
const sent = async (message: OutgoingMessage, account = bot) => {
  expect(await api.sender.send(account, message)).toStrictEqual({ kind: 'sent', messageId: 41 })
  return lastRequest()
}

describe('createBotApiSender', () => {
  it('asks for a managed bot by a key, and takes the key away', async () => {
    const requestManagedBot = { text: 'Bot kur', requestId: 7, suggestedName: 'Ada', suggestedUsername: 'ada_bot' }
    expect((await sent({ chatId: 5, text: 'Hadi', requestManagedBot })).params).toMatchObject({
      reply_markup: {
        keyboard: [
          [
            {
              text: 'Bot kur',
              request_managed_bot: { request_id: 7, suggested_name: 'Ada', suggested_username: 'ada_bot' },
            },
          ],
        ],
        one_time_keyboard: true,
      },
    })
    expect((await sent({ chatId: 5, text: 'Oldu', removesKeyboard: true })).params).toMatchObject({
      reply_markup: { remove_keyboard: true },
    })
  })

  it('sends HTML without a link preview', async () => {
    expect(await sent({ chatId: 5, text: '<b>Merhaba</b> 🎉' })).toStrictEqual({
      method: 'sendMessage',
      params: {
        chat_id: 5,
        text: '<b>Merhaba</b> 🎉',
        parse_mode: 'HTML',
        link_preview_options: { is_disabled: true },
      },
    })
  })

  it('sends buttons, silence, a reply and a preview as asked', async () => {
    const message: OutgoingMessage = {
      chatId: -100,
      text: 'Yeni',
      buttons: [
        [
          { text: 'Site', url: 'https://example.com' },
          { text: 'Evet', action: 'y:1' },
        ],
      ],
      silent: true,
      replyToMessageId: 12,
      linkPreview: true,
    }
    expect(await sent(message)).toStrictEqual({
      method: 'sendMessage',
      params: {
        chat_id: -100,
        text: 'Yeni',
        parse_mode: 'HTML',
        disable_notification: true,
        reply_parameters: { message_id: 12, allow_sending_without_reply: true },
        reply_markup: {
          inline_keyboard: [
            [
              { text: 'Site', url: 'https://example.com' },
              { text: 'Evet', callback_data: 'y:1' },
            ],
          ],
        },
      },
    })
  })

  it.each(MEDIA_KINDS)('sends the text as the caption of a %s', async (kind) => {
    const { method, params } = await sent({ chatId: 5, text: 'Bak', media: { kind, source: 'https://example.com/a' } })
    expect(method.toLowerCase()).toBe(`send${kind}`)
    expect(params).toStrictEqual({ chat_id: 5, caption: 'Bak', parse_mode: 'HTML', [kind]: 'https://example.com/a' })
  })

  it('speaks through the business connection of a business account', async () => {
    const business = { ...bot, kind: 'business', businessConnectionId: 'bc1' } as const
    expect((await sent({ chatId: 5, text: 'Merhaba' }, business)).params).toMatchObject({
      business_connection_id: 'bc1',
    })
    await api.sender.editText(business, 5, 41, { text: 'Selam' })
    expect(lastRequest().params).toMatchObject({ business_connection_id: 'bc1', message_id: 41, text: 'Selam' })
    await api.sender.deleteMessage(business, 5, 41)
    expect(lastRequest()).toStrictEqual({
      method: 'deleteBusinessMessages',
      params: { business_connection_id: 'bc1', message_ids: [41] },
    })
  })

  it('keeps the path of the server address', async () => {
    await sent({ chatId: 5, text: 'Merhaba' }, { ...bot, apiRoot: `${server.origin}/relay/` })
    expect(server.received.at(-1)?.path).toBe(`/relay/bot${TOKEN}/sendMessage`)
  })
})

describe('createBotApiUpdateFeed', () => {
  it('asks for every kind of update by name', async () => {
    await api.updateFeed.getUpdates(bot, { offset: 7, waitSeconds: 0 })
    expect(lastRequest()).toStrictEqual({
      method: 'getUpdates',
      params: { offset: 7, limit: 100, timeout: 0, allowed_updates: ALLOWED_UPDATES },
    })
    const options = { url: 'https://example.com/t/1', secretToken: 's', maxConnections: 40 }
    await api.updateFeed.setWebhook(bot, options)
    expect(lastRequest().params).toMatchObject({ allowed_updates: ALLOWED_UPDATES, secret_token: 's' })
  })

  it('does not take a batch with an update that has no number', async () => {
    const body = '{"ok":true,"result":[{"update_id":1},{"message":{}}]}'
    server.script({ kind: 'answer', status: 200, body })
    expect(await api.updateFeed.getUpdates(bot, { offset: 0, waitSeconds: 0 })).toStrictEqual({
      kind: 'unknown',
      reason: 'bad_json',
    })
  })
})
