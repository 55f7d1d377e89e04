import { z } from 'zod'

import { LOCALES, type Locale } from '#contract/words.ts'

const userShape = z.looseObject({
  id: z.int().positive(),
  is_bot: z.boolean().default(false),
  first_name: z.string().default(''),
  last_name: z.string().default(''),
  username: z.string().optional(),
  language_code: z.string().optional(),
})

const chatShape = z.looseObject({ id: z.int(), type: z.string() })
const fileShape = z.looseObject({ file_id: z.string() })

const messageShape = z.looseObject({
  message_id: z.int(),
  from: userShape,
  chat: chatShape,
  text: z.string().optional(),
  caption: z.string().optional(),
  photo: z.array(fileShape).optional(),
  document: fileShape.optional(),
  successful_payment: z.unknown().optional(),
  refunded_payment: z.unknown().optional(),
})

/** The parts of an update that are read before grammY's router sees it: broken ones go no further. */
const updateShape = z.union([
  z.looseObject({ message: messageShape }),
  z.looseObject({
    callback_query: z.looseObject({
      id: z.string(),
      from: userShape,
      data: z.string().optional(),
      message: z.looseObject({ message_id: z.int(), chat: chatShape }).optional(),
    }),
  }),
  z.looseObject({ managed_bot: z.looseObject({ user: userShape, bot: z.looseObject({ id: z.int() }) }) }),
  z.looseObject({
    my_chat_member: z.looseObject({
      from: userShape,
      chat: chatShape,
      new_chat_member: z.looseObject({ status: z.string() }),
    }),
  }),
])

export interface ExchangePerson {
  readonly telegramId: number
  readonly name: string
  readonly username: string | null
  /** The language of their Telegram where it is one of ours, else Turkish. */
  readonly locale: Locale
}

/** What happened between one person and the panel bot. */
export interface Exchange {
  readonly kind: 'message' | 'press' | 'member' | 'managed'
  readonly person: ExchangePerson
  readonly chatId: number
  readonly isPrivate: boolean
  /** The message written, or the one whose button was pressed; null for what has none. */
  readonly messageId: number | null
  readonly callbackId: string | null
  /** New standing of the bot in the chat, for `member`. */
  readonly status: string
}

const localeOf = (code: string | undefined): Locale =>
  LOCALES.find((locale) => locale === code?.slice(0, 2).toLowerCase()) ?? 'tr'

const personOf = (user: z.output<typeof userShape>): ExchangePerson => ({
  telegramId: user.id,
  name: `${user.first_name} ${user.last_name}`.trim() || String(user.id),
  username: user.username ?? null,
  locale: localeOf(user.language_code),
})

const exchange = (
  kind: Exchange['kind'],
  user: z.output<typeof userShape>,
  chat: { readonly id: number; readonly type: string },
  rest: Partial<Pick<Exchange, 'messageId' | 'callbackId' | 'status'>>,
): Exchange => ({
  kind,
  person: personOf(user),
  chatId: chat.id,
  isPrivate: chat.type === 'private',
  messageId: null,
  callbackId: null,
  status: '',
  ...rest,
})

/** Reads any stored update; null for kinds and shapes the panel has no use for. */
export const readExchange = (payload: unknown): Exchange | null => {
  const parsed = updateShape.safeParse(payload)
  if (!parsed.success) return null
  const update = parsed.data
  if ('message' in update) {
    const { message } = update as { readonly message: z.output<typeof messageShape> }
    return exchange('message', message.from, message.chat, { messageId: message.message_id })
  }
  if ('callback_query' in update) {
    const query = update.callback_query as {
      readonly id: string
      readonly from: z.output<typeof userShape>
      readonly message?: { readonly message_id: number; readonly chat: z.output<typeof chatShape> }
    }
    const chat = query.message?.chat ?? { id: query.from.id, type: 'private' }
    return exchange('press', query.from, chat, {
      messageId: query.message?.message_id ?? null,
      callbackId: query.id,
    })
  }
  if ('managed_bot' in update) {
    const { user } = update.managed_bot as { readonly user: z.output<typeof userShape> }
    return exchange('managed', user, { id: user.id, type: 'private' }, {})
  }
  const member = update.my_chat_member as {
    readonly from: z.output<typeof userShape>
    readonly chat: z.output<typeof chatShape>
    readonly new_chat_member: { readonly status: string }
  }
  return exchange('member', member.from, member.chat, { status: member.new_chat_member.status })
}
