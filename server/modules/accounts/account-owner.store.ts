import type { Reachability } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/** The person who linked a bot, as the bot knows them. */
export interface AccountOwner {
  readonly telegramId: number
  readonly linkedAt: number
  readonly displayName: string
  readonly username: string | null
  /** Null until the bot has met them. */
  readonly contactId: number | null
  readonly reachability: Reachability | null
  readonly languageCode: string | null
}

/** The owner of an active bot that speaks with contacts; null for other accounts and where nobody is known to own it. */
export const findAccountOwner = async (tx: TenantTx, accountId: number): Promise<AccountOwner | null> => {
  const row = await tx
    .selectFrom('account as a')
    .leftJoin('contact as c', (join) =>
      join
        .onRef('c.tenant_id', '=', 'a.tenant_id')
        .onRef('c.telegram_id', '=', 'a.owner_telegram_id')
        .on('c.erased_at', 'is', null),
    )
    .leftJoin('contact_account as ca', (join) =>
      join
        .onRef('ca.tenant_id', '=', 'a.tenant_id')
        .onRef('ca.contact_id', '=', 'c.id')
        .onRef('ca.account_id', '=', 'a.id'),
    )
    .select(['a.owner_telegram_id', 'a.linked_at', 'a.display_name', 'a.username', 'ca.contact_id', 'ca.reachability'])
    .select('c.language_code')
    .where('a.tenant_id', '=', tx.tenantId)
    .where('a.id', '=', accountId)
    .where('a.kind', '=', 'bot')
    .where('a.purpose', '=', 'contacts')
    .where('a.state', '=', 'active')
    .executeTakeFirst()
  if (!row || row.owner_telegram_id === null) return null
  return {
    telegramId: row.owner_telegram_id,
    linkedAt: row.linked_at.getTime(),
    displayName: row.display_name,
    username: row.username,
    contactId: row.contact_id,
    reachability: row.reachability as Reachability | null,
    languageCode: row.language_code,
  }
}
