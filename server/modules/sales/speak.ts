import { LOCALES, type Locale } from '#contract/words.ts'
import type { Translate } from '#server/base/translate.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { findContact } from '#server/modules/contacts/index.ts'
import { type ReplyInput, createReply } from '#server/modules/delivery/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'
import { getOwnTenant } from '#server/modules/tenancy/index.ts'

import type { LocalText } from './funnel.rules.ts'

/** Our fixed texts by language; keys name their catalogue, as `bot:sell.paid`. */
export type Translator = (locale: Locale) => Translate

/** Somebody who is spoken to, in their language. */
export interface Listener {
  readonly accountId: number
  readonly contactId: number
  /** Telegram's number of the person, which is that of the private chat. */
  readonly chatId: number
  readonly firstName: string
  readonly senderName: string
  readonly locale: Locale
  readonly timeZone: string
  readonly isSuppressed: boolean
  readonly tags: readonly string[]
  readonly t: Translate
}

/** Whom to speak to; null for who is erased or has no Telegram. */
export const findListener = async (
  tx: TenantTx,
  { accountId, contactId }: { readonly accountId: number; readonly contactId: number | null },
  translator: Translator,
): Promise<Listener | null> => {
  const contact = contactId === null ? null : await findContact(tx, { id: contactId })
  if (!contact || contact.telegramId === null || contact.erasedAt !== null) return null
  const tenant = await getOwnTenant(tx)
  const code = contact.languageCode?.slice(0, 2).toLowerCase()
  const locale = LOCALES.find((one) => one === code) ?? tenant.locale
  return {
    accountId,
    contactId: contact.id,
    chatId: contact.telegramId,
    firstName: contact.firstName,
    senderName: tenant.senderName,
    locale,
    timeZone: contact.timeZone ?? tenant.timeZone,
    isSuppressed: contact.suppressedAt !== null,
    tags: contact.tags,
    t: translator(locale),
  }
}

type Said = Pick<ReplyInput, 'text' | 'messageClass' | 'dedupeKey' | 'at'> &
  Partial<Pick<ReplyInput, 'buttons' | 'media' | 'invoice'>>

/** Puts a message about an order or an offer into the account's queue. Returns its delivery, null for a repetition. */
export const speak = (tx: TenantTx, { accountId, contactId, chatId }: Listener, said: Said): Promise<number | null> =>
  createReply(tx, { accountId, contactId, chatId, source: 'order', ...said })

/** Text from somebody else, kept from turning the line around it: Unicode's first-strong isolate. */
export const isolate = (text: string): string => `\u2068${escapeText(text)}\u2069`

/** A funnel's own text in a language, else in the tenant's order of languages; values are escaped. */
export const fillText = (
  texts: LocalText,
  locale: Locale,
  values: Readonly<Record<'product' | 'price' | 'name' | 'sender', string>>,
): string => {
  const text = texts[locale] ?? LOCALES.map((one) => texts[one]).find((one) => one !== undefined) ?? ''
  const known: Readonly<Record<string, string>> = values
  return escapeText(text).replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => isolate(known[name] ?? ''))
}
