import { afterEach, beforeEach, expect, it } from 'vitest'

import type { SendResult } from '#server/gateways/telegram/call-result.ts'
import type { FailureReason } from '#server/gateways/telegram/failures.ts'
import type { TelegramSender } from '#server/gateways/telegram/sender.ts'

import type { GroupStanding, NextFault, PersonStanding, SenderWorld } from './telegram-world.ts'

/** Where kinds of account differ. */
export interface SenderDialect {
  /** May carry inline buttons, and is told when they are pressed. */
  readonly hasButtons: boolean
  /** Can show that an answer is being thought out. */
  readonly showsThinking: boolean
  /** Sells for Stars. */
  readonly sells: boolean
  /** Speaks in groups, too. */
  readonly hasGroups: boolean
  /** How the deletion of what is deleted already ends. */
  readonly deletedAgain: 'done' | 'message_missing'
  /** Why a person it may not write to first refuses it. */
  readonly stranger: FailureReason
  readonly lost: FailureReason
  /** How sends end whose call broke, and what was delivered by then. */
  readonly broken: readonly (readonly [
    kind: Exclude<NextFault['kind'], 'flood'>,
    ending: FailureReason | 'sent',
    delivered: number,
  ])[]
}

const BOT_DIALECT: SenderDialect = {
  hasButtons: true,
  showsThinking: true,
  sells: true,
  hasGroups: true,
  deletedAgain: 'message_missing',
  stranger: 'not_started',
  lost: 'token_revoked',
  broken: [
    ['cut_before_accepting', 'connection_cut', 0],
    ['cut_after_accepting', 'connection_cut', 1],
    ['html_page', 'html_answer', 0],
    ['server_error', 'server_error', 0],
  ],
}

/** A bot that answers in a person's private chats: whoever did not write to that person is none of its business. */
export const BUSINESS_DIALECT: SenderDialect = {
  ...BOT_DIALECT,
  showsThinking: false,
  sells: false,
  hasGroups: false,
  deletedAgain: 'done',
  stranger: 'business_peer_invalid',
}

/** People's clients repeat a call by themselves: its random id makes the repetition harmless. */
export const USER_DIALECT: SenderDialect = {
  hasButtons: false,
  showsThinking: false,
  sells: false,
  hasGroups: true,
  deletedAgain: 'message_missing',
  stranger: 'privacy_restricted',
  lost: 'session_lost',
  broken: [
    ['cut_before_accepting', 'sent', 1],
    ['cut_after_accepting', 'sent', 1],
    ['server_error', 'sent', 1],
  ],
}

