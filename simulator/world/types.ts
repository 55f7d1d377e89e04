import type { KeyObject } from 'node:crypto'
import type {
  BotCommand,
  BusinessBotRights,
  Chat,
  ChatAdministratorRights,
  ChatInviteLink,
  ChatPermissions,
  MenuButton,
  Message,
  StarTransaction,
  User,
  UserFromGetMe,
} from '@grammyjs/types'
import type { SimulatorClock } from '#simulator/clock.ts'
import type { Random } from '#simulator/random.ts'
import type { UpdateQueue } from '#simulator/updates/queue.ts'
import type { MessageLog } from '#simulator/world/message-log.ts'

export type SimUser = {
  readonly id: number
  firstName: string
  lastName: string | undefined
  username: string | undefined
  languageCode: string | undefined
  isPremium: boolean
  isDeleted: boolean
  /** How bots see the person; rebuilt when a field changes, shared by every message otherwise. */
  view: User
  chatView: Chat.PrivateChat
}

/** What one bot and one person have with each other. */
export type Dialog = {
  readonly user: SimUser
  isStarted: boolean
  isBlocked: boolean
  /** A join request lets the bot write until this instant (epoch ms); 0 when there is none. */
  writeGrantUntil: number
  readonly messages: Message[]
  readonly pacing: Pacing
}

/** Flood state of one bot in one chat, see bot-api/limits.ts. */
export type Pacing = {
  /** Epoch ms at which the chat's one-per-second allowance would be whole again. */
  fullAt: number
  /** A 429 was answered: nothing goes through before this instant (epoch ms). */
  penaltyUntil: number
  /** Times of the accepted sends of the last minute; kept for groups only. */
  minute: number[] | null
}

export type SimBot = {
  readonly id: number
  readonly secret: string
  token: string
  name: string
  username: string
  isRevoked: boolean
  canJoinGroups: boolean
  canReadAllGroupMessages: boolean
  /** Stars the bot owns, in tenths, as paid broadcasts cost 0.1 Star each. */
  starTenths: number
  isPaidBroadcastEnabled: boolean
  view: UserFromGetMe
  userView: User
  readonly dialogs: Map<number, Dialog>
  readonly chatPacing: Map<number, Pacing>
  /** Times of the accepted sends of the last second, over all chats. */
  readonly second: number[]
  readonly updates: UpdateQueue
  nextMessageId: number
  /** The person whose bot it is; null for bots that came from nowhere. */
  ownerId: number | null
  /** The bot that may ask for its token. */
  managerId: number | null
  /** Who may use it besides its owner: everybody when null. */
  addedUserIds: readonly number[] | null
  readonly settings: BotSettings
}

export type BotSettings = {
  readonly commands: Map<string, readonly BotCommand[]>
  readonly names: Map<string, string>
  readonly descriptions: Map<string, string>
  readonly shortDescriptions: Map<string, string>
  readonly menuButtons: Map<number, MenuButton>
  readonly defaultRights: Map<string, ChatAdministratorRights>
}

export type MemberStatus = 'creator' | 'administrator' | 'member' | 'restricted' | 'left' | 'kicked'

export type Member = {
  readonly user: User
  status: MemberStatus
  rights: ChatAdministratorRights | undefined
  permissions: ChatPermissions | undefined
  customTitle: string | undefined
  /** End of a restriction or ban, epoch ms; 0 for never. */
  untilAt: number
  /** Last message in the chat, epoch ms; slow mode counts from it. */
  lastMessageAt: number
}

export type InviteLink = {
  readonly view: ChatInviteLink
  readonly creatorId: number
  joinedCount: number
}

export type SimChat = {
  readonly id: number
  readonly type: 'group' | 'supergroup' | 'channel'
  title: string
  username: string | undefined
  description: string | undefined
  view: Chat.GroupChat | Chat.SupergroupChat | Chat.ChannelChat
  permissions: ChatPermissions
  slowModeSeconds: number
  isDeleted: boolean
  migratedTo: number | undefined
  readonly members: Map<number, Member>
  readonly inviteLinks: Map<string, InviteLink>
  /** Pending requests by user id. */
  readonly joinRequests: Map<number, { readonly link: InviteLink | undefined; readonly at: number }>
  readonly messages: Message[]
  readonly pinned: number[]
  nextMessageId: number
}

/** Where a message lives: one bot's private chat with a person, or a chat. */
export type Place =
  | { readonly kind: 'dialog'; readonly chatId: number; readonly bot: SimBot; readonly dialog: Dialog }
  | { readonly kind: 'chat'; readonly chatId: number; readonly chat: SimChat }
  | BusinessPlace

/** A chat or dialog a bot acts in as itself. */
export type OwnPlace = Exclude<Place, { readonly kind: 'business' }>

/** The private chat of a person with somebody, in which a connected bot speaks for the person. */
export type BusinessPlace = {
  readonly kind: 'business'
  /** The other person's id. */
  readonly chatId: number
  readonly link: BusinessLink
  readonly personal: PersonalChat
}

