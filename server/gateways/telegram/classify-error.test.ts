import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { TELEGRAM_ERRORS } from '#server/testing/telegram-errors.ts'

import { classifyBotApiError } from './classify-error.ts'
import { FAILURE_REASONS } from './failures.ts'
import type { FailureReason } from './failures.ts'

const rows = Object.entries(TELEGRAM_ERRORS).flatMap(([reason, errors]) =>
  errors.map(([errorCode, description, parameters]) => ({ reason, errorCode, description, parameters })),
)

describe('classifyBotApiError', () => {
  it.each(rows)('reads $errorCode "$description" as $reason', ({ reason, errorCode, description, parameters }) => {
    const error = {
      errorCode,
      description,
      parameters: {
        ...(parameters?.['retry_after'] === undefined ? {} : { retryAfter: parameters['retry_after'] }),
        ...(parameters?.['migrate_to_chat_id'] === undefined
          ? {}
          : { migrateToChatId: parameters['migrate_to_chat_id'] }),
      },
    }
    expect(classifyBotApiError(error, reason === 'chat_refused' ? -5 : 5)).toBe(reason)
  })

  it('obeys a wait whatever the status says', () => {
    const error = { errorCode: 400, description: 'Bad Request: slow down', parameters: { retryAfter: 3 } }
    expect(classifyBotApiError(error)).toBe('flood_wait')
  })

  it('takes an unknown 401 for a lost token and an unknown 409 for a second poller', () => {
    expect(classifyBotApiError({ errorCode: 401, description: 'Unauthorized: something new' })).toBe('token_revoked')
    expect(classifyBotApiError({ errorCode: 409, description: 'Conflict: something new' })).toBe('polled_elsewhere')
  })

  it('finds a reason for any answer, and no certainty where Telegram failed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 400, max: 599 }),
        fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString')),
        fc.option(fc.integer(), { nil: undefined }),
        (errorCode, description, chatId) => {
          const reason: FailureReason = classifyBotApiError({ errorCode, description }, chatId)
          expect(FAILURE_REASONS).toContain(reason)
          expect(reason === 'server_error').toBe(errorCode >= 500)
        },
      ),
    )
  })
})
