import { describe, expect, it } from 'vitest'

import { FAILURE_REASONS, FAILURES } from './failures.ts'
import { resultOfFailure } from './result-of-failure.ts'

describe('resultOfFailure', () => {
  it.each(FAILURE_REASONS)('gives %s the ending its row asks for', (reason) => {
    const result = resultOfFailure(reason, { errorCode: 400, newChatId: -100, chatId: 5 })
    const { retry, follows } = FAILURES[reason]
    const kinds = {
      never: follows.account === 'disconnected' ? 'account_lost' : 'rejected',
      without_reply: 'rejected',
      later: 'retry',
      in_doubt: 'unknown',
      new_chat: 'migrated',
      reached: 'reached',
    }
    expect(result === 'reached' ? result : result.kind).toBe(kinds[retry])
  })

  it.each(FAILURE_REASONS)('contradicts itself nowhere about %s', (reason) => {
    const { retry, blame, follows } = FAILURES[reason]
    expect(follows.waitMs !== undefined).toBe(retry === 'later')
    expect(follows.template === 'faulty' && blame !== 'content').toBe(false)
    expect(follows.account === 'disconnected' && retry !== 'never').toBe(false)
  })

  it('lets a 429 of a group hold the group alone and one of a person the whole account', () => {
    const wait = { errorCode: 429, retryAfterSeconds: 7 }
    expect(resultOfFailure('flood_wait', { ...wait, chatId: -5 })).toStrictEqual({
      kind: 'retry',
      afterMs: 7_000,
      scope: 'chat',
      reason: 'flood_wait',
    })
    expect(resultOfFailure('flood_wait', { ...wait, chatId: 5 })).toMatchObject({ scope: 'account' })
    expect(resultOfFailure('flood_wait', wait)).toMatchObject({ scope: 'account' })
  })

  it('keeps the account waiting when the server cannot be reached, whichever chat was addressed', () => {
    expect(resultOfFailure('connection_refused', { chatId: -5 })).toMatchObject({ scope: 'account', afterMs: 5_000 })
  })

  it.each([undefined, 0, -3, Number.NaN, Number.POSITIVE_INFINITY])('waits the usual time for a wait of %s', (wait) => {
    expect(resultOfFailure('flood_wait', { retryAfterSeconds: wait })).toMatchObject({ afterMs: 30_000 })
  })

  it('rejects a migration that does not say where to', () => {
    expect(resultOfFailure('chat_migrated', { errorCode: 400 })).toStrictEqual({
      kind: 'rejected',
      reason: 'chat_migrated',
      errorCode: 400,
    })
  })
})
