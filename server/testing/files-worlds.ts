import { ManualClock } from '#server/base/clock.ts'
import { createBotApi } from '#server/gateways/telegram/adapters/bot-api/create-bot-api.ts'
import { createFakeTelegram } from '#server/gateways/telegram/adapters/fake/create-fake-telegram.ts'
import type { TelegramAccount } from '#server/gateways/telegram/telegram-account.ts'
import { startSimulator } from '#simulator/index.ts'

import type { FilesWorld } from './suites/telegram-files.suite.ts'

const accountOf = (token: string, apiRoot: string | null = null): TelegramAccount => ({
  tenantId: 1,
  accountId: 1,
  kind: 'bot',
  token,
  apiRoot,
})
const STRANGER = '7999999999:AAstranger_has_no_bot_at_all_123456'

/** Lets the bot send a file to somebody who has started it; answers the id under which Telegram keeps it. */
export const uploadDocument = async (
  { apiRoot, token }: { readonly apiRoot: string; readonly token: string },
  chatId: number,
  bytes: Uint8Array,
): Promise<string> => {
  const form = new FormData()
  form.set('chat_id', String(chatId))
  form.set('document', new Blob([Uint8Array.from(bytes)]), 'dekont.bin')
  const answer = await fetch(`${apiRoot}/bot${token}/sendDocument`, { method: 'POST', body: form })
  const { result } = (await answer.json()) as { result?: { document?: { file_id: string } } }
  const id = result?.document?.file_id
  if (id === undefined) throw new Error('the file was not taken')
  return id
}

/** The fake. */
export const openFakeFiles = async (): Promise<FilesWorld> => {
  const { files, refuseToken } = createFakeTelegram({ clock: new ManualClock(0) })
  refuseToken(STRANGER, 'token_revoked')
  return {
    files,
    account: accountOf('7000000001:AA-files'),
    strangersAccount: accountOf(STRANGER),
    addFile: async (bytes) => files.addFile(bytes),
    close: async () => {},
  }
}

/** The Bot API adapter over HTTP against a simulator of its own. */
export const openSimulatedFiles = async (): Promise<FilesWorld> => {
  const simulator = await startSimulator({ limits: false, seed: 8 })
  const { control, apiRoot } = simulator
  const bot = control.createBot({})
  const userId = control.createUser({}).id
  control.openDialog({ userId, botId: bot.id })
  const api = createBotApi()
  return {
    files: api.files,
    account: accountOf(bot.token, apiRoot),
    strangersAccount: accountOf(STRANGER, apiRoot),
    addFile: (bytes) => uploadDocument({ apiRoot, token: bot.token }, userId, bytes),
    async close() {
      await api.close()
      await simulator.close()
    },
  }
}
