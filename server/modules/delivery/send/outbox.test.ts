import { describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'
import type { OutgoingMessage, SendResult, TelegramAccount, TelegramSender } from '#server/gateways/telegram/sender.ts'

import type { ReservedDelivery } from '../delivery.rules.ts'
import { CALM_IN_FLIGHT_MAX, Outbox } from './outbox.ts'
import { type Pace, TELEGRAM_PACE } from './pacer.rules.ts'

const UNLIMITED: Pace = { perSecond: 1e6, burst: 1e6 }

/** An outbox over a Telegram whose answers the test gives. */
const scene = (pace: Pace, inFlightMax = 100) => {
  const clock = new ManualClock(1_000_000)
  const calls: { readonly chatId: number; readonly answer: (result: SendResult) => void }[] = []
  const send = (_account: TelegramAccount, message: OutgoingMessage): Promise<SendResult> =>
    new Promise((resolve) => calls.push({ chatId: message.chatId, answer: resolve }))
  const ended: { readonly id: number; readonly result: SendResult }[] = []
  const box = new Outbox(
    {
      // No transaction is opened here.
      db: null as unknown as Db,
      clock,
      sender: { send } as unknown as TelegramSender,
      log: { info: () => {}, error: () => {} },
    },
    {
      account: { tenantId: 1, accountId: 1, kind: 'bot', token: '1:AA', apiRoot: null },
      pace,
      inFlightMax,
      onEnd: (delivery, result) => ended.push({ id: delivery.deliveryId, result }),
      onRoom: () => {},
    },
  )
  return { clock, calls, ended, box, left: () => calls.map((c) => c.chatId) }
}

const delivery = (id: number, isReply = false): ReservedDelivery => ({
  deliveryId: id,
  attemptId: id,
  attemptNumber: 1,
  randomId: null,
  isRepeat: false,
  accountId: 1,
  contactId: id,
  chatId: id,
  isReply,
  content: { text: 'Merhaba', buttons: [] },
})
const deliveries = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => delivery(from + i))

describe('Outbox', () => {
  it('lets deliveries leave at the pace of the account', async () => {
    const { clock, box, left } = scene(TELEGRAM_PACE)
    box.begin()
    box.add(deliveries(1, 10))
    expect(left()).toEqual([])
    await clock.advance(200)
    expect(left()).toEqual([1, 2, 3, 4, 5])
    await clock.advance(1_000)
    expect(left()).toHaveLength(10)
  })

  it('lets an answer leave before everything that waits', async () => {
    const { clock, box, left } = scene(TELEGRAM_PACE)
    box.begin()
    box.add(deliveries(1, 5))
    box.add([delivery(99, true)])
    await clock.advance(80)
    expect(left()).toEqual([99, 1])
  })

  it('leaves room for answers while people are being answered, and never makes an answer wait for it', () => {
    const { box, left } = scene(UNLIMITED)
    box.add([delivery(999, true)])
    box.add(deliveries(1, 60))
    expect(left()).toHaveLength(CALM_IN_FLIGHT_MAX)
    box.add([delivery(998, true), delivery(997, true)])
    expect(left().slice(-2)).toEqual([998, 997])
  })

  it('gives back what has not left when Telegram announces a wait, until the wait is over', async () => {
    const { clock, box, calls, ended, left } = scene(UNLIMITED, 2)
    box.add(deliveries(1, 5))
    expect(left()).toEqual([1, 2])
    calls[0]?.answer({ kind: 'retry', afterMs: 30_000, scope: 'account', reason: 'flood_wait' })
    await clock.advance(0)
    expect(left()).toEqual([1, 2])
    const held = { kind: 'retry', afterMs: 30_000, scope: 'account', reason: 'aborted_before_leaving' }
    expect(ended.slice(1)).toEqual([3, 4, 5].map((id) => ({ id, result: held })))
    expect(box.waitingUntil).toBe(clock.now() + 30_000)
  })

  it('goes on with others when a wait concerns one chat', async () => {
    const { clock, box, calls, left } = scene(UNLIMITED, 2)
    box.add(deliveries(1, 3))
    calls[0]?.answer({ kind: 'retry', afterMs: 30_000, scope: 'chat', reason: 'flood_wait' })
    await clock.advance(0)
    expect(left()).toEqual([1, 2, 3])
  })

  describe('showThinking', () => {
    const previews = (pace: Pace, kind: 'bot' | 'business' = 'bot') => {
      const clock = new ManualClock(1_000_000)
      const shown: number[] = []
      const sent: number[] = []
      const box = new Outbox(
        {
          db: null as unknown as Db,
          clock,
          sender: {
            send: async (_account: TelegramAccount, message: OutgoingMessage) => {
              sent.push(message.chatId)
              return { kind: 'sent', messageId: 1 }
            },
            showThinking: async (_account: TelegramAccount, chatId: number) => {
              shown.push(chatId)
              return { kind: 'retry', afterMs: 5_000, scope: 'account', reason: 'flood_wait' }
            },
          } as unknown as TelegramSender,
          log: { info: () => {}, error: () => {} },
        },
        {
          account: { tenantId: 1, accountId: 1, kind, token: '1:AA', apiRoot: null },
          pace,
          inFlightMax: 10,
          onEnd: () => {},
          onRoom: () => {},
        },
      )
      return { box, shown, sent, clock }
    }

    it('takes its place in the pace, and is left out where there is none', () => {
      const { box, shown } = previews({ perSecond: 1, burst: 1 })
      box.showThinking(7)
      box.showThinking(8)
      expect(shown).toEqual([7])
    })

    it('is for bots alone', () => {
      const { box, shown } = previews(UNLIMITED, 'business')
      box.showThinking(7)
      expect(shown).toEqual([])
    })

    it('obeys the wait that it is told to', async () => {
      const { box, shown } = previews(UNLIMITED)
      box.showThinking(7)
      await Promise.resolve()
      await Promise.resolve()
      box.showThinking(8)
      expect(shown).toEqual([7])
      expect(box.waitingUntil).toBe(1_005_000)
    })
  })
})
