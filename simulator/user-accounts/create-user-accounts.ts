import { voidCodesIn } from '#simulator/user-accounts/login.ts'
import { createRpcFaults } from '#simulator/user-accounts/faults.ts'
import { copyToMailboxes, recordChannelMessage, editMail, originOf } from '#simulator/user-accounts/mailboxes.ts'
import { createVerifier } from '#simulator/user-accounts/password.ts'
import type { Privacy, UserAccount, UserAccounts } from '#simulator/user-accounts/types.ts'
import type { SimUser, World } from '#simulator/world/types.ts'

/** Creates the register of people's own accounts, which follows what happens in the world. */
export function createUserAccounts(world: World): UserAccounts {
  const accounts: UserAccounts = {
    world,
    byPhone: new Map(),
    byUser: new Map(),
    privacy: new Map(),
    keys: new Map(),
    codes: new Map(),
    qrTokens: new Map(),
    mailboxes: new Map(),
    channelPts: new Map(),
    channelEvents: new Map(),
    accepted: new Map(),
    faults: createRpcFaults(),
    listeners: new Set(),
  }
  world.observers.add({
    messageStored(place, message) {
      if (accounts.codes.size > 0) voidCodesIn(accounts, message.text ?? message.caption ?? '')
      if (accounts.byUser.size === 0) return
      copyToMailboxes(accounts, place, message)
      if (place.kind !== 'chat' || place.chat.type === 'group') return
      const { id: chatId } = place.chat
      const pts = recordChannelMessage(accounts, chatId, message.message_id)
      for (const tell of accounts.listeners) {
        tell({ kind: 'channel_message', chatId, messageId: message.message_id, pts })
      }
    },
    messageEdited(_bot, place, message) {
      const text = message.text ?? message.caption ?? ''
      if (accounts.byUser.size > 0) {
        editMail(accounts, originOf(place, message.message_id), { text, entities: message.entities ?? [] })
      }
    },
  })
  return accounts
}

export type UserAccountInput = {
  readonly phone: string
  readonly password?: string | undefined
  readonly hint?: string | undefined
}

/** Gives a person an account that clients can log in to. A phone has one account. */
export function createUserAccount(accounts: UserAccounts, user: SimUser, input: UserAccountInput): UserAccount {
  const phone = input.phone.replaceAll(/\D/g, '')
  if (!/^\d{7,15}$/.test(phone)) throw new RangeError('a phone number has 7 to 15 digits')
  if (accounts.byPhone.has(phone)) throw new RangeError(`phone ${phone} is taken`)
  if (accounts.byUser.has(user.id)) throw new RangeError(`user ${user.id} has an account`)
  const account: UserAccount = {
    user,
    phone,
    password: input.password === undefined ? null : createVerifier(input.password, input.hint),
    isBanned: false,
    isFrozen: false,
    isSpamLimited: false,
  }
  accounts.byPhone.set(phone, account)
  accounts.byUser.set(user.id, account)
  return account
}

/** The person's settings, open to everybody until changed. */
export function openPrivacy(accounts: UserAccounts, userId: number): Privacy {
  const known = accounts.privacy.get(userId)
  if (known) return known
  const settings: Privacy = { acceptsFrom: 'everybody', contacts: new Set(), blocked: new Set() }
  accounts.privacy.set(userId, settings)
  return settings
}
