import type { TelegramClient } from '@mtcute/node'
import { Long, type tl } from '@mtcute/core'
import { randomLong } from '@mtcute/core/utils.js'

import type { ActResult, SendResult } from '../../call-result.ts'
import type { FailureReason } from '../../failures.ts'
import { resultOfFailure } from '../../result-of-failure.ts'
import type { OutgoingMessage, TelegramAccount, TelegramSender } from '../../sender.ts'
import { type RpcReply, callRpc } from './call-rpc.ts'
import { type ClientPool, DEFAULT_CALL_TIMEOUT_MS } from './client-pool.ts'
import { findChatState } from './find-chat-state.ts'
import { findSentMessage } from './find-sent-message.ts'
import { parseHtml } from './parse-html.ts'
import { sessionOf } from './session-of.ts'

const TEXT_MAX = 4096

/** Refusals that say nothing about why a group is closed to us. */
const UNCLEAR: ReadonlySet<FailureReason> = new Set(['chat_not_found', 'no_send_right', 'not_a_member', 'chat_refused'])

/**
 * Sends as a person, in the chats the account has. The same `randomId` is the same message: mtcute itself repeats a call
 * whose connection broke, and a caller may repeat one that ended as `unknown`.
 */
export const createMtprotoSender = (pool: ClientPool, timeoutMs = DEFAULT_CALL_TIMEOUT_MS): TelegramSender => {
  const run = async <T>(
    account: TelegramAccount,
    work: (client: TelegramClient, signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<RpcReply<T>> => callRpc(() => pool.get(sessionOf(account)), work, { timeoutMs, signal })

  /** What a failed call means; groups are looked at, since Telegram's refusals do not say what is wrong. */
  const failed = async (
    account: TelegramAccount,
    chatId: number,
    reply: Exclude<RpcReply<unknown>, { kind: 'answered' }>,
  ) => {
    if (reply.kind === 'silent') return resultOfFailure(reply.reason, { chatId })
    const { failure, waitSeconds } = reply.meaning
    const context = { errorCode: reply.code, retryAfterSeconds: waitSeconds ?? undefined, chatId }
    if (chatId > 0 || !UNCLEAR.has(failure)) return resultOfFailure(failure, context)
    const state = await run(account, (client, signal) => findChatState(client, chatId, signal))
    if (state.kind !== 'answered') return resultOfFailure(failure, context)
    const { reason, newChatId } = state.value
    return resultOfFailure(reason ?? failure, { ...context, newChatId })
  }

  return {
    async send(account, message, signal) {
      const content = readContent(message)
      if (typeof content === 'string') return rejected(content)
      if (account.sessionId === undefined) return sessionMissing
      const { chatId, randomId } = message
      const reply = await run(
        account,
        async (client, abortSignal) =>
          client.call(
            {
              _: 'messages.sendMessage',
              peer: await client.resolvePeer(chatId),
              message: content.text,
              entities: content.entities,
              ...optionsOf(message),
            },
            { abortSignal },
          ),
        signal,
      )
      if (reply.kind === 'answered') return asSent(reply.value)
      if (reply.kind === 'refused' && reply.meaning.failure === 'random_id_used' && randomId !== undefined) {
        const sought = { chatId, text: content.text, randomId }
        return asAcceptedBefore(await run(account, (client, abort) => findSentMessage(client, sought, abort), signal))
      }
      const failure = await failed(account, chatId, reply)
      return failure === 'reached' ? { kind: 'unknown', reason: 'random_id_used' } : failure
    },

    async editText(account, chatId, messageId, message): Promise<SendResult> {
      const content = readContent({ ...message, chatId })
      if (typeof content === 'string') return rejected(content)
      if (account.sessionId === undefined) return sessionMissing
      const reply = await run(account, async (client, abortSignal) =>
        client.call(
          {
            _: 'messages.editMessage',
            peer: await client.resolvePeer(chatId),
            id: messageId,
            message: content.text,
            entities: content.entities,
            noWebpage: true,
          },
          { abortSignal },
        ),
      )
      if (reply.kind === 'answered') return { kind: 'sent', messageId }
      const failure = await failed(account, chatId, reply)
      return failure === 'reached' ? { kind: 'sent', messageId } : failure
    },

    async deleteMessage(account, chatId, messageId): Promise<ActResult> {
      if (account.sessionId === undefined) return sessionMissing
      const reply = await run(account, (client, signal) => remove(client, chatId, messageId, signal))
      if (reply.kind === 'answered') return reply.value > 0 ? { kind: 'done' } : rejected('message_missing')
      const failure = await failed(account, chatId, reply)
      return failure === 'reached' ? { kind: 'done' } : failure
    },

    ...BOTS_ALONE,
  }
}

/** Buttons and previews belong to bots. */
const BOTS_ALONE: Pick<TelegramSender, 'answerCallback' | 'showThinking'> = {
  answerCallback: () => Promise.resolve(rejected('callback_expired')),
  showThinking: () => Promise.resolve(rejected('method_unknown')),
}

const sessionMissing = { kind: 'account_lost', reason: 'session_lost', errorCode: 0 } as const

const rejected = (reason: FailureReason) => ({ kind: 'rejected', reason, errorCode: 400 }) as const

const replyTo = ({ replyToMessageId }: OutgoingMessage): { readonly replyTo?: tl.TypeInputReplyTo } =>
  replyToMessageId === undefined ? {} : { replyTo: { _: 'inputReplyToMessage', replyToMsgId: replyToMessageId } }

const optionsOf = (message: OutgoingMessage) => ({
  noWebpage: message.linkPreview !== true,
  silent: message.silent ?? false,
  randomId:
    message.randomId === undefined ? randomLong() : Long.fromString(BigInt.asIntN(64, message.randomId).toString()),
  ...replyTo(message),
})

/** Text and entities; the reason where Telegram or this kind of account would refuse them. */
const readContent = (message: OutgoingMessage) => {
  if (message.invoice) return 'method_unknown'
  if (message.media) return 'media_unusable'
  if (message.buttons !== undefined && message.buttons.length > 0) return 'buttons_invalid'
  const content = parseHtml(message.text)
  if (!content) return 'markup_broken'
  if (content.text.trim() === '') return 'text_empty'
  return Array.from(content.text).length > TEXT_MAX ? 'text_too_long' : content
}

/** Without a message number the answer is no proof of anything, so the send stays in doubt. */
const asSent = (updates: tl.TypeUpdates): SendResult => {
  if (updates._ === 'updateShortSentMessage') return { kind: 'sent', messageId: updates.id }
  const numbered = 'updates' in updates ? updates.updates.find(({ _: name }) => name === 'updateMessageID') : undefined
  return numbered?._ === 'updateMessageID'
    ? { kind: 'sent', messageId: numbered.id }
    : { kind: 'unknown', reason: 'bad_json' }
}

/**
 * Telegram says that the number was used: the message is proven to be there only when it is found. Where the chat cannot
 * be looked at now, the send stays in doubt as a call without an answer does, and may be repeated.
 */
const asAcceptedBefore = (reply: RpcReply<number | null>): SendResult => {
  if (reply.kind === 'silent') return { kind: 'unknown', reason: 'timeout' }
  if (reply.kind === 'refused') return { kind: 'unknown', reason: 'server_error' }
  return reply.value === null ? { kind: 'unknown', reason: 'random_id_used' } : { kind: 'sent', messageId: reply.value }
}

/** How many messages were deleted: 0 or 1. */
const remove = async (
  client: TelegramClient,
  chatId: number,
  id: number,
  abortSignal: AbortSignal,
): Promise<number> => {
  const peer = await client.resolvePeer(chatId)
  const answer =
    peer._ === 'inputPeerChannel'
      ? await client.call(
          {
            _: 'channels.deleteMessages',
            channel: { _: 'inputChannel', channelId: peer.channelId, accessHash: peer.accessHash },
            id: [id],
          },
          { abortSignal },
        )
      : await client.call({ _: 'messages.deleteMessages', revoke: true, id: [id] }, { abortSignal })
  return answer.ptsCount
}
