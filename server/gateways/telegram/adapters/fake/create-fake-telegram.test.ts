import { describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { openFakeTelegram } from '#server/testing/fake-telegram-world.ts'
import { openFakeFiles } from '#server/testing/files-worlds.ts'
import { openFakeManagedBots } from '#server/testing/managed-bots-worlds.ts'
import { itKeepsTheDirectoryContract } from '#server/testing/suites/telegram-directory.suite.ts'
import { itKeepsTheFilesContract } from '#server/testing/suites/telegram-files.suite.ts'
import { itKeepsTheModerationContract } from '#server/testing/suites/telegram-moderation.suite.ts'
import { itKeepsTheManagedBotsContract } from '#server/testing/suites/telegram-managed-bots.suite.ts'
import { itKeepsTheSenderContract } from '#server/testing/suites/telegram-sender.suite.ts'
import { itKeepsTheUpdateFeedContract } from '#server/testing/suites/telegram-update-feed.suite.ts'

import type { TelegramAccount } from '../../telegram-account.ts'
import { createFakeTelegram } from './create-fake-telegram.ts'

describe('createFakeSender', () => {
  itKeepsTheSenderContract(openFakeTelegram)
})

describe('createFakeDirectory', () => {
  itKeepsTheDirectoryContract(openFakeTelegram)
})

describe('createFakeUpdateFeed', () => {
  itKeepsTheUpdateFeedContract(openFakeTelegram)
})

describe('createFakeFiles', () => {
  itKeepsTheFilesContract(openFakeFiles)
})

describe('createFakeManagedBots', () => {
  itKeepsTheManagedBotsContract(openFakeManagedBots)
})

describe('createFakeTelegram', () => {
  const account: TelegramAccount = { tenantId: 1, accountId: 3, kind: 'bot', token: '1:a', apiRoot: null }

  it('accepts at once and answers after its latency', async () => {
    const clock = new ManualClock(1_000)
    const telegram = createFakeTelegram({ clock, latencyMs: 40 })
    let isAnswered = false
    const sending = telegram.sender.send(account, { chatId: 5, text: 'Merhaba' }).then((result) => {
      isAnswered = true
      return result
    })
    await clock.advance(39)
    expect(telegram.messages).toMatchObject([{ accountId: 3, chatId: 5, text: 'Merhaba', acceptedAt: 1_000 }])
    expect(isAnswered).toBe(false)
    await clock.advance(1)
    expect(await sending).toMatchObject({ kind: 'sent' })
  })

  it('has accepted what a caller stops waiting for', async () => {
    const telegram = createFakeTelegram({ clock: new ManualClock(0), latencyMs: 40 })
    const giveUp = new AbortController()
    const sending = telegram.sender.send(account, { chatId: 5, text: 'Merhaba' }, giveUp.signal)
    giveUp.abort()
    expect(await sending).toStrictEqual({ kind: 'unknown', reason: 'aborted_midway' })
    expect(telegram.messages).toHaveLength(1)
  })

  it('fails as often as told, then lets calls through again', async () => {
    const telegram = createFakeTelegram({ clock: new ManualClock(0) })
    telegram.failNext({ reason: 'connection_refused', times: 2 })
    const send = async () => (await telegram.sender.send(account, { chatId: 5, text: 'Merhaba' })).kind
    expect([await send(), await send(), await send()]).toStrictEqual(['retry', 'retry', 'sent'])
  })

  it('does not accept a message and say that it was refused', () => {
    const telegram = createFakeTelegram({ clock: new ManualClock(0) })
    expect(() => telegram.failNext({ reason: 'blocked', acceptsFirst: true })).toThrow(/nothing was accepted/)
  })
})

describe('createFakeModeration', () => {
  itKeepsTheModerationContract(openFakeTelegram)
})