/** A bot that works for a person's account: one per account. */
export type BusinessLink = {
  /** Changes with every change of the settings. */
  id: string
  readonly owner: SimUser
  readonly bot: SimBot
  rights: BusinessBotRights
  recipients: BusinessRecipients
  isEnabled: boolean
  /** Epoch ms. */
  readonly connectedAt: number
}

/** The chats the owner lets the bot work in; single people outweigh the kinds. */
export type BusinessRecipients = {
  /** Chats that were there when the bot was connected, and those that came after. */
  readonly existingChats: boolean
  readonly newChats: boolean
  readonly included: readonly number[]
  readonly excluded: readonly number[]
}

/** What two people wrote to each other, as it stands in the account of one of them. */
export type PersonalChat = {
  readonly owner: SimUser
  readonly peer: SimUser
  readonly messages: Message[]
  readonly pacing: Pacing
  /** Epoch ms. */
  readonly startedAt: number
  /** When the peer wrote last, epoch ms; 0 for never. */
  lastInboundAt: number
  /** The peer takes nothing more from the owner. */
  isBlocked: boolean
}

/** Connected bots by owner and by every id their connections ever had; chats by `owner/peer`. */
export type BusinessBook = {
  readonly links: Map<number, BusinessLink>
  readonly ids: Map<string, BusinessLink>
  readonly chats: Map<string, PersonalChat>
  /** Every account numbers its private messages by itself. */
  readonly nextMessageIds: Map<number, number>
}

export type CallbackRecord = {
  readonly id: string
  readonly botId: number
  readonly userId: number
  readonly expiresAt: number
  answer: { readonly text: string | undefined; readonly showAlert: boolean; readonly url: string | undefined } | null
}

export type StoredFile = {
  readonly fileId: string
  readonly uniqueId: string
  readonly kind: string
  readonly name: string
  readonly mime: string
  readonly size: number
  readonly path: string
  readonly bytes: Buffer | null
}

/** A key under the letters that asks for a bot to be managed by the bot that showed it. */
export type ManagedBotRequest = {
  readonly requestId: number
  readonly text: string
  readonly suggestedName: string | undefined
  readonly suggestedUsername: string | undefined
}

/** What a bot asks Stars for. */
export type StarInvoice = {
  readonly slug: string
  readonly botId: number
  readonly title: string
  readonly description: string
  readonly payload: string
  readonly stars: number
}

/** One press of Pay. */
export type StarCheckout = {
  readonly id: string
  readonly botId: number
  readonly user: SimUser
  readonly invoice: StarInvoice
  /** Epoch ms. */
  readonly expiresAt: number
  state: 'waiting' | 'refused' | 'cancelled' | 'paid' | 'refunded'
  refusal: string | null
  chargeId: string | null
}

/** Invoices by slug and by message, checkouts by query id, transactions by bot, oldest first. */
export type StarBook = {
  readonly invoices: Map<string, StarInvoice>
  readonly messages: Map<string, string>
  readonly checkouts: Map<string, StarCheckout>
  readonly transactions: Map<number, StarTransaction[]>
}

/** Told synchronously about what people would notice; used by virtual people and by tests. */
export interface WorldObserver {
  /** Any message, whoever wrote it, once it is in its chat. */
  messageStored?(place: Place, message: Message): void
  messageAccepted?(bot: SimBot, place: Place, message: Message): void
  messageEdited?(bot: SimBot, place: Place, message: Message): void
  callbackAnswered?(record: CallbackRecord): void
}

export type World = {
  readonly clock: SimulatorClock
  readonly random: Random
  readonly users: Map<number, SimUser>
  readonly bots: Map<number, SimBot>
  readonly botsByToken: Map<string, SimBot>
  readonly chats: Map<number, SimChat>
  /** Public names of bots and chats in lower case; people cannot be addressed by name. */
  readonly publicNames: Map<string, number>
  readonly callbacks: Map<string, CallbackRecord>
  readonly stars: StarBook
  readonly business: BusinessBook
  /** Keys that ask for managed bots, by bot, person and message (`bot/person/message`). */
  readonly managedBotRequests: Map<string, readonly ManagedBotRequest[]>
  readonly files: Map<string, StoredFile>
  readonly log: MessageLog
  readonly observers: Set<WorldObserver>
  readonly settings: WorldSettings
  nextId: number
}

export type WorldSettings = {
  /** Messages kept whole per chat; older ones can no longer be edited, replied to or deleted. */
  readonly keepMessagesPerChat: number
  /** Files kept; an older one is no longer known by its id. */
  readonly keepFiles: number
  /** How long a button press can be answered; the update itself expires after the same time. */
  readonly callbackLifetimeMs: number
  /** How long a bot may write to a person who asked to join one of its chats. */
  readonly joinRequestGrantMs: number
  /** Bots one person may own, and with Telegram Premium. */
  readonly botsPerPerson: { readonly regular: number; readonly premium: number }
  /** Signs launches of Mini Apps, Ed25519. */
  readonly initDataKey: KeyObject
}
