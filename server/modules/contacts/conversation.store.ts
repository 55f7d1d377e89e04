import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import { MINUTE_MS } from '#server/base/duration.ts'
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

/** A send that was cut off may be told of for so long after it began. */
const CUT_OFF_MS = 10 * MINUTE_MS

/** One message to a contact. */
interface SentWords {
  readonly accountId: number
  readonly contactId: number
  readonly messageId: number
  readonly at: number
}

/** Whether a message to a contact was sent from here: its number is known, or that of a send just now is not known yet. */
export const isOurSend = async (tx: TenantTx, { accountId, contactId, messageId, at }: SentWords): Promise<boolean> => {
  const row = await tx
    .selectFrom('delivery')
    .select('id')
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .where('account_id', '=', accountId)
    .where('reserved_at', 'is not', null)
    .where((eb) =>
      eb.or([
        eb('telegram_message_id', '=', messageId),
        eb.and([eb('state', 'in', ['reserved', 'unknown']), eb('reserved_at', '>', toDate(at - CUT_OFF_MS))]),
      ]),
    )
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
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
