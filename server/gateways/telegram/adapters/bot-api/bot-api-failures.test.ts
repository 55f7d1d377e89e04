import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import { startScriptedHttpServer } from '#server/testing/scripted-http-server.ts'
import type { ScriptedAnswer, ScriptedHttpServer } from '#server/testing/scripted-http-server.ts'
import { TELEGRAM_ERRORS } from '#server/testing/telegram-errors.ts'

import type { SendResult } from '../../call-result.ts'
import { FAILURE_REASONS } from '../../failures.ts'
import type { FailureReason } from '../../failures.ts'
import { resultOfFailure } from '../../result-of-failure.ts'
import type { TelegramAccount } from '../../telegram-account.ts'
import { createBotApi } from './create-bot-api.ts'
import type { BotApi } from './create-bot-api.ts'
import { createHttpTransport } from './http-transport.ts'

const TOKEN = '7000000001:AA-secret_part'
const account: TelegramAccount = { tenantId: 1, accountId: 2, kind: 'bot', token: TOKEN, apiRoot: null }
const seen = new Set<FailureReason>()

let server: ScriptedHttpServer
const opened: BotApi[] = []
const botApi = (options: Parameters<typeof createBotApi>[0] = {}): BotApi => {
  const api = createBotApi(options)
  opened.push(api)
  return api
}
const at = (apiRoot: string): TelegramAccount => ({ ...account, apiRoot })
const answer = (status: number, body: unknown): ScriptedAnswer => ({
  kind: 'answer',
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

beforeAll(async () => {
  server = await startScriptedHttpServer()
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((api) => api.close()))
})
afterAll(() => server.close())

const note = (result: SendResult): SendResult => {
  if ('reason' in result) seen.add(result.reason)
  return result
}
const send = async (api: BotApi, to: TelegramAccount, chatId = 5, signal?: AbortSignal) =>
  note(await api.sender.send(to, { chatId, text: 'Merhaba' }, signal))

describe('createBotApi, refused by Telegram', () => {
  const rows = Object.entries(TELEGRAM_ERRORS).flatMap(([reason, errors]) =>
    errors.map(([code, description, parameters]) => ({
      reason: reason as FailureReason,
      code,
      description,
      parameters,
    })),
  )

  it.each(rows)('ends "$description" as the row $reason says', async ({ reason, code, description, parameters }) => {
    server.script(answer(code, { ok: false, error_code: code, description, parameters }))
    const chatId = reason === 'chat_refused' ? -5 : 5
    const result = await send(botApi(), at(server.origin), chatId)
    const expected = resultOfFailure(reason, {
      errorCode: code,
      chatId,
      retryAfterSeconds: parameters?.['retry_after'],
      newChatId: parameters?.['migrate_to_chat_id'],
    })
    seen.add(reason)
    expect(result).toStrictEqual(expected === 'reached' ? { kind: 'unknown', reason: 'bad_json' } : expected)
  })

  it('counts an edit that changes nothing as sent', async () => {
    const [row] = TELEGRAM_ERRORS.message_unchanged!
    server.script(answer(400, { ok: false, error_code: 400, description: row![1] }))
    const result = await botApi().sender.editText(at(server.origin), 5, 41, { text: 'Merhaba' })
    expect(result).toStrictEqual({ kind: 'sent', messageId: 41 })
  })

  it('counts a join request that somebody else has decided as done', async () => {
    server.script(answer(400, { ok: false, error_code: 400, description: 'Bad Request: HIDE_REQUESTER_MISSING' }))
    expect(await botApi().directory.approveJoinRequest(at(server.origin), -5, 6)).toStrictEqual({ kind: 'done' })
  })
})

describe('createBotApi, cut off from Telegram', () => {
  it('may try again when nobody listens at the address', async () => {
    const gone = await startScriptedHttpServer()
    await gone.close()
    expect(await send(botApi(), at(gone.origin))).toMatchObject({ kind: 'retry', reason: 'connection_refused' })
  })

  it('may try again when the name is unknown', async () => {
    expect(await send(botApi(), at('http://telegram.invalid'))).toMatchObject({ kind: 'retry', reason: 'dns_failed' })
  })

  it('may try again when the server does not speak TLS', async () => {
    const secure = server.origin.replace('http:', 'https:')
    expect(await send(botApi(), at(secure))).toMatchObject({ kind: 'retry', reason: 'tls_failed' })
  })

  it.each(['not an address', 'ftp://127.0.0.1'])('may try again when the server address is "%s"', async (apiRoot) => {
    expect(await send(botApi(), at(apiRoot))).toMatchObject({ kind: 'retry', reason: 'connection_failed' })
  })

  it('may try again after it was closed', async () => {
    const api = createBotApi()
    await api.close()
    expect(await send(api, at(server.origin))).toMatchObject({ kind: 'retry', reason: 'connection_failed' })
  })

  it('may try again when no socket became free, since the request never left', async () => {
    server.script({ kind: 'silence' })
    const transport = createHttpTransport({ connections: 1 })
    const call = { apiRoot: server.origin, path: '/', body: '{}', lane: 'calls' } as const
    const giveUp = new AbortController()
    const before = server.received.length
    const first = transport.request({ ...call, signal: giveUp.signal })
    await server.arrived(before + 1)
    expect(await transport.request({ ...call, timeoutMs: 50 })).toStrictEqual({
      kind: 'failed',
      reason: 'connect_timeout',
    })
    giveUp.abort()
    expect(await first).toStrictEqual({ kind: 'failed', reason: 'aborted_midway' })
    seen.add('connect_timeout')
    await transport.close()
    expect(server.received).toHaveLength(before + 1)
  })

  it('does not know the outcome when the answer takes too long', async () => {
    server.script({ kind: 'silence' })
    const result = await send(botApi({ callTimeoutMs: 100 }), at(server.origin))
    expect(result).toStrictEqual({ kind: 'unknown', reason: 'timeout' })
  })

  it.each([{ kind: 'reset_unread' }, { kind: 'reset' }, { kind: 'half_an_answer' }] as const)(
    'does not know the outcome after $kind',
    async (fault) => {
      server.script(fault)
      expect(await send(botApi(), at(server.origin))).toStrictEqual({ kind: 'unknown', reason: 'connection_cut' })
    },
  )

  it('sends nothing when the caller has given up already', async () => {
    const before = server.received.length
    const result = await send(botApi(), at(server.origin), 5, AbortSignal.abort())
    expect(result).toMatchObject({ kind: 'retry', afterMs: 0, reason: 'aborted_before_leaving' })
    expect(server.received).toHaveLength(before)
  })

  it('does not know the outcome when the caller gives up midway', async () => {
    server.script({ kind: 'silence' })
    const giveUp = new AbortController()
    const before = server.received.length
    const result = send(botApi(), at(server.origin), 5, giveUp.signal)
    await server.arrived(before + 1)
    giveUp.abort()
    expect(await result).toStrictEqual({ kind: 'unknown', reason: 'aborted_midway' })
  })

  it.each([
    [502, '<html><head><title>502 Bad Gateway</title></head></html>', 'html_answer'],
    [200, '\n<!DOCTYPE html>', 'html_answer'],
    [200, '', 'bad_json'],
    [200, '{"ok":true,"result":{"message_', 'bad_json'],
    [200, 'null', 'bad_json'],
    [200, '{"ok":"yes"}', 'bad_json'],
    [200, '{"ok":false}', 'bad_json'],
    [200, '{"ok":false,"error_code":"400","description":"Bad Request"}', 'bad_json'],
    [200, '{"ok":true}', 'bad_json'],
    [200, '{"ok":true,"result":true}', 'bad_json'],
    [200, '{"ok":true,"result":{"message_id":"7"}}', 'bad_json'],
  ])('does not know the outcome after %s %s', async (status, body, reason) => {
    server.script(answer(status, body))
    expect(await send(botApi(), at(server.origin))).toStrictEqual({ kind: 'unknown', reason })
  })

  it('lets a question be asked again where a send stays in doubt', async () => {
    server.script({ kind: 'reset' })
    const result = await botApi().directory.getChat(at(server.origin), 5)
    expect(result).toMatchObject({ kind: 'retry', reason: 'connection_cut', scope: 'account' })
  })

  it('never repeats a call by itself', async () => {
    server.script({ kind: 'reset' }, answer(200, { ok: true, result: { message_id: 1 } }))
    const before = server.received.length
    await send(botApi(), at(server.origin))
    expect(server.received).toHaveLength(before + 1)
  })

  it('keeps the sockets of long polls apart from those of sends', async () => {
    const api = botApi({ connections: 1 })
    server.script({ kind: 'silence' }, answer(200, { ok: true, result: { message_id: 9 } }))
    const before = server.received.length
    const giveUp = new AbortController()
    const poll = api.updateFeed.getUpdates(at(server.origin), { offset: 0, waitSeconds: 50, signal: giveUp.signal })
    await server.arrived(before + 1)
    expect(await send(api, at(server.origin))).toStrictEqual({ kind: 'sent', messageId: 9 })
    giveUp.abort()
    expect(await poll).toMatchObject({ kind: 'retry', reason: 'aborted_midway' })
  })
})

describe('createBotApi, with a token that cannot be one', () => {
  it.each(['', 'abc', '1:../../etc', '1:a b', '7000000001:AA\r\nHost: elsewhere'])(
    'does not call with "%s"',
    async (token) => {
      const before = server.received.length
      const result = note(await botApi().sender.send({ ...at(server.origin), token }, { chatId: 5, text: 'Merhaba' }))
      expect(result).toStrictEqual({ kind: 'account_lost', reason: 'token_malformed', errorCode: 401 })
      expect(server.received).toHaveLength(before)
    },
  )

  it('loses a business account that names no connection', async () => {
    const business = { ...at(server.origin), kind: 'business' } as const
    expect(note(await botApi().sender.send(business, { chatId: 5, text: 'Merhaba' }))).toMatchObject({
      kind: 'account_lost',
      reason: 'business_connection_lost',
    })
  })

  it('takes a user account for a mistake of the program, without naming the token', async () => {
    const user = { ...at(server.origin), kind: 'user' } as const
    await expect(botApi().sender.send(user, { chatId: 5, text: 'Merhaba' })).rejects.toThrow(/^[^:]*Bot API$/)
  })
})

/** What only people's accounts meet; reached in adapters/mtproto/classify-rpc-error.test.ts. */
const OF_PEOPLES_ACCOUNTS: readonly FailureReason[] = [
  'blocked_by_us',
  'privacy_restricted',
  'session_lost',
  'session_duplicated',
  'account_banned',
  'account_frozen',
  'spam_limited',
  'random_id_used',
]

describe('FAILURES', () => {
  it("has no row that neither the tests above nor those of people's accounts reach", () => {
    expect(FAILURE_REASONS.filter((reason) => !seen.has(reason))).toStrictEqual(OF_PEOPLES_ACCOUNTS)
  })
})
