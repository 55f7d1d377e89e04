import { type RawBuilder, sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { Counted } from './catalogue.rules.ts'
import { WINDOW_MS } from './entitlement.rules.ts'

export interface Count {
  readonly used: number
  /** The oldest use that counts, epoch ms. */
  readonly oldestAt: number | null
}

/** Messages that fill a quota, as the guard counts them. */
const messagesSince = (tx: TenantTx, at: number) => sql`
  select count(*)::integer as used, min(reserved_at) as oldest_at from delivery
  where tenant_id = ${tx.tenantId} and reserved_at > ${toDate(at)} and message_class <> 'reply' and not is_human`

/** What is in use is counted from the rows themselves: nothing can be forgotten, given back twice, or drift. */
const COUNTS: Readonly<Record<Counted, (tx: TenantTx, at: number) => RawBuilder<unknown>>> = {
  accounts: (tx) => sql`select count(*)::integer as used from account
    where tenant_id = ${tx.tenantId} and state <> 'disconnected' and purpose = 'contacts'`,
  templates: (tx) => sql`select count(*)::integer as used from template
    where tenant_id = ${tx.tenantId} and state <> 'archived' and not is_seed`,
  groups: (tx) => sql`select count(distinct c.id)::integer as used from chat c
    join chat_account a on a.tenant_id = c.tenant_id and a.chat_id = c.id
    where c.tenant_id = ${tx.tenantId} and c.kind <> 'channel' and c.migrated_to_id is null
      and a.status in ('administrator', 'member', 'restricted')`,
  members: (tx) => sql`select count(*)::integer as used from member
    where tenant_id = ${tx.tenantId} and removed_at is null`,
  messages_month: (tx, at) => messagesSince(tx, at - (WINDOW_MS.messages_month ?? 0)),
  messages_day: (tx, at) => messagesSince(tx, at - (WINDOW_MS.messages_day ?? 0)),
}

/** How much is in use at `at`, as of this statement: taken after a lock, it sees what others committed before it. */
export const countUsed = async (tx: TenantTx, counted: Counted, at: number): Promise<Count> => {
  const { rows } = await sql<{ used: number; oldest_at?: Date | null }>`${COUNTS[counted](tx, at)}`.execute(tx)
  return { used: rows[0]?.used ?? 0, oldestAt: rows[0]?.oldest_at?.getTime() ?? null }
}

/** Whether this notice is the first of its period. */
export const insertNotice = async (
  tx: TenantTx,
  notice: { readonly name: Counted; readonly percent: 80 | 100; readonly periodStartsAt: number; readonly at: number },
): Promise<boolean> => {
  const row = await tx
    .insertInto('usage_notice')
    .values({
      tenant_id: tx.tenantId,
      entitlement: notice.name,
      percent: notice.percent,
      period_starts_at: toDate(notice.periodStartsAt),
      noticed_at: toDate(notice.at),
    })
    .onConflict((c) => c.doNothing())
    .returning('percent')
    .executeTakeFirst()
  return row !== undefined
}