/** What every sender must do; called inside the `describe` of each adapter's own test. */
export const itKeepsTheSenderContract = (open: () => Promise<SenderWorld>, dialect = BOT_DIALECT): void => {
  let world: SenderWorld
  let sender: TelegramSender
  beforeEach(async () => {
    world = await open()
    sender = world.sender
  })
  afterEach(() => world.close())

  const send = (chatId: number, text = '<b>Merhaba</b> Ayşe 🎉') => sender.send(world.account, { chatId, text })
  const idOf = (result: SendResult): number => {
    if (result.kind !== 'sent') throw new Error(`not sent: ${JSON.stringify(result)}`)
    return result.messageId
  }

  it('delivers each message under a number of its own', async () => {
    const person = await world.addPerson('started')
    const first = idOf(await send(person))
    const second = idOf(await send(person, 'Yine ben'))
    expect(second).toBeGreaterThan(first)
    expect(await world.messagesIn(person)).toStrictEqual([
      { messageId: first, text: 'Merhaba Ayşe 🎉', buttons: [] },
      { messageId: second, text: 'Yine ben', buttons: [] },
    ])
  })

  it.runIf(dialect.hasButtons)('delivers buttons in their rows', async () => {
    const person = await world.addPerson('started')
    const yes = { text: 'Evet', action: 'y:1' }
    const site = { text: 'Site', url: 'https://example.com/' }
    const stop = { text: 'Dur', action: 'stop' }
    await sender.send(world.account, { chatId: person, text: 'Seç', buttons: [[yes, site], [stop]] })
    expect((await world.messagesIn(person))[0]?.buttons).toStrictEqual([['Evet', 'Site'], ['Dur']])
  })

  it('delivers an invoice where it may sell, and says that it cannot elsewhere', async () => {
    const person = await world.addPerson('started')
    const invoice = { title: 'VIP üyelik', description: '30 gün', payload: 'SOABCD', stars: 250 }
    const offer = { chatId: person, text: 'VIP üyelik', invoice }
    const result = await sender.send(world.account, offer)
    expect(result).toMatchObject(dialect.sells ? { kind: 'sent' } : { kind: 'rejected', reason: 'method_unknown' })
    if (!dialect.sells) return
    const broken = await sender.send(world.account, { ...offer, invoice: { ...invoice, stars: 0 } })
    expect(broken).toMatchObject({ kind: 'rejected', reason: 'rejected_other' })
  })

  it.runIf(dialect.hasGroups)('delivers to a group it belongs to', async () => {
    const group = await world.addGroup('member')
    const messageId = idOf(await send(group, 'Günaydın'))
    expect(await world.messagesIn(group)).toMatchObject([{ messageId, text: 'Günaydın' }])
  })

  it('delivers a reply whose target is gone', async () => {
    const person = await world.addPerson('started')
    const result = await sender.send(world.account, { chatId: person, text: 'Cevap', replyToMessageId: 987_654 })
    expect(result.kind).toBe('sent')
  })

  it.each([
    ['never_started', dialect.stranger],
    ['blocked', 'blocked'],
    ['deactivated', 'deactivated'],
  ] as const satisfies readonly (readonly [PersonStanding, string])[])(
    'is rejected by a person who is %s',
    async (standing, reason) => {
      const person = await world.addPerson(standing)
      expect(await send(person)).toMatchObject({ kind: 'rejected', reason })
    },
  )

  it.runIf(dialect.hasGroups).each([
    ['kicked', 'kicked'],
    ['left', 'not_a_member'],
    ['deleted', 'chat_deleted'],
    ['muted', 'no_send_right'],
  ] as const satisfies readonly (readonly [GroupStanding, string])[])(
    'is rejected by a group where it is %s',
    async (standing, reason) => {
      const group = await world.addGroup(standing)
      expect(await send(group)).toMatchObject({ kind: 'rejected', reason })
    },
  )

  it('is rejected by a chat nobody knows', async () => {
    const reason = dialect.hasGroups ? 'chat_not_found' : dialect.stranger
    expect(await send(world.unknownChatId)).toMatchObject({ kind: 'rejected', reason })
  })

  it.runIf(dialect.hasGroups)('learns where a group has moved', async () => {
    const group = await world.addGroup('member')
    const newChatId = await world.migrate(group)
    expect(await send(group)).toStrictEqual({ kind: 'migrated', newChatId })
    expect(await send(newChatId)).toMatchObject({ kind: 'sent' })
  })

  it.each([
    ['', 'text_empty'],
    ['<b> </b>', 'text_empty'],
    ['a'.repeat(4097), 'text_too_long'],
    ['<b>açık', 'markup_broken'],
    ['<b><i>ters</b></i>', 'markup_broken'],
    ['<blink>eski</blink>', 'markup_broken'],
  ])('is rejected with text %#', async (text, reason) => {
    const person = await world.addPerson('started')
    expect(await send(person, text)).toMatchObject({ kind: 'rejected', reason })
    expect(await world.messagesIn(person)).toStrictEqual([])
  })

  it('takes the longest text there may be, tags not counted', async () => {
    const person = await world.addPerson('started')
    expect(await send(person, `<b>${'ş'.repeat(4096)}</b>`)).toMatchObject({ kind: 'sent' })
  })

  it.each(['', 'ş'.repeat(33)])('is rejected with the button action "%s"', async (action) => {
    const person = await world.addPerson('started')
    const message = { chatId: person, text: 'Seç', buttons: [[{ text: 'Evet', action }]] }
    expect(await sender.send(world.account, message)).toMatchObject({ kind: 'rejected', reason: 'buttons_invalid' })
  })

  it('holds the account after a flood in a private chat, and delivers nothing', async () => {
    const person = await world.addPerson('started')
    await world.failNext(person, { kind: 'flood', retryAfterSeconds: 7 })
    expect(await send(person)).toStrictEqual({ kind: 'retry', afterMs: 7_000, scope: 'account', reason: 'flood_wait' })
    expect(await world.messagesIn(person)).toStrictEqual([])
  })

  it.runIf(dialect.hasGroups)('holds the chat alone after a flood in a group', async () => {
    const group = await world.addGroup('member')
    await world.failNext(group, { kind: 'flood', retryAfterSeconds: 40 })
    expect(await send(group)).toStrictEqual({ kind: 'retry', afterMs: 40_000, scope: 'chat', reason: 'flood_wait' })
  })

  it.each(dialect.broken)('sends once at most after %s', async (kind, ending, delivered) => {
    const person = await world.addPerson('started')
    await world.failNext(person, { kind })
    const expected = ending === 'sent' ? { kind: 'sent' } : { kind: 'unknown', reason: ending }
    expect(await send(person)).toMatchObject(expected)
    expect(await world.messagesIn(person)).toHaveLength(delivered)
    expect(await send(person)).toMatchObject({ kind: 'sent' })
  })

  it('sends nothing for a caller who has given up', async () => {
    const person = await world.addPerson('started')
    const result = await sender.send(world.account, { chatId: person, text: 'Merhaba' }, AbortSignal.abort())
    expect(result).toMatchObject({ kind: 'retry', reason: 'aborted_before_leaving' })
    expect(await world.messagesIn(person)).toStrictEqual([])
  })

  it('loses the account whose token is revoked', async () => {
    const person = await world.addPerson('started')
    await world.revokeToken()
    expect(await send(person)).toStrictEqual({ kind: 'account_lost', reason: dialect.lost, errorCode: 401 })
  })

  it('replaces a message, and counts the same text again as sent', async () => {
    const person = await world.addPerson('started')
    const messageId = idOf(await send(person))
    const edit = () => sender.editText(world.account, person, messageId, { text: '<i>Güle güle</i>' })
    expect(await edit()).toStrictEqual({ kind: 'sent', messageId })
    expect(await edit()).toStrictEqual({ kind: 'sent', messageId })
    expect(await world.messagesIn(person)).toStrictEqual([{ messageId, text: 'Güle güle', buttons: [] }])
  })

  it('does not replace a message with broken text, or one that is not there', async () => {
    const person = await world.addPerson('started')
    const messageId = idOf(await send(person))
    expect(await sender.editText(world.account, person, messageId, { text: '<b>açık' })).toMatchObject({
      kind: 'rejected',
      reason: 'markup_broken',
    })
    expect(await sender.editText(world.account, person, messageId + 100, { text: 'Yok' })).toMatchObject({
      kind: 'rejected',
      reason: 'message_missing',
    })
  })

  it('deletes a message once', async () => {
    const person = await world.addPerson('started')
    const messageId = idOf(await send(person))
    expect(await sender.deleteMessage(world.account, person, messageId)).toStrictEqual({ kind: 'done' })
    expect(await world.messagesIn(person)).toStrictEqual([])
    expect(await sender.deleteMessage(world.account, person, messageId)).toMatchObject(
      dialect.deletedAgain === 'done' ? { kind: 'done' } : { kind: 'rejected', reason: dialect.deletedAgain },
    )
  })

  it('shows in private chats alone that it thinks, where it can, and leaves no message', async () => {
    const person = await world.addPerson('started')
    const shown = await sender.showThinking(world.account, person, 7)
    expect(await world.messagesIn(person)).toStrictEqual([])
    if (!dialect.showsThinking) return expect(shown).toMatchObject({ kind: 'rejected', reason: 'method_unknown' })
    expect(shown).toStrictEqual({ kind: 'done' })
    expect(await sender.showThinking(world.account, await world.addGroup('member'), 7)).toMatchObject({
      kind: 'rejected',
    })
    const stranger = await world.addPerson('never_started')
    expect(await sender.showThinking(world.account, stranger, 7)).toMatchObject({ kind: 'rejected' })
  })

  it.runIf(dialect.hasButtons)('answers a pressed button, and no other', async () => {
    const person = await world.addPerson('started')
    const message = { chatId: person, text: 'Seç', buttons: [[{ text: 'Evet', action: 'y' }]] }
    await sender.send(world.account, message)
    const callback = await world.pressButton(person)
    expect(await sender.answerCallback(world.account, callback, 'Tamam')).toStrictEqual({ kind: 'done' })
    expect(await sender.answerCallback(world.account, '1')).toMatchObject({
      kind: 'rejected',
      reason: 'callback_expired',
    })
  })
}
