import type { TelegramClient } from '@mtcute/node'
import { Long } from '@mtcute/core'

/** As many of the chat's latest messages as Telegram shows at once. */
const LATEST = 100
/** Our clock and Telegram's may differ. */
const SKEW_SECONDS = 60

export interface SoughtMessage {
  readonly chatId: number
  /** As it stands in Telegram, without markup. */
  readonly text: string
  /** The number it was sent under: its upper half is the second of the first call. */
  readonly randomId: bigint
}

/**
 * The number of our own message with this text in the chat, from the second of its first call on; null unless there is
 * exactly one: two could be two sends. Throws what the calls throw.
 */
export const findSentMessage = async (
  client: TelegramClient,
  { chatId, text, randomId }: SoughtMessage,
  abortSignal: AbortSignal,
): Promise<number | null> => {
  const since = Number(BigInt.asIntN(64, randomId) >> 32n) - SKEW_SECONDS
  const answer = await client.call(
    {
      _: 'messages.getHistory',
      peer: await client.resolvePeer(chatId),
      offsetId: 0,
      offsetDate: 0,
      addOffset: 0,
      limit: LATEST,
      maxId: 0,
      minId: 0,
      hash: Long.ZERO,
    },
    { abortSignal },
  )
  const messages = 'messages' in answer ? answer.messages : []
  const ours = messages.flatMap((message) =>
    message._ === 'message' && message.out === true && message.message.trim() === text.trim() && message.date >= since
      ? [message.id]
      : [],
  )
  return ours.length === 1 ? (ours[0] ?? null) : null
}
