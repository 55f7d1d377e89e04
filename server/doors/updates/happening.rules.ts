import { invalid } from '#server/base/errors.ts'
import { DAY_MS } from '#server/base/duration.ts'
import type { InboxUpdate } from '#server/modules/accounts/index.ts'
import type { ActivityKind, ChatRef, ContactActivity, MessageKind, Person } from '#server/modules/contacts/index.ts'
import { type GroupChat, OWN_STATUSES, type OwnStatus, rightsOf } from '#server/modules/groups/index.ts'

import { type BusinessNews, isForAnotherAccount, readDeleted } from './business-updates.rules.ts'
import {
  type ChatShape,
  type MemberUpdateShape,
  type MessageShape,
  type UserShape,
  callbackShape,
  joinRequestShape,
  memberUpdateShape,
  messageShape,
  reactionShape,
} from './telegram-shapes.ts'

/** Words in a group. */
export interface Heard {
  readonly person: Person
  readonly text: string
  /** Public names it mentions, in lower case, and people it mentions by number. */
  readonly mentions: readonly string[]
  readonly mentionedIds: readonly number[]
  /** Whose message it answers. */
  readonly repliesToId: number | null
  /** `/kurallar@ornek_bot`: the name without its slash, and for whom it is if that is said; in lower case. */
  readonly command: { readonly name: string; readonly to: string | null } | null
}

/** What an update means, before anything is looked up. */
export interface Happening {
  /** Tells also to which account it came. */
  readonly update: InboxUpdate
  /** Epoch ms. */
  readonly at: number
  readonly activities: readonly ContactActivity[]
  /** The activities repeat what administrators are told by `chat_member`. */
  readonly isServiceMessage: boolean
  /** What a person wrote to the account alone. */
  readonly said: { readonly person: Person; readonly text: string } | null
  /** What a person wrote into a group, and to whom. */
  readonly heard: Heard | null
  /** A button a person pressed; `isPrivate` when the message hangs in their private chat. */
  readonly pressed: {
    readonly person: Person
    readonly callbackId: string
    readonly data: string
    readonly isPrivate: boolean
  } | null
  /** What the account itself became in a group or channel. */
  readonly own: { readonly chat: GroupChat; readonly own: OwnStatus; readonly by: number } | null
  /** What else happened in a business account's private chat. */
  readonly business: BusinessNews | null
  readonly migration: { readonly from: number; readonly to: number } | null
  /** Why there is nothing to do; null when there is. */
  readonly ignored: string | null
}

/** Telegram gives whole seconds and the last 24 hours; anything beyond is somebody's broken clock. */
const instantOf = (dateSeconds: number, receivedAt: number): number => {
  const upTo = Math.trunc(dateSeconds) * 1_000 + 999
  return upTo > receivedAt - 7 * DAY_MS && upTo < receivedAt ? upTo : receivedAt
}

const personOf = (user: UserShape): Person => ({
  telegramId: user.id,
  username: user.username,
  firstName: user.first_name,
  lastName: user.last_name,
  languageCode: user.language_code,
  isPremium: user.is_premium,
  isBot: user.is_bot,
})

const groupOf = (chat: ChatShape): GroupChat | null =>
  chat.type === 'private'
    ? null
    : { telegramId: chat.id, kind: chat.type, title: chat.title, username: chat.username ?? null }

const chatRefOf = (chat: ChatShape): { readonly chat?: ChatRef } =>
  chat.type === 'private' ? {} : { chat: { telegramId: chat.id, kind: chat.type, title: chat.title } }

const MEDIA: readonly (readonly [keyof MessageShape, MessageKind])[] = [
  ['photo', 'photo'],
  ['video', 'video'],
  ['video_note', 'video'],
  ['animation', 'video'],
  ['voice', 'voice'],
  ['audio', 'voice'],
  ['document', 'document'],
  ['sticker', 'sticker'],
  ['poll', 'poll'],
]

const LINKS: ReadonlySet<string> = new Set(['url', 'text_link'])

const messageKindOf = (message: MessageShape): MessageKind => {
  const media = MEDIA.find(([field]) => message[field] !== undefined)
  if (media) return media[1]
  if (message.text === undefined) return 'other'
  return message.entities?.some((entity) => LINKS.has(entity.type)) ? 'link' : 'text'
}

type Context = {
  readonly update: InboxUpdate
  readonly accountId: number
  /** The account's owner, where people write to a person and not to a bot. */
  readonly ownerTelegramId: number | null
}

const blank = ({ update }: Context, at: number): Happening => ({
  update,
  at,
  activities: [],
  isServiceMessage: false,
  said: null,
  heard: null,
  pressed: null,
  own: null,
  business: null,
  migration: null,
  ignored: null,
})

const ignore = (context: Context, why: string): Happening => ({
  ...blank(context, context.update.receivedAt),
  ignored: why,
})

