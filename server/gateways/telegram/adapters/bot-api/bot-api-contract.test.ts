import { describe } from 'vitest'

import { openSimulatedTelegram } from '#server/testing/simulated-telegram.ts'
import { itKeepsTheDirectoryContract } from '#server/testing/suites/telegram-directory.suite.ts'
import { itKeepsTheSenderContract } from '#server/testing/suites/telegram-sender.suite.ts'
import { itKeepsTheUpdateFeedContract } from '#server/testing/suites/telegram-update-feed.suite.ts'

describe('createBotApiSender', () => {
  itKeepsTheSenderContract(openSimulatedTelegram)
})

describe('createBotApiDirectory', () => {
  itKeepsTheDirectoryContract(openSimulatedTelegram)
})

describe('createBotApiUpdateFeed', () => {
  itKeepsTheUpdateFeedContract(openSimulatedTelegram)
})
