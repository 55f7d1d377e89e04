import type { Message, MessageEntity } from '@grammyjs/types'
import { isPresent } from '#simulator/world/members.ts'
import type { Mail, Mailbox, MailEvent, PeerName, UserAccounts } from '#simulator/user-accounts/types.ts'
import type { Place, SimUser } from '#simulator/world/types.ts'

/** Events a client may catch up on; one that missed more reads the history. */
const KEEP_EVENTS = 1000

/** The person's mailbox, opened at the first message. */
export function openMailbox(accounts: UserAccounts, userId: number): Mailbox {
  const known = accounts.mailboxes.get(userId)
  if (known) return known
  const mailbox: Mailbox = { userId, mails: new Map(), events: [], nextId: 1, pts: 1 }
  accounts.mailboxes.set(userId, mailbox)
  return mailbox
}

export type MailContent = {
  readonly text: string
  readonly entities: readonly MessageEntity[]
  /** A number in the sender's mailbox. */
  readonly replyTo?: number | undefined
}

/** Carries a private message from one person to another; answers the sender's copy. */
export function postPrivate(accounts: UserAccounts, from: SimUser, to: SimUser, content: MailContent): Mail {
  const sender = openMailbox(accounts, from.id)
  const origin = `person:${from.id}:${sender.nextId}`
  const sent = deliver(accounts, sender, { kind: 'user', id: to.id }, from.id, origin, content, content.replyTo)
  if (to.id === from.id) return sent
  const target = content.replyTo === undefined ? undefined : sender.mails.get(content.replyTo)?.origin
  const recipient = openMailbox(accounts, to.id)
  const replyTo = target === undefined ? undefined : findByOrigin(recipient, target)?.id
  deliver(accounts, recipient, { kind: 'user', id: from.id }, from.id, origin, content, replyTo)
  return sent
}

/** Puts a message of the world into the mailboxes of those who see it: a bot's partner, or a basic group's members. */
export function copyToMailboxes(accounts: UserAccounts, place: Place, message: Message): void {
  const text = message.text ?? message.caption
  const from = message.from?.id
  if (text === undefined || from === undefined) return
  const content = { text, entities: message.entities ?? message.caption_entities ?? [] }
  const origin = originOf(place, message.message_id)
  const reply = message.reply_to_message?.message_id
  for (const [userId, peer] of readersOf(accounts, place)) {
    const mailbox = openMailbox(accounts, userId)
    const replyTo = reply === undefined ? undefined : findByOrigin(mailbox, originOf(place, reply))?.id
    deliver(accounts, mailbox, peer, from, origin, content, replyTo)
  }
}

export function originOf(place: Place, messageId: number): string {
  if (place.kind === 'business') return `personal:${place.link.owner.id}:${messageId}`
  return place.kind === 'dialog'
    ? `bot:${place.bot.id}:${place.dialog.user.id}:${messageId}`
    : `chat:${place.chat.id}:${messageId}`
}

/** People without an account of their own keep no mailbox for bots and groups. */
function readersOf(accounts: UserAccounts, place: Place): readonly (readonly [number, PeerName])[] {
  if (place.kind === 'dialog') {
    const { id } = place.dialog.user
    return accounts.byUser.has(id) ? [[id, { kind: 'user', id: place.bot.id }]] : []
  }
  if (place.kind === 'business' || place.chat.type !== 'group') return []
  return [...accounts.byUser.keys()]
    .filter((id) => isPresent(place.chat.members.get(id)))
    .map((id) => [id, { kind: 'chat', id: place.chat.id }])
}

function deliver(
  accounts: UserAccounts,
  mailbox: Mailbox,
  peer: PeerName,
  fromId: number,
  origin: string,
  { text, entities }: MailContent,
  replyTo: number | undefined,
): Mail {
  const mail: Mail = {
    id: mailbox.nextId++,
    peer,
    fromId,
    isOut: fromId === mailbox.userId,
    at: accounts.world.clock.now(),
    text,
    entities,
    replyTo,
    editedAt: 0,
    origin,
  }
  mailbox.mails.set(mail.id, mail)
  if (mailbox.mails.size > accounts.world.settings.keepMessagesPerChat) {
    for (const oldest of mailbox.mails.keys()) {
      mailbox.mails.delete(oldest)
      break
    }
  }
  record(accounts, mailbox, 'new', mail)
  return mail
}

/** Changes the text everywhere the message lies. */
export function editMail(accounts: UserAccounts, origin: string, content: MailContent): void {
  forEachCopy(accounts, origin, (mailbox, mail) => {
    mail.text = content.text
    mail.entities = content.entities
    mail.editedAt = accounts.world.clock.now()
    record(accounts, mailbox, 'edited', mail)
  })
}

/** Takes the message out of every mailbox it lies in. */
export function removeMail(accounts: UserAccounts, origin: string): void {
  forEachCopy(accounts, origin, (mailbox, mail) => {
    mailbox.mails.delete(mail.id)
    record(accounts, mailbox, 'deleted', mail)
  })
}

function forEachCopy(accounts: UserAccounts, origin: string, work: (mailbox: Mailbox, mail: Mail) => void): void {
  for (const mailbox of accounts.mailboxes.values()) {
    const mail = findByOrigin(mailbox, origin)
    if (mail) work(mailbox, mail)
  }
}

export function findByOrigin(mailbox: Mailbox, origin: string): Mail | null {
  for (const mail of mailbox.mails.values()) if (mail.origin === origin) return mail
  return null
}

function record(accounts: UserAccounts, mailbox: Mailbox, kind: MailEvent['kind'], mail: Mail): void {
  mailbox.pts += 1
  const event: MailEvent = { kind, pts: mailbox.pts, mail }
  mailbox.events.push(event)
  if (mailbox.events.length > KEEP_EVENTS * 2) mailbox.events.splice(0, mailbox.events.length - KEEP_EVENTS)
  for (const tell of accounts.listeners) tell({ kind: 'mail', userId: mailbox.userId, event })
}

/** Counts a message of a supergroup or channel, for clients that catch up; answers its number in the channel's stream. */
export function recordChannelMessage(accounts: UserAccounts, chatId: number, messageId: number): number {
  const pts = (accounts.channelPts.get(chatId) ?? 1) + 1
  accounts.channelPts.set(chatId, pts)
  const events = accounts.channelEvents.get(chatId) ?? []
  accounts.channelEvents.set(chatId, events)
  events.push({ pts, messageId, at: accounts.world.clock.now() })
  if (events.length > KEEP_EVENTS * 2) events.splice(0, events.length - KEEP_EVENTS)
  return pts
}
