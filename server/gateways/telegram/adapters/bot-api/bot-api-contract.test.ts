import { describe } from 'vitest'

import { openSimulatedBusinessTelegram } from '#server/testing/simulated-business-telegram.ts'
import { openSimulatedTelegram } from '#server/testing/simulated-telegram.ts'
import { openSimulatedFiles } from '#server/testing/files-worlds.ts'
import { openSimulatedManagedBots } from '#server/testing/managed-bots-worlds.ts'
import { itKeepsTheDirectoryContract } from '#server/testing/suites/telegram-directory.suite.ts'
import { itKeepsTheFilesContract } from '#server/testing/suites/telegram-files.suite.ts'
import { itKeepsTheModerationContract } from '#server/testing/suites/telegram-moderation.suite.ts'
import { itKeepsTheManagedBotsContract } from '#server/testing/suites/telegram-managed-bots.suite.ts'
import { BUSINESS_DIALECT, itKeepsTheSenderContract } from '#server/testing/suites/telegram-sender.suite.ts'
import { itKeepsTheUpdateFeedContract } from '#server/testing/suites/telegram-update-feed.suite.ts'

describe('createBotApiSender', () => {
  itKeepsTheSenderContract(openSimulatedTelegram)
})

describe('createBotApiSender for business accounts', () => {
  itKeepsTheSenderContract(openSimulatedBusinessTelegram, BUSINESS_DIALECT)
})

describe('createBotApiDirectory', () => {
  itKeepsTheDirectoryContract(openSimulatedTelegram)
})

describe('createBotApiUpdateFeed', () => {
  itKeepsTheUpdateFeedContract(openSimulatedTelegram)
})

describe('createBotApiManagedBots', () => {
  itKeepsTheManagedBotsContract(openSimulatedManagedBots)
})

describe('createBotApiModeration', () => {
  itKeepsTheModerationContract(openSimulatedTelegram)
})

describe('createBotApiFiles', () => {
  itKeepsTheFilesContract(openSimulatedFiles)
})
