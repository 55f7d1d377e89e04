import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/** A person's own account on its way into the accounts. */
export interface UserAccountLink {
  readonly telegramId: number
  readonly displayName: string
  readonly username: string | null
  readonly sessionId: number
  readonly ownerTelegramId: number
  readonly apiRoot: string | null
  readonly webhookKey: string
  readonly webhookSecretSealed: Buffer
}

const columnsOf = (link: UserAccountLink, at: number) => ({
  display_name: link.displayName,
  username: link.username,
  session_id: link.sessionId,
  owner_telegram_id: link.ownerTelegramId,
  api_root: link.apiRoot,
  linked_by: 'session',
  linked_at: toDate(at),
})

/** The new account's id, or null when this account is linked already, to whatever tenant. */
export const insertUserAccount = async (tx: TenantTx, link: UserAccountLink, at: number): Promise<number | null> => {
  const row = await tx
    .insertInto('account')
    .values({
      tenant_id: tx.tenantId,
      kind: 'user',
      telegram_id: link.telegramId,
      ...columnsOf(link, at),
      // Nobody calls a webhook for it, but every account has one of its own.
      update_mode: 'off',
      webhook_key: link.webhookKey,
      webhook_secret_sealed: link.webhookSecretSealed,
    })
    .onConflict((c) => c.column('telegram_id').doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id ?? null
}

/** Links a disconnected account anew, with another session. */
export const relinkUserAccount = async (tx: TenantTx, id: number, link: UserAccountLink, at: number): Promise<void> => {
  await tx
    .updateTable('account')
    .set({ ...columnsOf(link, at), state: 'active', state_reason: null, waiting_until: null })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}
