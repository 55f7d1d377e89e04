import type { Reachability } from '#contract/words.ts'
import type { DomainEvent } from '#server/base/events.ts'

import { type ActivityKind, type ContactActivity, cleanText, isTelegramUserId } from './contact.rules.ts'

/** Limits of Telegram, so that nothing longer can be real. */
const NAME_MAX = 64
const TEXT_MAX = 4_096
const LABEL_MAX = 256
const TITLE_MAX = 255

const MESSAGES: ReadonlySet<ActivityKind> = new Set(['message', 'group_message'])

/** What a person does in the private chat with an account and what the account may do after it. */
const REACH: Readonly<Partial<Record<ActivityKind, Reachability>>> = {
  started: 'reachable',
  message: 'reachable',
  button: 'reachable',
  blocked: 'blocked',
  unblocked: 'reachable',
}
const ANSWERS: ReadonlySet<ActivityKind> = new Set(['started', 'message', 'button'])

const MEMBERSHIP: Readonly<Partial<Record<ActivityKind, 'member' | 'left' | 'kicked'>>> = {
  joined_chat: 'member',
  left_chat: 'left',
  removed_from_chat: 'kicked',
}

const CHAT_ACTIVITY: ReadonlySet<ActivityKind> = new Set(['group_message', 'reaction', 'button', 'joined_chat'])

/** Whether the activity is a message to be kept as one. */
export const isMessage = (activity: ContactActivity): boolean => MESSAGES.has(activity.kind)

/** Whether it happened between the person and an account alone. */
export const isPrivate = (activity: ContactActivity): boolean => activity.chat === undefined

/** What the activity says about the account's way to the person; null if nothing. */
export const reachOf = (activity: ContactActivity): Reachability | null =>
  isPrivate(activity) ? (REACH[activity.kind] ?? null) : null

/** Whether the activity may be the answer to a delivery. */
const isAnswer = (activity: ContactActivity): boolean => isPrivate(activity) && ANSWERS.has(activity.kind)

/** What the activity says about the person's membership in its chat; null if nothing. */
export const membershipOf = (activity: ContactActivity): 'member' | 'left' | 'kicked' | null =>
  MEMBERSHIP[activity.kind] ?? null

/** Whether the person was active in the chat, by which a group regular is told from a name on a list. */
export const isChatActivity = (activity: ContactActivity): boolean => CHAT_ACTIVITY.has(activity.kind)

/** Where a contact comes from whose first activity this is: a deep link's payload, a chat, or straight to the account. */
export const sourceOf = (activity: ContactActivity): string => {
  if (activity.startPayload !== undefined && activity.startPayload !== '') {
    return cleanText(`start:${activity.startPayload}`, 128)
  }
  return activity.chat ? `chat:${activity.chat.telegramId}` : 'direct'
}

/** What the timeline keeps besides kind and instant; no message text. */
export const detailOf = (activity: ContactActivity): Record<string, string | number> => ({
  ...(activity.accountId !== null && { accountId: activity.accountId }),
  ...(activity.chat && { chatId: activity.chat.telegramId }),
  ...(activity.messageId !== undefined && { messageId: activity.messageId }),
  ...(activity.startPayload !== undefined && { startPayload: cleanText(activity.startPayload, LABEL_MAX) }),
  ...(activity.label !== undefined && { label: cleanText(activity.label, LABEL_MAX) }),
})

/** The activity with texts the database can hold; null if its person's id is none. */
export const cleanActivity = (activity: ContactActivity): ContactActivity | null => {
  const { person, chat, text } = activity
  if (!isTelegramUserId(person.telegramId) || !Number.isSafeInteger(activity.at)) return null
  return {
    ...activity,
    person: {
      ...person,
      username:
        person.username === undefined || person.username === '' ? undefined : cleanText(person.username, NAME_MAX),
      firstName: cleanText(person.firstName, NAME_MAX),
      lastName: cleanText(person.lastName, NAME_MAX),
    },
    ...(chat && { chat: { ...chat, title: cleanText(chat.title, TITLE_MAX) } }),
    ...(text !== undefined && { text: cleanText(text, TEXT_MAX) }),
  }
}

/** Events of one live activity besides `contact.changed`. `chatId` is the row id of its chat. */
export const eventsOf = (activity: ContactActivity, contactId: number, chatId: number | undefined): DomainEvent[] => {
  const { accountId, at, kind } = activity
  const events: DomainEvent[] = []
  if (accountId !== null && isAnswer(activity)) {
    events.push({ type: 'contact.answered', payload: { contactId, accountId, at } })
  }
  if (accountId !== null && kind === 'blocked')
    events.push({ type: 'contact.blocked', payload: { contactId, accountId } })
  if (kind === 'joined_chat' && chatId !== undefined) {
    events.push({ type: 'contact.joined_group', payload: { contactId, chatId } })
  }
  return events
}
