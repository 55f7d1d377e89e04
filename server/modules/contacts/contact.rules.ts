/** A Telegram person as an update or an export names them. */
export interface Person {
  readonly telegramId: number
  readonly username?: string | undefined
  readonly firstName: string
  readonly lastName: string
  readonly languageCode?: string | undefined
  readonly isPremium: boolean
  readonly isBot: boolean
}

/** A group or channel as an update or an export names it. `telegramId` is the Bot API's: negative. */
export interface ChatRef {
  readonly telegramId: number
  readonly kind: 'group' | 'supergroup' | 'channel'
  readonly title: string
}

/** What a person can do that is worth remembering. */
export const ACTIVITY_KINDS = [
  'started',
  'message',
  'button',
  'click',
  'reaction',
  'group_message',
  'join_requested',
  'joined_chat',
  'left_chat',
  'removed_from_chat',
  'blocked',
  'unblocked',
] as const
export type ActivityKind = (typeof ACTIVITY_KINDS)[number]

/** What a message is made of; the words of the group statistics. */
export const MESSAGE_KINDS = [
  'text',
  'photo',
  'video',
  'voice',
  'document',
  'sticker',
  'link',
  'poll',
  'other',
] as const
export type MessageKind = (typeof MESSAGE_KINDS)[number]

/** One thing one person did, as the edge saw it. */
export interface ContactActivity {
  /** The tenant's account that saw it; null for history without one. */
  readonly accountId: number | null
  readonly person: Person
  /** Epoch ms. */
  readonly at: number
  readonly kind: ActivityKind
  /** Where it happened, if not in the private chat. */
  readonly chat?: ChatRef
  readonly text?: string
  readonly messageKind?: MessageKind
  /** What followed /start; also the contact's source if this is the first thing it did. */
  readonly startPayload?: string
  readonly messageId?: number
  readonly updateId?: number
  /** Callback data of a button, address of a click, emoji of a reaction: for the timeline. At most 256 characters are kept. */
  readonly label?: string
}

/**
 * Telegram's own accounts, which no tenant can talk to: service notifications, anonymous group admins, posts as a
 * channel, replies, verification codes, support, and the bots for spam, stickers and tokens.
 */
const OFFICIAL_IDS: ReadonlySet<number> = new Set([
  777_000, 1_087_968_824, 136_817_688, 1_271_266_957, 489_000, 42_777, 333_000, 178_220_800, 429_000, 93_372_553,
])
const OFFICIAL_USERNAMES: ReadonlySet<string> = new Set([
  'groupanonymousbot',
  'channel_bot',
  'spambot',
  'botfather',
  'replies',
  'stickers',
  'notoscam',
  'botsupport',
  'premiumbot',
  'verificationcodes',
])

/** Whether this is one of Telegram's own accounts. */
export const isOfficialPerson = (person: Pick<Person, 'telegramId' | 'username'>): boolean =>
  OFFICIAL_IDS.has(person.telegramId) || OFFICIAL_USERNAMES.has(person.username?.toLowerCase() ?? '')

/** Bots and Telegram's own accounts are nobody's contacts: what they do is dropped at the edge. */
export const isIgnoredPerson = (person: Pick<Person, 'telegramId' | 'username' | 'isBot'>): boolean =>
  person.isBot || isOfficialPerson(person)

/** Ids in private chats are positive and, as Telegram promises, below 2^52. */
const TELEGRAM_ID_MAX = 2 ** 52

/** Whether this can be the id of a person. */
export const isTelegramUserId = (id: number): boolean => Number.isSafeInteger(id) && id > 0 && id < TELEGRAM_ID_MAX

/** Text the database can hold: no NUL, no half of a surrogate pair, at most `max` UTF-16 units. */
export const cleanText = (text: string, max: number): string =>
  text.replaceAll('\u0000', '').slice(0, max).toWellFormed()

/** A user name without @, or null if it cannot be one: 4–32 letters, digits and underscores, a letter first. */
export const parseUsername = (text: string): string | null => {
  const name = text
    .trim()
    .replace(/^(?:https?:\/\/)?(?:t\.me\/|telegram\.me\/)/i, '')
    .replace(/^@/, '')
  return /^[a-z]\w{3,31}$/i.test(name) ? name : null
}
