import { LOCALES, type Locale } from '#contract/words.ts'
import type { Translate } from '#server/base/translate.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { findAccountOwner } from '#server/modules/accounts/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'

import { createReply } from './reply.store.ts'

/** `queued`: on its way. `waiting`: the owner has to press start first. `nobody`: there is no such owner, or not this person. */
export type OwnerGreeting = 'queued' | 'waiting' | 'nobody'

/**
 * Sends whoever linked a bot its first message, through the queue and the guard like any other: it proves that the
 * account works. Once for each time the bot was linked, however often this is called. `writer` is the person who wrote
 * just now: for anybody but the owner nothing happens.
 */
export const greetOwner = async (
  tx: TenantTx,
  input: {
    readonly accountId: number
    readonly writer?: number
    readonly tenantLocale: Locale
    readonly translator: (locale: Locale) => Translate
    readonly at: number
  },
): Promise<OwnerGreeting> => {
  const { accountId, writer, at } = input
  const owner = await findAccountOwner(tx, accountId)
  if (!owner || (writer !== undefined && writer !== owner.telegramId)) return 'nobody'
  if (owner.contactId === null || owner.reachability !== 'reachable') return 'waiting'
  const code = owner.languageCode?.slice(0, 2).toLowerCase()
  const t = input.translator(LOCALES.find((locale) => locale === code) ?? input.tenantLocale)
  await createReply(tx, {
    accountId,
    contactId: owner.contactId,
    chatId: owner.telegramId,
    text: t('linked.test', { bot: escapeText(owner.displayName) }),
    source: 'system',
    messageClass: 'transactional',
    dedupeKey: `linked:${accountId}:${owner.linkedAt}`,
    at,
  })
  return 'queued'
}
