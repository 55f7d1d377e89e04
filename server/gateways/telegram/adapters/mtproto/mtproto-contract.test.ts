import { describe } from 'vitest'

import { openSimulatedUserTelegram } from '#server/testing/simulated-user-telegram.ts'
import { USER_DIALECT, itKeepsTheSenderContract } from '#server/testing/suites/telegram-sender.suite.ts'

describe('createMtprotoSender', () => {
  itKeepsTheSenderContract(openSimulatedUserTelegram, USER_DIALECT)
})
