import type { ActivityKind, ChatRef, ContactActivity, Person } from '../contact.rules.ts'
import type { MessageRow } from '../message.rules.ts'
import type { ExportChat, ExportEntry, ExportPeer } from './export-format.rules.ts'

/** Who is who in a chat. */
export interface Cast {
  readonly ownerIds: ReadonlySet<number>
  readonly bots: ReadonlySet<number>
  readonly names: ReadonlyMap<string, number | null>
  /** The tenant's account whose history this is, if it is one. */
  readonly accountId: number | null
}

/** What an entry of an export comes to. */
export interface EntryMeaning {
  readonly activities: readonly ContactActivity[]
  /** A message of nobody who is a contact: of the owner, of a channel, of somebody deleted. */
  readonly row: Omit<MessageRow, 'contactId'> | null
  /** The row goes to the private chat's partner. */
  readonly isToPartner: boolean
  readonly skippedBot: boolean
  /** People who joined or left under a name that stands for nobody, or for several. */
  readonly unnamed: number
}

const NOTHING: EntryMeaning = { activities: [], row: null, isToPartner: false, skippedBot: false, unnamed: 0 }

const JOINS: ReadonlySet<string> = new Set(['invite_members', 'create_group'])
const JOINS_ALONE: ReadonlySet<string> = new Set(['join_group_by_link', 'join_group_by_request'])

const personOf = (telegramId: number, name: string): Person => ({
  telegramId,
  firstName: name,
  lastName: '',
  isPremium: false,
  isBot: false,
})

const isPerson = (peer: ExportPeer): peer is { readonly userId: number } => peer !== null && peer !== 'chat'

const messageMeaning = (chat: ExportChat, entry: ExportEntry & { type: 'message' }, cast: Cast): EntryMeaning => {
  const { from, fromName, at, id, text, kind } = entry
  const ref = chat.kind === 'group' ? chat.ref : null
  const place = ref ? { chat: ref } : {}
  const reactions = entry.reactions
    .filter((r) => !cast.ownerIds.has(r.userId) && !cast.bots.has(r.userId))
    .map((r): ContactActivity => ({
      accountId: cast.accountId,
      person: personOf(r.userId, r.name),
      at: r.at,
      kind: 'reaction',
      messageId: id,
      label: r.emoji,
      ...place,
    }))
  if (isPerson(from) && cast.bots.has(from.userId)) return { ...NOTHING, activities: reactions, skippedBot: true }
  const isOwn = isPerson(from) && cast.ownerIds.has(from.userId)
  if (!isPerson(from) || isOwn) {
    const chatId = ref?.telegramId ?? (chat.kind === 'private' ? chat.partnerId : 0)
    const row = {
      at,
      accountId: cast.accountId,
      chatId,
      direction: isOwn ? 'out' : 'in',
      kind,
      messageId: id,
      text,
    } as const
    return { ...NOTHING, activities: reactions, row, isToPartner: chat.kind === 'private' }
  }
  const message: ContactActivity = {
    accountId: cast.accountId,
    person: personOf(from.userId, fromName),
    at,
    kind: ref ? 'group_message' : 'message',
    messageId: id,
    messageKind: kind,
    ...(text !== '' && { text }),
    ...place,
  }
  return { ...NOTHING, activities: [message, ...reactions] }
}

const serviceMeaning = (ref: ChatRef, entry: ExportEntry & { type: 'service' }, cast: Cast): EntryMeaning => {
  const { action, actor, actorName, at, members } = entry
  const did = (userId: number, name: string, kind: ActivityKind): ContactActivity[] =>
    cast.ownerIds.has(userId) || cast.bots.has(userId)
      ? []
      : [{ accountId: cast.accountId, person: personOf(userId, name), at, kind, chat: ref }]
  const actorId = isPerson(actor) ? actor.userId : null
  if (JOINS_ALONE.has(action)) {
    return actorId === null ? NOTHING : { ...NOTHING, activities: did(actorId, actorName, 'joined_chat') }
  }
  const joins = JOINS.has(action)
  if (!joins && action !== 'remove_members') return NOTHING
  const activities: ContactActivity[] = []
  let unnamed = 0
  for (const name of members) {
    // Who adds or removes themselves is named twice; that is the one certain identity.
    const isActor = name !== null && name === actorName && actorId !== null
    const userId = isActor ? actorId : name === null ? null : (cast.names.get(name) ?? null)
    if (userId === null) unnamed += 1
    else
      activities.push(...did(userId, name ?? '', joins ? 'joined_chat' : isActor ? 'left_chat' : 'removed_from_chat'))
  }
  if (action === 'create_group' && actorId !== null) activities.push(...did(actorId, actorName, 'joined_chat'))
  return { ...NOTHING, activities, unnamed }
}

/** What one entry of one chat comes to: what people did, and messages of others. */
export const meaningOf = (chat: ExportChat, entry: ExportEntry, cast: Cast): EntryMeaning => {
  if (chat.kind === 'none') return NOTHING
  if (entry.type === 'message') return messageMeaning(chat, entry, cast)
  return chat.kind === 'group' ? serviceMeaning(chat.ref, entry, cast) : NOTHING
}
