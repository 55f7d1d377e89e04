import { sql } from 'kysely'

import type { TenantTx } from '#server/db/tenant-scope.ts'

/** The contact of that Telegram id, locked; null for nobody's. */
export const lockContactOf = async (tx: TenantTx, telegramId: number): Promise<number | null> => {
  const row = await tx
    .selectFrom('contact')
    .select('id')
    .where('tenant_id', '=', tx.tenantId)
    .where('telegram_id', '=', telegramId)
    .where('merged_into_id', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst()
  return row?.id ?? null
}

/** Which message of a private chat. `chatId` is the person's Telegram id. */
export interface MessageNames {
  readonly accountId: number
  readonly chatId: number
  readonly messageIds: readonly number[]
}

/** Gives messages another text; null takes it away. One whose text is gone stays without. */
export const saveTexts = async (
  tx: TenantTx,
  { accountId, chatId, messageIds }: MessageNames,
  text: string | null,
): Promise<void> => {
  await sql`
    update message set text = ${text}
    where tenant_id = ${tx.tenantId} and chat_id = ${chatId} and account_id = ${accountId} and text is not null
      and telegram_message_id = any(${messageIds}::bigint[])`.execute(tx)
}
