import type { MessageEntity } from '@grammyjs/types'
import type { RpcFaults } from '#simulator/user-accounts/faults.ts'
import type { PasswordVerifier } from '#simulator/user-accounts/password.ts'
import type { SimUser, World } from '#simulator/world/types.ts'

/** A person's Telegram account as its own clients log in to it. */
export type UserAccount = {
  readonly user: SimUser
  /** Digits only, with the country code. */
  readonly phone: string
  password: PasswordVerifier | null
  isBanned: boolean
  /** Telegram has frozen the account: it reads, and writes nothing. */
  isFrozen: boolean
  /** Telegram takes it for a spammer: it writes to nobody it does not know. */
  isSpamLimited: boolean
}

/** Who may write to a person. */
export type Privacy = {
  acceptsFrom: 'everybody' | 'contacts'
  readonly contacts: Set<number>
  readonly blocked: Set<number>
}

/** What the server knows about one auth key. */
export type KeyState = {
  readonly keyId: string
  /** Who is logged in with it. */
  authorization: Authorization | null
  /** Passed the code or the QR scan and still owes the password. */
  passwordOwedBy: UserAccount | null
  /** The password check under way. */
  passwordCheck: { readonly id: string; readonly secret: bigint; readonly offered: bigint } | null
  device: Device
}

export type Device = {
  readonly model: string
  readonly app: string
  readonly appVersion: string
  readonly apiId: number
}

export type Authorization = {
  /** Decimal; how clients name it in the list of sessions. */
  readonly hash: string
  readonly account: UserAccount
  readonly createdAt: number
  activeAt: number
}

export type LoginCode = {
  readonly phone: string
  readonly code: string
  readonly expiresAt: number
  triesLeft: number
  /** Its digits were written into a chat, so it opens nothing any more. */
  isVoid: boolean
}

export type QrToken = {
  readonly keyId: string
  readonly expiresAt: number
  acceptedBy: UserAccount | null
}

/** A conversation as its owner sees it: with a person or bot, or a basic group. */
export type PeerName = { readonly kind: 'user' | 'chat'; readonly id: number }

export type Mail = {
  readonly id: number
  readonly peer: PeerName
  readonly fromId: number
  readonly isOut: boolean
  /** Epoch ms. */
  readonly at: number
  text: string
  entities: readonly MessageEntity[]
  readonly replyTo: number | undefined
  /** Epoch ms; 0 for never. */
  editedAt: number
  /** The same message wherever it lies: all copies carry one origin. */
  readonly origin: string
}

export type MailEvent = { readonly kind: 'new' | 'edited' | 'deleted'; readonly pts: number; readonly mail: Mail }

/** Private chats and basic groups of one person, numbered together, as Telegram does it for people. */
export type Mailbox = {
  readonly userId: number
  readonly mails: Map<number, Mail>
  readonly events: MailEvent[]
  nextId: number
  pts: number
}

/** Something a logged-in client is told without asking. */
export type UserEvent =
  | { readonly kind: 'mail'; readonly userId: number; readonly event: MailEvent }
  | { readonly kind: 'channel_message'; readonly chatId: number; readonly messageId: number; readonly pts: number }
  | { readonly kind: 'login_token_accepted'; readonly keyId: string }

export type UserAccounts = {
  readonly world: World
  readonly byPhone: Map<string, UserAccount>
  readonly byUser: Map<number, UserAccount>
  readonly privacy: Map<number, Privacy>
  readonly keys: Map<string, KeyState>
  /** By the hash the client got for asking. */
  readonly codes: Map<string, LoginCode>
  /** By token, hexadecimal. */
  readonly qrTokens: Map<string, QrToken>
  readonly mailboxes: Map<number, Mailbox>
  /** Messages per supergroup or channel that clients may have missed. */
  readonly channelPts: Map<number, number>
  /** What came into supergroups and channels, oldest first, as far back as clients may ask. */
  readonly channelEvents: Map<number, ChannelEvent[]>
  /** Answers by sender and `random_id`: a repetition gets the original. */
  readonly accepted: Map<string, AcceptedSend>
  readonly faults: RpcFaults
  readonly listeners: Set<(event: UserEvent) => void>
}

export type ChannelEvent = { readonly pts: number; readonly messageId: number; readonly at: number }

export type AcceptedSend = { readonly messageId: number; readonly peerId: number }
