import { SECOND_MS } from '#server/base/duration.ts'
import type { UpdateOwner } from '#server/doors/updates/index.ts'

export interface Group {
  readonly owner: UpdateOwner
  readonly telegramId: number
  /** Public name of the bot that is in it. */
  readonly username: string
}

/** In every group as many people, and as many of them who write all the time, though never so much as to flood. */
const PEOPLE = 1_500
const TALKERS = 30
/** Every so manieth message is a talker's. */
const TALKER_EVERY = 5
/** A busy group, in the messages' own time: what one poll brings was written within half a minute. */
const MESSAGES_PER_SECOND = 4

const MENTION_EVERY = 97
const SPAM_EVERY = 499
const LINK_EVERY = 13

export const isSpam = (n: number): boolean => n % SPAM_EVERY === 0

/** When the message was written, epoch ms. */
export const instantOf = (start: number, n: number): number => start + (n * SECOND_MS) / MESSAGES_PER_SECOND

const textOf = (n: number, username: string): string => {
  if (isSpam(n)) return `Garanti kazanç burada: https://ornek.example/${n}`
  if (n % MENTION_EVERY === 0) return `@${username} bugün açık mısınız?`
  if (n % LINK_EVERY === 0) return `Bakın https://ornek.example/${n}`
  return `Bugün saat ${n} gibi buluşalım mı, ne dersiniz?`
}

/** Telegram's number of who wrote the group's n-th message; the groups share nobody. */
export const personOf = (group: Group, n: number): number => {
  const one = n % TALKER_EVERY === 0 ? (n / TALKER_EVERY) % TALKERS : TALKERS + (n % (PEOPLE - TALKERS))
  return 5_000_000 + (Math.abs(group.telegramId) % 1_000) * 10_000 + one
}

/** The group's n-th message (from 1) as Telegram tells of it, written at `at` (epoch ms). */
export const updateOf = (group: Group, n: number, at: number) => {
  const text = textOf(n, group.username)
  const id = personOf(group, n)
  const link = text.indexOf('https://')
  const entities = text.startsWith('@')
    ? [{ type: 'mention', offset: 0, length: group.username.length + 1 }]
    : link >= 0
      ? [{ type: 'url', offset: link, length: text.length - link }]
      : undefined
  return {
    update_id: n,
    message: {
      message_id: n,
      date: Math.floor(at / SECOND_MS),
      from: { id, is_bot: false, first_name: `Kişi ${id}`, language_code: 'tr' },
      chat: { id: group.telegramId, type: 'supergroup', title: 'Meydan' },
      text,
      ...(entities && { entities }),
    },
  }
}
