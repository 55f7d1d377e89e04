import type { AccountKind } from '#contract/words.ts'
import { DAY_MS, MINUTE_MS } from '#server/base/duration.ts'

/** A group or channel as Telegram names it. `telegramId` is negative. */
export interface GroupChat {
  readonly telegramId: number
  readonly kind: 'group' | 'supergroup' | 'channel'
  readonly title: string
  readonly username: string | null
}

export const OWN_STATUSES = ['administrator', 'member', 'restricted', 'left', 'kicked'] as const

/** What an account is in a chat, and its administrator rights by Telegram's names. */
export interface OwnStatus {
  readonly status: (typeof OWN_STATUSES)[number]
  readonly rights: Readonly<Record<string, boolean>>
}

/** The rights among a member's fields: those that are yes or no and begin with `can_`. */
export const rightsOf = (member: Readonly<Record<string, unknown>>): Readonly<Record<string, boolean>> =>
  Object.fromEntries(
    Object.entries(member).filter(
      (entry): entry is [string, boolean] => entry[0].startsWith('can_') && typeof entry[1] === 'boolean',
    ),
  )

/** An account's place in a chat, with what is known of how much it sees there. */
export interface OwnPlace {
  readonly accountId: number
  readonly kind: AccountKind
  readonly displayName: string
  readonly status: OwnStatus['status']
  readonly rights: OwnStatus['rights']
  /** Whether an administrator of the chat added it; null while nobody knows. */
  readonly isInstalled: boolean | null
  /** Null while nobody asked. */
  readonly readsAllMessages: boolean | null
  readonly changedAt: number
}

/** A chat as lists show it. `addedAt` is epoch ms. */
export interface Chat {
  readonly id: number
  readonly telegramId: number
  readonly kind: GroupChat['kind']
  readonly title: string
  readonly username: string | null
  /** Telegram id of the supergroup this group became. */
  readonly migratedToTelegramId: number | null
  /** As Telegram said last; null if it never did. */
  readonly memberCount: number | null
  /** Contacts known to be members; the rest nobody has seen. */
  readonly knownMembers: number
  readonly addedAt: number
  /** Since when it is one more than the package allows, so that nothing is posted there; null while there is room. */
  readonly overPackageSince: number | null
  /** Creator and administrators other than bots, as Telegram said last. */
  readonly administratorCount: number | null
  /** When Telegram was asked last, and why it gave no answer. */
  readonly profileCheckedAt: number | null
  readonly profileFault: string | null
}

export interface ChatFilter {
  readonly kind?: GroupChat['kind']
  /** Chats this account is in. */
  readonly accountId?: number
  /** Part of a title or public name. */
  readonly search?: string
}

/** After which chat a page begins. */
export interface ChatCursor {
  readonly title: string
  readonly id: number
}

/** What is known of a person's membership. `checkedAt` is epoch ms. */
export interface KnownMembership {
  readonly isMember: boolean
  readonly checkedAt: number
  /** The account is an administrator, so Telegram tells it of every join and leave. */
  readonly administers: boolean
}

/** What a Telegram directory says of a person in a chat; null when it cannot tell. */
export type MemberAnswer = 'creator' | 'administrator' | 'member' | 'restricted' | 'left' | 'kicked' | null

/** Asks Telegram (getChatMember) with one of the tenant's accounts. */
export interface MemberDirectory {
  findMember(accountId: number, chatTelegramId: number, userTelegramId: number): Promise<MemberAnswer>
}

/** An answer from Telegram is believed for ten minutes: a person decides about an invite within that. */
const ANSWER_FRESH_MS = 10 * MINUTE_MS

/** What an administrator has been told of is believed for a day: Telegram keeps updates no longer than that. */
const TOLD_FRESH_MS = DAY_MS

/** Whether what is known can be used without asking Telegram. */
export const isFresh = (known: KnownMembership, now: number): boolean =>
  now - known.checkedAt <= (known.administers ? TOLD_FRESH_MS : ANSWER_FRESH_MS)

/** What an answer means for the membership that is stored; a restricted member is one. */
export const statusOf = (answer: NonNullable<MemberAnswer>): 'member' | 'left' | 'kicked' =>
  answer === 'left' || answer === 'kicked' ? answer : 'member'
