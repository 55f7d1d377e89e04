import type { TelegramFiles } from '../../files.ts'
import { asRepeatable, resultOfFailure } from '../../result-of-failure.ts'
import { callBotApi } from './call-bot-api.ts'
import { type HttpTransport, PUBLIC_API_ROOT } from './http-transport.ts'
import { asValue, isInteger, isObject } from './read-result.ts'

/** A path that stays below the bot's own files. */
const PATH = /^(?!.*[.][.])[\w.-]+(?:[/][\w.-]+)*$/

const readFile = (result: unknown) => {
  if (!isObject(result) || typeof result['file_path'] !== 'string' || !PATH.test(result['file_path'])) return undefined
  const size = result['file_size']
  return { path: result['file_path'], size: isInteger(size) ? size : 0 }
}

/** Files over the Bot API: where one is, then what is in it. */
export const createBotApiFiles = (transport: HttpTransport): TelegramFiles => ({
  async download(account, fileId, maxBytes) {
    const reply = await callBotApi(transport, account, 'getFile', { file_id: fileId }, { repeatable: true })
    const found = asValue(reply, readFile)
    if (found.kind !== 'done') return found
    if (found.value.size > maxBytes) return { kind: 'done', value: null }
    const file = await transport.download({
      apiRoot: account.apiRoot ?? PUBLIC_API_ROOT,
      path: `/file/bot${account.token}/${found.value.path}`,
      maxBytes,
    })
    if (file.kind === 'file') return { kind: 'done', value: file.bytes }
    if (file.kind === 'too_large') return { kind: 'done', value: null }
    const failure = resultOfFailure(file.reason)
    return failure === 'reached' ? { kind: 'unknown', reason: file.reason } : asRepeatable(failure)
  },
})
