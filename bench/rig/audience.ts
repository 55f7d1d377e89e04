import { sql } from 'kysely'

import { systemClock, toDate } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'

/** Contacts for these Telegram ids: reachable through the account, with a recorded marketing consent. Set-based. */
export const createAudience = async (
  db: Db,
  tenantId: number,
  accountId: number,
  telegramIds: readonly number[],
): Promise<void> => {
  const at = toDate(systemClock.now() - 30 * 86_400_000)
  await sql`
    with person as (
      insert into contact (tenant_id, telegram_id, first_name, last_name, first_seen_at, last_seen_at, created_at)
      select ${tenantId}, t, 'Kişi ' || t, 'Soyad', ${at}, ${at}, ${at} from unnest(${telegramIds}::bigint[]) t
      returning id
    ), feature as (
      insert into contact_feature (tenant_id, contact_id, first_seen_at, last_seen_at)
      select ${tenantId}, id, ${at}, ${at} from person
    ), reach as (
      insert into contact_account (tenant_id, contact_id, account_id, reachability, started_at, changed_at)
      select ${tenantId}, id, ${accountId}, 'reachable', ${at}, ${at} from person
    ), proof as (
      insert into consent_ledger (tenant_id, contact_id, purpose, granted, text_version, source, at, recorded_at)
      select ${tenantId}, id, 'marketing', true, 'bench', 'bench', ${at}, ${at} from person
      returning id, contact_id
    )
    insert into contact_consent (tenant_id, contact_id, purpose, granted, ledger_id, changed_at)
    select ${tenantId}, contact_id, 'marketing', true, id, ${at} from proof`.execute(db)
  await sql`analyze contact, contact_feature, contact_account, contact_consent, consent_ledger`.execute(db)
}
