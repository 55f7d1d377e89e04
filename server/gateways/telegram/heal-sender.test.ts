import { beforeEach, describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'

import { type FakeTelegram, createFakeTelegram } from './adapters/fake/create-fake-telegram.ts'
import { type TokenRecovery, healSender } from './heal-sender.ts'
import type { TelegramAccount } from './telegram-account.ts'

describe('healSender', () => {
  const account: TelegramAccount = { tenantId: 1, accountId: 3, kind: 'bot', token: '1:a', apiRoot: null }
  let telegram: FakeTelegram
  let asked: TelegramAccount[]
  beforeEach(() => {
    telegram = createFakeTelegram({ clock: new ManualClock(0) })
    asked = []
  })

  const send = (recovery: TokenRecovery, from = account) =>
    healSender(telegram.sender, async (lost) => {
      asked.push(lost)
      return recovery
    }).send(from, { chatId: 5, text: 'Merhaba' })

  it('has a send tried again while another token is to be had, or cannot be asked for', async () => {
    telegram.refuseToken(account.token, 'token_revoked')
    const retry = { kind: 'retry', scope: 'account', reason: 'token_revoked' }
    expect(await send('recovered')).toMatchObject(retry)
    expect(await send('later')).toMatchObject(retry)
    expect(asked).toEqual([account, account])
    expect(telegram.messages).toEqual([])
  })

  it('gives the account up when there is none', async () => {
    telegram.refuseToken(account.token, 'token_revoked')
    expect(await send('lost')).toMatchObject({ kind: 'account_lost', reason: 'token_revoked' })
  })

  it('asks nothing after any other ending, or for accounts without a token of their own', async () => {
    expect(await send('recovered')).toMatchObject({ kind: 'sent' })
    telegram.refuse(5, 'blocked')
    expect(await send('recovered')).toMatchObject({ kind: 'rejected' })
    telegram.refuse(5, 'session_lost')
    expect(await send('recovered')).toMatchObject({ kind: 'account_lost' })
    telegram.refuseToken(account.token, 'token_revoked')
    expect(await send('recovered', { ...account, kind: 'business' })).toMatchObject({ kind: 'account_lost' })
    expect(asked).toEqual([])
  })
})
