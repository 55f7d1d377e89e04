import { SECOND_MS } from '#server/base/duration.ts'
import { invalid } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { burstsOf } from './spam-burst.rules.ts'
import { type SpamParameters, effectiveLevel, parametersOf } from './spam-level.rules.ts'
import { bannedWords, signsOf } from './spam-text.rules.ts'
import {
  type NewFinding,
  type SpamCount,
  type WatchedChat,
  countFindings,
  insertFindings,
  listInstants,
  listWatchedChats,
} from './spam.store.ts'
import { wantSpamActs } from './want-spam-acts.ts'

/** A message of a person in one of the tenant's groups, already recorded. `at` is epoch ms. */
export interface GroupMessage {
  readonly contactId: number
  readonly chatTelegramId: number
  readonly messageId: number
  readonly updateId: number
  readonly at: number
  /** Empty for a message without words. */
  readonly text: string
  /** The message has a link, written out or not. */
  readonly hasLink: boolean
  /** When its person was heard of before, if that is known: it spares looking for what cannot be there. */
  readonly seenBeforeAt?: number | null
}

interface Watch {
  readonly chat: WatchedChat
  readonly parameters: SpamParameters
  readonly isBanned: (text: string) => boolean
}

/**
 * Looks at messages that came into groups and writes down what looks like spam: pattern, measure and whose message it
 * was, never what it said. What the group's settings say is to follow is wanted at once and done later. In the
 * transaction that records the messages, with two statements for any number of them and a third when something is found;
 * said again, it changes nothing. Returns how many signs were seen.
 */
export const detectSpam = async (
  tx: TenantTx,
  accountId: number,
  messages: readonly GroupMessage[],
): Promise<number> => {
  if (messages.length === 0) return 0
  const chats = await listWatchedChats(tx, [...new Set(messages.map((message) => message.chatTelegramId))])
  const watches = new Map([...chats].map(([telegramId, chat]) => [telegramId, watchOf(chat)]))
  const watched = messages.flatMap((message) => {
    const watch = watches.get(message.chatTelegramId)
    return watch ? [{ message, watch }] : []
  })
  const found = [
    ...watched.flatMap(({ message, watch }) =>
      signsOf(message.text, message.hasLink, watch.parameters, watch.isBanned).map((sign) =>
        findingOf(accountId, watch.chat, message, { ...sign, onceInSeconds: 0 }),
      ),
    ),
    ...(await findBursts(tx, accountId, watched)),
  ]
  const fresh = await insertFindings(tx, found)
  for (const [chatId, ofChat] of Map.groupBy(fresh, (finding) => finding.chatId)) {
    const settings = [...chats.values()].find((chat) => chat.id === chatId)?.moderation
    if (settings) await wantSpamActs(tx, { chatId, settings }, ofChat)
  }
  return found.length
}

const watchOf = (chat: WatchedChat): Watch => ({
  chat,
  parameters: parametersOf(effectiveLevel(chat.level, chat.package), chat.own, chat.ofChat),
  isBanned: bannedWords(chat.words),
})

const findingOf = (
  accountId: number,
  { id: chatId }: WatchedChat,
  { contactId, messageId, updateId, at }: GroupMessage,
  sign: Pick<NewFinding, 'pattern' | 'measure' | 'onceInSeconds'>,
): NewFinding => ({ chatId, contactId, messageId, updateId, accountId, at, ...sign })

const findBursts = async (
  tx: TenantTx,
  accountId: number,
  watched: readonly { readonly message: GroupMessage; readonly watch: Watch }[],
): Promise<readonly NewFinding[]> => {
  const senders = [
    ...Map.groupBy(watched, ({ message }) => `${message.chatTelegramId}:${message.contactId}`).values(),
  ].map((mine) => mine.toSorted((a, b) => a.message.at - b.message.at))
  const spans = senders.flatMap((mine) => {
    const [first, last] = [mine[0], mine.at(-1)]
    if (!first || !last) return []
    const since = first.message.at - first.watch.parameters.burstSeconds * SECOND_MS
    return [{ ...first.message, since, until: last.message.at }]
  })
  // Whoever was not heard of within the window wrote nothing in it before these messages.
  const asked = spans.filter(({ seenBeforeAt, since }) => seenBeforeAt === undefined || (seenBeforeAt ?? 0) > since)
  const answers = await listInstants(tx, asked)
  const instants = new Map(asked.map((span, i) => [span, answers[i]]))
  return senders.flatMap((mine, i) => {
    const { parameters, chat } = mine[0]?.watch ?? {}
    if (!parameters || !chat) return []
    const fresh = mine.map(({ message }) => message.at)
    const span = spans[i]
    return burstsOf((span && instants.get(span)) ?? fresh, fresh, parameters).flatMap(({ index, measure }) => {
      const message = mine[index]?.message
      const sign = { pattern: 'burst', measure, onceInSeconds: parameters.burstSeconds } as const
      return message ? [findingOf(accountId, chat, message, sign)] : []
    })
  })
}

/** What was found in [since, until), epoch ms, by group and pattern. Errors: `invalid/period_empty`. */
export const reportSpam = (
  tx: TenantTx,
  period: { readonly since: number; readonly until: number; readonly chatId?: number },
): Promise<readonly SpamCount[]> => {
  if (!(period.since < period.until)) throw invalid('period_empty', 'since')
  return countFindings(tx, period)
}
