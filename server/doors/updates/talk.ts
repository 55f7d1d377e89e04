import type { Locale } from '#contract/words.ts'
import type { Translate } from '#server/base/translate.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { Person } from '#server/modules/contacts/index.ts'
import type { Voice } from '#server/modules/conversations/index.ts'
import { type ReplyInput, createReply } from '#server/modules/delivery/index.ts'
import type { Tenant } from '#server/modules/tenancy/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'

/** One exchange with one contact, inside the transaction that applies their update. */
export interface Talk {
  readonly tx: TenantTx
  readonly tenant: Tenant
  readonly accountId: number
  readonly contactId: number
  readonly person: Person
  readonly updateId: number
  /** When the contact spoke, and now; epoch ms. */
  readonly at: number
  readonly now: number
  /** `command`, `stop_word` or `button`. */
  readonly by: 'command' | 'button'
  /** What the pressed button carried behind its action. */
  readonly argument: string
  /** The message whose button was pressed; null for a command. */
  readonly deliveryId: number | null
  /** The contact's language, and our fixed texts in it. */
  readonly locale: Locale
  readonly t: Translate
  /** The same texts in any language. */
  readonly translator: (locale: Locale) => Translate
  /** Who the account is; read when first asked for, once for all updates of the transaction. */
  readonly voice: () => Promise<Voice | null>
  /** Whether the account could show anybody the way into a group; read like `voice`. */
  readonly hasWaysIn: () => Promise<boolean>
  /** Whether the account sells by itself; read like `voice`. */
  readonly sells: () => Promise<boolean>
  /** Answers that are written with those of others, before anything else is done for the same contact. */
  readonly replies: ReplyInput[]
}

/** A short text shown over the chat, for an answer that must not be stored. */
export type Toast = string | null

export type Answer = (talk: Talk) => Promise<Toast>

type Button = NonNullable<ReplyInput['buttons']>[number][number]
/** A bare action is labelled from the catalogue; `consent_yes:ab12` as `consent_yes`. */
export type Row = readonly (string | Button)[]

/** A fixed text in the contact's language, as Telegram HTML. */
export const say = (
  talk: Pick<Talk, 't' | 'tenant'>,
  key: string,
  params: Readonly<Record<string, string | number>> = {},
): string => talk.t(key, { sender: escapeText(talk.tenant.senderName), ...params })

const buttonOf = (talk: Talk, given: string | Button): Button =>
  typeof given === 'string' ? { text: talk.t(`button.${given.split(':')[0] ?? ''}`), action: given } : given

/** The one answer to an update; `inviteChatId` when it shows the way into a chat. */
export const reply = async (
  talk: Talk,
  text: string,
  rows: readonly Row[] = [],
  more: Pick<ReplyInput, 'inviteChatId'> = {},
): Promise<null> => {
  const answer: ReplyInput = {
    accountId: talk.accountId,
    contactId: talk.contactId,
    chatId: talk.person.telegramId,
    text,
    buttons: rows.filter((row) => row.length > 0).map((row) => row.map((button) => buttonOf(talk, button))),
    source: 'system',
    messageClass: 'reply',
    dedupeKey: `update:${talk.accountId}:${talk.updateId}`,
    at: talk.now,
    ...more,
  }
  // Whoever is shown a way in next has to see that this one was: there are only so many.
  if (answer.inviteChatId === undefined) talk.replies.push(answer)
  else await createReply(talk.tx, answer)
  return null
}
