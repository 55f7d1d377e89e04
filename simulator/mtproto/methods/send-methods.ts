import type { MessageEntity } from '@grammyjs/types'
import type { tl } from '@mtcute/core'
import { type RpcContext, type RpcMethods, toSeconds } from '#simulator/mtproto/methods/context.ts'
import { checkMayWrite, isKnownTo } from '#simulator/mtproto/methods/check-may-write.ts'
import { findTarget, type Target } from '#simulator/mtproto/methods/find-target.ts'
import { presentEntities, readEntities } from '#simulator/mtproto/present-entities.ts'
import { presentChannelMessage, presentMail, presentUpdates } from '#simulator/mtproto/present-messages.ts'
import { presentChat } from '#simulator/mtproto/present-peers.ts'
import { requireAccount } from '#simulator/user-accounts/login.ts'
import { voidCodesIn } from '#simulator/user-accounts/login.ts'
import { findByOrigin, openMailbox, originOf, postPrivate } from '#simulator/user-accounts/mailboxes.ts'
import { badRequest, RpcRefusal } from '#simulator/user-accounts/rpc-refusal.ts'
import type { AcceptedSend, Mail, UserAccount } from '#simulator/user-accounts/types.ts'
import { findMessage } from '#simulator/world/messages.ts'
import { chatPlace, dialogPlace, sendToBot, sendToChat } from '#simulator/world/user-actions.ts'

const TEXT_MAX = 4096

/** Sending. A `random_id` that was accepted before answers the original message and delivers nothing. */
export const sendMethods: RpcMethods = {
  'messages.sendMessage': (context, request) => {
    const { accounts, key } = context
    const sender = requireAccount(key)
    const repetition = `${sender.user.id}/${request.randomId.toString()}`
    const before = accounts.accepted.get(repetition)
    if (before) return answerAgain(context, sender, before, request.randomId)
    if (sender.isFrozen) throw new RpcRefusal(420, 'FROZEN_METHOD_INVALID')
    if (request.message.trim() === '') throw badRequest('MESSAGE_EMPTY')
    if (Array.from(request.message).length > TEXT_MAX) throw badRequest('MESSAGE_TOO_LONG')
    const target = findTarget(context, request.peer)
    checkMayWrite(context, sender, target)
    if (sender.isSpamLimited && !isKnownTo(context, sender, target)) throw badRequest('PEER_FLOOD')
    voidCodesIn(accounts, request.message)
    const replyTo = request.replyTo?._ === 'inputReplyToMessage' ? request.replyTo.replyToMsgId : undefined
    const content = { text: request.message, entities: readEntities(request.entities), replyTo }
    const sent = accept(context, sender, target, content)
    accounts.accepted.set(repetition, { messageId: sent.messageId, peerId: sent.peerId })
    return sent.answer(request.randomId)
  },
}

type Content = { readonly text: string; readonly entities: MessageEntity[]; readonly replyTo: number | undefined }

type Sent = AcceptedSend & { readonly answer: (randomId: tl.Long) => tl.TypeUpdates }

function accept(context: RpcContext, sender: UserAccount, target: Target, content: Content): Sent {
  const { accounts } = context
  const { world } = accounts
  const { user } = sender
  const { replyTo, ...bare } = content
  // Without entities of its own a text is searched for links and commands, as the world does for people.
  const body = bare.entities.length > 0 ? bare : { text: bare.text }
  switch (target.kind) {
    case 'person':
      return asPrivate(context, postPrivate(accounts, user, target.user, content))
    case 'bot': {
      const message = sendToBot(world, user, target.bot, body)
      return asPrivate(context, mailOf(context, user.id, originOf(dialogPlace(target.bot, user), message.message_id)))
    }
    case 'group': {
      const message = sendToChat(world, user, target.chat, body)
      return asGroup(context, sender, mailOf(context, user.id, originOf(chatPlace(target.chat), message.message_id)))
    }
    case 'channel': {
      const reply = replyTo === undefined ? null : findMessage(chatPlace(target.chat), replyTo)
      const message = sendToChat(world, user, target.chat, {
        ...body,
        ...(reply && { reply_to_message: reply as never }),
      })
      return asChannel(context, sender, target.chat.id, message.message_id)
    }
  }
}

function mailOf({ accounts }: RpcContext, userId: number, origin: string): Mail {
  const mail = findByOrigin(openMailbox(accounts, userId), origin)
  if (!mail) throw new Error(`message ${origin} did not reach the mailbox of ${userId}`)
  return mail
}

function asPrivate({ accounts }: RpcContext, mail: Mail): Sent {
  const entities = presentEntities(mail.entities)
  return {
    messageId: mail.id,
    peerId: mail.peer.id,
    answer: () => ({
      _: 'updateShortSentMessage',
      out: true,
      id: mail.id,
      pts: openMailbox(accounts, mail.fromId).pts,
      ptsCount: 1,
      date: toSeconds(mail.at),
      ...(entities.length > 0 && { entities }),
    }),
  }
}

function asGroup(context: RpcContext, { user }: UserAccount, mail: Mail, ptsCount = 1): Sent {
  const { accounts } = context
  return {
    messageId: mail.id,
    peerId: mail.peer.id,
    answer: (randomId) => {
      const { pts } = openMailbox(accounts, user.id)
      const updates: tl.TypeUpdate[] = [
        { _: 'updateMessageID', id: mail.id, randomId },
        { _: 'updateNewMessage', message: presentMail(mail), pts, ptsCount },
      ]
      return presentUpdates(accounts, user.id, updates, [mail])
    },
  }
}

function asChannel(context: RpcContext, { user }: UserAccount, chatId: number, messageId: number, ptsCount = 1): Sent {
  const { accounts } = context
  return {
    messageId,
    peerId: chatId,
    answer: (randomId) => {
      const chat = accounts.world.chats.get(chatId)
      const message = chat && findMessage(chatPlace(chat), messageId)
      if (!chat || !message) throw badRequest('MSG_ID_INVALID')
      const pts = accounts.channelPts.get(chatId) ?? 1
      const updates: tl.TypeUpdate[] = [
        { _: 'updateMessageID', id: messageId, randomId },
        { _: 'updateNewChannelMessage', message: presentChannelMessage(user.id, chat, message), pts, ptsCount },
      ]
      const answer = presentUpdates(accounts, user.id, updates, [])
      return { ...answer, chats: [presentChat(accounts, user.id, chat)] }
    },
  }
}

/** The original message once more, marked as no news by a count of 0. */
function answerAgain(
  context: RpcContext,
  sender: UserAccount,
  { messageId, peerId }: AcceptedSend,
  randomId: tl.Long,
): tl.TypeUpdates {
  const mail = openMailbox(context.accounts, sender.user.id).mails.get(messageId)
  const isPrivateOrGroup = mail?.peer.id === peerId
  const sent = isPrivateOrGroup ? asGroup(context, sender, mail, 0) : asChannel(context, sender, peerId, messageId, 0)
  return sent.answer(randomId)
}