const GROUP_COMMAND = /^\/([a-z0-9_çğıöşü]{1,32})(?:@(\w{3,32}))?(?:\s|$)/i

const heardOf = (message: MessageShape, person: Person, text: string): Heard => {
  const entities = message.entities ?? message.caption_entities ?? []
  const command = GROUP_COMMAND.exec(text)
  return {
    person,
    text,
    mentions: entities
      .filter(({ type }) => type === 'mention')
      .map(({ offset, length }) => text.slice(offset + 1, offset + length).toLowerCase()),
    mentionedIds: entities.flatMap(({ user }) => (user ? [user.id] : [])),
    repliesToId: message.reply_to_message?.from?.id ?? null,
    command: command ? { name: (command[1] ?? '').toLowerCase(), to: command[2]?.toLowerCase() ?? null } : null,
  }
}

const START = /^\/start(?:@\w+)?(?:\s+(\S{1,64}))?\s*$/i

const readMessage = (context: Context, body: unknown): Happening => {
  const message = messageShape.parse(body)
  const at = instantOf(message.date, context.update.receivedAt)
  const base = blank(context, at)
  if (message.migrate_to_chat_id !== undefined) {
    return { ...base, migration: { from: message.chat.id, to: message.migrate_to_chat_id } }
  }
  const joined = message.new_chat_members ?? []
  if (joined.length > 0 || message.left_chat_member) {
    const activity = (user: UserShape, kind: ActivityKind): ContactActivity => ({
      accountId: context.accountId,
      person: personOf(user),
      at,
      kind,
      ...chatRefOf(message.chat),
    })
    const left = message.left_chat_member ? [activity(message.left_chat_member, 'left_chat')] : []
    return {
      ...base,
      isServiceMessage: true,
      activities: [...joined.map((user) => activity(user, 'joined_chat')), ...left],
    }
  }
  // Written by nobody; the lane of Stars has taken it in.
  if (message.successful_payment !== undefined || message.refunded_payment !== undefined) return base
  if (!message.from || message.sender_chat !== undefined) return ignore(context, 'posted as a chat')
  const person = personOf(message.from)
  const text = message.text ?? message.caption
  const isPrivate = message.chat.type === 'private'
  const start = isPrivate ? START.exec(text ?? '') : null
  const activity: ContactActivity = {
    accountId: context.accountId,
    person,
    at,
    kind: start ? 'started' : isPrivate ? 'message' : 'group_message',
    ...chatRefOf(message.chat),
    ...(text !== undefined && !start && { text }),
    ...(start?.[1] !== undefined && { startPayload: start[1] }),
    messageKind: messageKindOf(message),
    messageId: message.message_id,
    updateId: context.update.updateId,
  }
  return {
    ...base,
    activities: [activity],
    said: isPrivate ? { person, text: text ?? '' } : null,
    heard: isPrivate || text === undefined ? null : heardOf(message, person, text),
  }
}

/** The chat of a business account bears the other person's number, whoever of the two wrote. */
const readBusinessMessage = (context: Context, body: unknown): Happening => {
  const message = messageShape.parse(body)
  const { chat, from } = message
  if (chat.type !== 'private' || chat.id === context.ownerTelegramId) return ignore(context, 'no chat with anybody')
  if (from?.id === chat.id) {
    const said = readMessage(context, body)
    // A person's chat has no Start button: whoever types the command has said a word like any other.
    return { ...said, activities: said.activities.map((activity) => ({ ...activity, kind: 'message' as const })) }
  }
  const words = {
    telegramId: chat.id,
    messageId: message.message_id,
    messageKind: messageKindOf(message),
    text: message.text ?? message.caption ?? null,
  }
  const base = blank(context, instantOf(message.date, context.update.receivedAt))
  return { ...base, business: { kind: 'by_hand', ...words } }
}

const readBusinessEdit = (context: Context, body: unknown): Happening => {
  const { chat, message_id: messageId, text, caption } = messageShape.parse(body)
  const business = { kind: 'edited', chatId: chat.id, messageId, text: text ?? caption ?? null } as const
  return { ...blank(context, context.update.receivedAt), business }
}

const readCallback = (context: Context, body: unknown): Happening => {
  const callback = callbackShape.parse(body)
  const person = personOf(callback.from)
  const chat = callback.message?.chat
  const isPrivate = chat?.type === 'private'
  const base = blank(context, context.update.receivedAt)
  const pressed = { person, callbackId: callback.id, data: callback.data ?? '', isPrivate }
  if (!chat) return { ...base, pressed }
  const activity: ContactActivity = {
    accountId: context.accountId,
    person,
    at: base.at,
    kind: 'button',
    ...chatRefOf(chat),
    messageId: callback.message?.message_id ?? 0,
    updateId: context.update.updateId,
    label: pressed.data,
  }
  return { ...base, pressed, activities: [activity] }
}

