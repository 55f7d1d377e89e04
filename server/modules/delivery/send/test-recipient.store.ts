import { sql } from 'kysely'

import type { Reachability } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/** A member as one of the tenant's accounts knows them. */
export interface TestRecipient {
  readonly contactId: number
  readonly hasStarted: boolean
  readonly reachability: Reachability
  readonly languageCode: string | null
  readonly firstName: string
  readonly lastName: string
  readonly username: string | null
  readonly attributes: Readonly<Record<string, unknown>>
}

/** The person of this Telegram id as the account knows them; null when it never met them. */
export const findTestRecipient = async (
  tx: TenantTx,
  accountId: number,
  telegramId: number,
): Promise<TestRecipient | null> => {
  const { rows } = await sql<TestRecipient>`
    select c.id as "contactId", ca.started_at is not null or ca.last_inbound_at is not null as "hasStarted", ca.reachability,
      c.language_code as "languageCode", c.first_name as "firstName", c.last_name as "lastName", c.username, c.attributes
    from contact c join contact_account ca on ca.tenant_id = c.tenant_id and ca.contact_id = c.id and ca.account_id = ${accountId}
    where c.tenant_id = ${tx.tenantId} and c.telegram_id = ${telegramId} and c.merged_into_id is null and c.erased_at is null`.execute(
    tx,
  )
  return rows[0] ?? null
}
