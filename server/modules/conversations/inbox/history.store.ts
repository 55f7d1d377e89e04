import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { Conversation } from './conversation.rules.ts'
import type { HistoryRow } from './history.rules.ts'

/** After which entry a page begins, newest first. */
export interface HistoryCursor {
  readonly at: number
  readonly type: string
  readonly id: number
}

const SENT = sql`jsonb_build_object('deliveryId', d.id, 'source', d.source, 'isHuman', d.is_human, 'isAi', d.is_ai,
  'writtenBy', d.written_by, 'campaignId', d.campaign_id, 'segment', d.segment, 'confidenceRatio', case when d.is_ai
    then (select t.confidence_ratio from answer_turn t
      where t.tenant_id = d.tenant_id and t.id = substring(d.dedupe_key from '^turn:(\\d+):')::bigint) end)`

/** Both sides of a conversation, what of ours did not leave, and what happened, newest first; each read by its own index. */
export const selectHistory = async (
  tx: TenantTx,
  { id, accountId, contactId }: Pick<Conversation, 'id' | 'accountId' | 'contactId'>,
  cursor: HistoryCursor | null,
  limit: number,
): Promise<readonly HistoryRow[]> => {
  const page = (type: string, alias: string, at: string) => {
    const [when, key] = [sql.ref(`${alias}.${at}`), sql.ref(`${alias}.id`)]
    const after = cursor
      ? sql`and ${when} <= ${toDate(cursor.at)} and (${when} < ${toDate(cursor.at)}
          or (${type}::text collate "C" > ${cursor.type} collate "C" or (${type} = ${cursor.type} and ${key} < ${cursor.id}::bigint)))`
      : sql``
    return sql`${after} order by ${when} desc, ${key} desc limit ${limit}`
  }
  const { rows } = await sql<{ type: string; id: number; at: Date; body: object }>`
    select * from (
      (select 'message' as type, m.id, m.at, jsonb_build_object('direction', m.direction, 'kind', m.kind, 'text', m.text,
          'sent', case when d.id is not null then ${SENT} end) as body
        from message m left join delivery d on d.tenant_id = m.tenant_id and d.id = m.delivery_id
        where m.tenant_id = ${tx.tenantId} and m.contact_id = ${contactId} and m.account_id = ${accountId} and m.chat_id > 0
        ${page('message', 'm', 'at')})
      union all
      (select 'delivery', d.id, d.planned_at, jsonb_build_object('state', d.state, 'reason', d.reason,
          'text', d.content ->> 'text', 'sent', ${SENT})
        from delivery d
        where d.tenant_id = ${tx.tenantId} and d.contact_id = ${contactId} and d.account_id = ${accountId}
          and d.state <> 'sent' and not d.is_holdout
        ${page('delivery', 'd', 'planned_at')})
      union all
      (select 'event', e.id, e.at, jsonb_build_object('kind', e.kind, 'by', e.by, 'detail', e.detail, 'text', e.text)
        from conversation_event e where e.tenant_id = ${tx.tenantId} and e.conversation_id = ${id}
        ${page('event', 'e', 'at')})
    ) as entries
    order by at desc, type collate "C", id desc limit ${limit}`.execute(tx)
  return rows.map((row) => ({ ...row.body, type: row.type, id: row.id, at: row.at.getTime() }) as HistoryRow)
}
