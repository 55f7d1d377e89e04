import type { MessageEntity } from '@grammyjs/types'
import { type RpcContext, type RpcMethods } from '#simulator/mtproto/methods/context.ts'
import { findTarget } from '#simulator/mtproto/methods/find-target.ts'
import { readEntities } from '#simulator/mtproto/present-entities.ts'
import { presentChannelMessage, presentMailEvent, presentUpdates } from '#simulator/mtproto/present-messages.ts'
import { fromChannelId } from '#simulator/mtproto/present-peers.ts'
import { requireAccount } from '#simulator/user-accounts/login.ts'
import { editMail, openMailbox, removeMail } from '#simulator/user-accounts/mailboxes.ts'
import { badRequest, forbidden } from '#simulator/user-accounts/rpc-refusal.ts'
import { deliverToBots } from '#simulator/world/deliver.ts'
import { findMessage, removeMessage } from '#simulator/world/messages.ts'
import type { OwnPlace } from '#simulator/world/types.ts'
import { chatPlace, dialogPlace } from '#simulator/world/user-actions.ts'

/** Editing and deleting one's own messages. */
export const changeMethods: RpcMethods = {
  'messages.editMessage': (context, { peer, id, message: text, entities }) => {
    const { accounts, key } = context
    const me = requireAccount(key).user.id
    if (text === undefined || text.trim() === '') throw badRequest('MESSAGE_EMPTY')
    const target = findTarget(context, peer)
    const content = { text, entities: readEntities(entities) }
    if (target.kind === 'channel') {
      changeInWorld(context, chatPlace(target.chat), id, me, content)
      const message = findMessage(chatPlace(target.chat), id)
      if (!message) throw badRequest('MESSAGE_ID_INVALID')
      const pts = (accounts.channelPts.get(target.chat.id) ?? 1) + 1
      accounts.channelPts.set(target.chat.id, pts)
      const shown = presentChannelMessage(me, target.chat, message)
      const update = { _: 'updateEditChannelMessage', message: shown, pts, ptsCount: 1 } as const
      return presentUpdates(accounts, me, [update], [])
    }
    const mailbox = openMailbox(accounts, me)
    const mail = mailbox.mails.get(id)
    if (!mail) throw badRequest('MESSAGE_ID_INVALID')
    if (!mail.isOut) throw forbidden('MESSAGE_AUTHOR_REQUIRED')
    if (mail.text === text && isSame(mail.entities, content.entities)) throw badRequest('MESSAGE_NOT_MODIFIED')
    const found = placeOf(context, mail.origin)
    if (found) changeInWorld(context, found.place, found.messageId, me, content)
    editMail(accounts, mail.origin, content)
    const event = mailbox.events.at(-1)
    return presentUpdates(accounts, me, event ? [presentMailEvent(event)] : [], [mail])
  },
  'messages.deleteMessages': (context, { id, revoke }) => {
    const { accounts, key } = context
    const mailbox = openMailbox(accounts, requireAccount(key).user.id)
    const mails = id.flatMap((each) => mailbox.mails.get(each) ?? [])
    for (const mail of mails) {
      const found = placeOf(context, mail.origin)
      if (found) removeMessage(found.place, found.messageId)
      if (revoke) removeMail(accounts, mail.origin)
      else mailbox.mails.delete(mail.id)
    }
    return { _: 'messages.affectedMessages', pts: mailbox.pts, ptsCount: mails.length }
  },
  'channels.deleteMessages': ({ accounts, key }, { channel, id }) => {
    const me = requireAccount(key).user.id
    const chat = channel._ === 'inputChannel' ? accounts.world.chats.get(fromChannelId(channel.channelId)) : undefined
    if (!chat) throw badRequest('CHANNEL_INVALID')
    const place = chatPlace(chat)
    const own = id.filter((each) => findMessage(place, each)?.from?.id === me)
    for (const each of own) removeMessage(place, each)
    return { _: 'messages.affectedMessages', pts: accounts.channelPts.get(chat.id) ?? 1, ptsCount: own.length }
  },
}

type Content = { readonly text: string; readonly entities: MessageEntity[] }

function isSame(a: readonly MessageEntity[], b: readonly MessageEntity[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Where in the world a mail lies, besides mailboxes: the dialog with a bot, or a basic group. */
function placeOf(
  { accounts: { world } }: RpcContext,
  origin: string,
): { readonly place: OwnPlace; readonly messageId: number } | null {
  const [kind, first = 0, second = 0, third = 0] = origin.split(':').map((part, i) => (i === 0 ? part : Number(part)))
  const bot = world.bots.get(Number(first))
  const user = world.users.get(Number(second))
  if (kind === 'bot' && bot && user) return { place: dialogPlace(bot, user), messageId: Number(third) }
  const chat = world.chats.get(Number(first))
  return kind === 'chat' && chat ? { place: chatPlace(chat), messageId: Number(second) } : null
}

function changeInWorld(
  { accounts }: RpcContext,
  place: OwnPlace,
  id: number,
  authorId: number,
  content: Content,
): void {
  const { world } = accounts
  const message = findMessage(place, id)
  if (!message) throw badRequest('MESSAGE_ID_INVALID')
  if (message.from?.id !== authorId) throw forbidden('MESSAGE_AUTHOR_REQUIRED')
  if (message.text === content.text && isSame(message.entities ?? [], content.entities)) {
    throw badRequest('MESSAGE_NOT_MODIFIED')
  }
  const edited = { text: content.text, entities: content.entities, edit_date: Math.floor(world.clock.now() / 1000) }
  Object.assign(message, edited)
  deliverToBots(world, place.kind === 'dialog' ? place : place.chat, message, null, true)
}
