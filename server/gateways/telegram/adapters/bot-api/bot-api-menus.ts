import type { TelegramBotMenus } from '../../bot-menu.ts'
import { callBotApi } from './call-bot-api.ts'
import type { HttpTransport } from './http-transport.ts'
import { asAct } from './read-result.ts'

/** Command menus over the Bot API. */
export const createBotApiMenus = (transport: HttpTransport): TelegramBotMenus => ({
  async setMenu(account, { chatId, languageCode, commands }) {
    const scope =
      chatId === null ? ({ type: 'all_private_chats' } as const) : ({ type: 'chat', chat_id: chatId } as const)
    const params = {
      commands,
      scope,
      ...(languageCode !== null && { language_code: languageCode as 'tr' }),
    }
    return asAct(await callBotApi(transport, account, 'setMyCommands', params, { repeatable: true }))
  },
  async setAppButton(account, button) {
    const wanted =
      button === null
        ? ({ type: 'commands' } as const)
        : ({ type: 'web_app', text: button.label, web_app: { url: button.url } } as const)
    const params = { menu_button: wanted }
    return asAct(await callBotApi(transport, account, 'setChatMenuButton', params, { repeatable: true }))
  },
})