const readOwnMember = (context: Context, body: unknown): Happening => {
  const change = memberUpdateShape.parse(body)
  const base = blank(context, instantOf(change.date, context.update.receivedAt))
  const group = groupOf(change.chat)
  const { status } = change.new_chat_member
  if (!group) {
    const kind = status === 'kicked' ? 'blocked' : 'unblocked'
    return { ...base, activities: [{ accountId: context.accountId, person: personOf(change.from), at: base.at, kind }] }
  }
  const own = OWN_STATUSES.find((word) => word === (status === 'creator' ? 'administrator' : status))
  if (!own) return ignore(context, 'unknown member status')
  const rights = rightsOf(change.new_chat_member)
  return { ...base, own: { chat: group, own: { status: own, rights }, by: change.from.id } }
}

const isIn = (member: MemberUpdateShape['new_chat_member']): boolean =>
  member.status === 'restricted' ? member.is_member === true : !['left', 'kicked'].includes(member.status)

const readMember = (context: Context, body: unknown): Happening => {
  const change = memberUpdateShape.parse(body)
  const [before, after] = [isIn(change.old_chat_member), isIn(change.new_chat_member)]
  if (before === after) return ignore(context, 'membership unchanged')
  const base = blank(context, instantOf(change.date, context.update.receivedAt))
  const activity: ContactActivity = {
    accountId: context.accountId,
    person: personOf(change.new_chat_member.user),
    at: base.at,
    kind: after ? 'joined_chat' : change.new_chat_member.status === 'kicked' ? 'removed_from_chat' : 'left_chat',
    ...chatRefOf(change.chat),
    ...(change.invite_link?.name !== undefined && { label: change.invite_link.name }),
  }
  return { ...base, activities: [activity] }
}

const readJoinRequest = (context: Context, body: unknown): Happening => {
  const request = joinRequestShape.parse(body)
  const base = blank(context, instantOf(request.date, context.update.receivedAt))
  const person = personOf(request.from)
  return {
    ...base,
    activities: [
      {
        accountId: context.accountId,
        person,
        at: base.at,
        kind: 'join_requested',
        ...chatRefOf(request.chat),
        ...(request.invite_link?.name !== undefined && { label: request.invite_link.name }),
      },
    ],
  }
}

const readReaction = (context: Context, body: unknown): Happening => {
  const reaction = reactionShape.parse(body)
  const [added] = reaction.new_reaction
  if (!reaction.user || !added) return ignore(context, 'no reaction of a person')
  const base = blank(context, instantOf(reaction.date, context.update.receivedAt))
  const activity: ContactActivity = {
    accountId: context.accountId,
    person: personOf(reaction.user),
    at: base.at,
    kind: 'reaction',
    ...chatRefOf(reaction.chat),
    messageId: reaction.message_id,
    label: added.emoji ?? added.type,
  }
  return { ...base, activities: [activity] }
}

const READERS: Readonly<Record<string, (context: Context, body: unknown) => Happening>> = {
  message: readMessage,
  business_message: readBusinessMessage,
  edited_business_message: readBusinessEdit,
  deleted_business_messages: (context, body) => ({
    ...blank(context, context.update.receivedAt),
    business: readDeleted(body),
  }),
  callback_query: readCallback,
  my_chat_member: readOwnMember,
  chat_member: readMember,
  chat_join_request: readJoinRequest,
  message_reaction: readReaction,
}

/**
 * What one stored update means. Kinds the product does nothing with are ignored, with a note.
 * Errors: `invalid/update_malformed` for one that is not built as Telegram builds them.
 */
export const readHappening = (update: InboxUpdate, ownerTelegramId: number | null = null): Happening => {
  const context = { update, accountId: update.accountId, ownerTelegramId }
  // Handed over before, in a transaction of its own.
  if (update.kind === 'business_connection') return blank(context, update.receivedAt)
  if (isForAnotherAccount(update.queueKey)) return ignore(context, 'said to a business account')
  if (update.payload === null) return ignore(context, 'erased')
  const read = Object.hasOwn(READERS, update.kind) ? READERS[update.kind] : undefined
  if (!read) return ignore(context, `nothing is done with ${update.kind}`)
  try {
    return read(context, (update.payload as Readonly<Record<string, unknown>>)[update.kind])
  } catch (cause) {
    // The parser's message quotes what it was given, and that is somebody's message.
    const paths = cause instanceof Error && 'issues' in cause ? issuePaths(cause.issues) : ''
    throw invalid('update_malformed', paths || update.kind, { kind: update.kind })
  }
}

const issuePaths = (issues: unknown): string =>
  Array.isArray(issues)
    ? (issues as readonly { readonly path?: readonly PropertyKey[] }[])
        .map((issue) => (issue.path ?? []).map(String).join('.'))
        .join(', ')
        .slice(0, 200)
    : ''
