import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/** One thing that happened with a contact. `at` is epoch ms; `text` is null once its retention is over. */
export type TimelineEntry =
  | {
      readonly type: 'message'
      readonly id: number
      readonly at: number
      readonly direction: 'in' | 'out'
      readonly kind: string
      readonly chatId: number
      readonly accountId: number | null
      readonly deliveryId: number | null
      readonly text: string | null
    }
  | {
      readonly type: 'event'
      readonly id: number
      readonly at: number
      readonly kind: string
      readonly detail: Readonly<Record<string, unknown>>
    }
  | {
      readonly type: 'consent'
      readonly id: number
      readonly at: number
      readonly purpose: string
      readonly granted: boolean
      readonly source: string
      readonly textVersion: string
    }

interface Row {
  readonly type: TimelineEntry['type']
  readonly id: number
  readonly at: Date
  readonly body: Readonly<Record<string, unknown>>
}

/** After which entry a page begins, in the order newest first, then by type and id. */
export interface TimelineCursor {
  readonly at: number
  readonly type: string
  readonly id: number
}

/** Up to `limit` entries of a contact's timeline after `cursor`, newest first. Each source is read by its own index. */
export const selectTimeline = async (
  tx: TenantTx,
  contactId: number,
  cursor: TimelineCursor | null,
  limit: number,
): Promise<TimelineEntry[]> => {
  const page = (type: string) => {
    const after = cursor
      ? sql`and at <= ${toDate(cursor.at)} and (at < ${toDate(cursor.at)} or (${type}, id) > (${cursor.type}, ${cursor.id}::bigint))`
      : sql``
    return sql`where tenant_id = ${tx.tenantId} and contact_id = ${contactId} ${after} order by at desc, id limit ${limit}`
  }
  const { rows } = await sql<Row>`
    select * from (
      (select 'message' as type, id, at, jsonb_build_object('direction', direction, 'kind', kind, 'chatId', chat_id,
        'accountId', account_id, 'deliveryId', delivery_id, 'text', text) as body from message ${page('message')})
      union all
      (select 'event', id, at, jsonb_build_object('kind', kind, 'detail', detail) from contact_event ${page('event')})
      union all
      (select 'consent', id, at, jsonb_build_object('purpose', purpose, 'granted', granted, 'source', source,
        'textVersion', text_version) from consent_ledger ${page('consent')})
    ) as entries
    order by at desc, type collate "C", id limit ${limit}`.execute(tx)
  return rows.map((row) => ({ ...row.body, type: row.type, id: row.id, at: row.at.getTime() }) as TimelineEntry)
}
