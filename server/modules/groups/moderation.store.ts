import { sql } from 'kysely'

import type { GroupAction } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { FINDING_WINDOW_MS, MODERATION_DEFAULTS, type ModerationSettings } from './moderation.rules.ts'

/** What was set for a group; the defaults before anything was. */
export const findModeration = async (tx: TenantTx, chatId: number): Promise<ModerationSettings> => {
  const row = await tx
    .selectFrom('moderation_setting')
    .select(['action', 'restrict_minutes', 'after_findings'])
    .where('tenant_id', '=', tx.tenantId)
    .where('chat_id', '=', chatId)
    .executeTakeFirst()
  return row
    ? {
        action: row.action as GroupAction,
        restrictMinutes: row.restrict_minutes,
        afterFindings: row.after_findings,
      }
    : MODERATION_DEFAULTS
}

export const saveModeration = async (
  tx: TenantTx,
  chatId: number,
  settings: ModerationSettings,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> => {
  const columns = {
    action: settings.action,
    restrict_minutes: settings.restrictMinutes,
    after_findings: settings.afterFindings,
    updated_by: by,
    updated_at: toDate(at),
  }
  await tx
    .insertInto('moderation_setting')
    .values({ tenant_id: tx.tenantId, chat_id: chatId, ...columns })
    .onConflict((c) => c.columns(['tenant_id', 'chat_id']).doUpdateSet(columns))
    .execute()
}

/** Those of these people who are trusted in the chat. */
export const listTrusted = async (
  tx: TenantTx,
  chatId: number,
  contactIds?: readonly number[],
): Promise<ReadonlySet<number>> => {
  let query = tx
    .selectFrom('trusted_member')
    .select('contact_id')
    .where('tenant_id', '=', tx.tenantId)
    .where('chat_id', '=', chatId)
  if (contactIds) query = query.where('contact_id', 'in', [...contactIds])
  return new Set((await query.execute()).map((row) => row.contact_id))
}

/** Makes somebody trusted in a chat, or trusted no more. */
export const saveTrust = async (
  tx: TenantTx,
  {
    chatId,
    contactId,
    isTrusted,
  }: { readonly chatId: number; readonly contactId: number; readonly isTrusted: boolean },
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> => {
  if (!isTrusted) {
    await tx
      .deleteFrom('trusted_member')
      .where('tenant_id', '=', tx.tenantId)
      .where('chat_id', '=', chatId)
      .where('contact_id', '=', contactId)
      .execute()
    return
  }
  await tx
    .insertInto('trusted_member')
    .values({ tenant_id: tx.tenantId, chat_id: chatId, contact_id: contactId, added_by: by, added_at: toDate(at) })
    .onConflict((c) => c.columns(['tenant_id', 'chat_id', 'contact_id']).doNothing())
    .execute()
}

/** How many findings each of these people has in the chat within the window that ends at `at`. */
export const countRecentFindings = async (
  tx: TenantTx,
  chatId: number,
  contactIds: readonly number[],
  at: number,
): Promise<ReadonlyMap<number, number>> => {
  const { rows } = await sql<{ contact_id: number; count: number }>`
    select contact_id, count(distinct message_id)::integer as count from spam_finding
    where tenant_id = ${tx.tenantId} and chat_id = ${chatId} and contact_id = any(${contactIds}::bigint[])
      and at > ${toDate(at - FINDING_WINDOW_MS)} and at <= ${toDate(at)}
    group by contact_id`.execute(tx)
  return new Map(rows.map((row) => [row.contact_id, row.count]))
}

/** Those of these people who may not write in the chat already, or soon will not, by an act of ours. */
export const listSilenced = async (
  tx: TenantTx,
  chatId: number,
  contactIds: readonly number[],
  at: number,
): Promise<ReadonlySet<number>> => {
  const { rows } = await sql<{ contact_id: number }>`
    select distinct contact_id from group_act
    where tenant_id = ${tx.tenantId} and chat_id = ${chatId} and contact_id = any(${contactIds}::bigint[])
      and kind in ('restrict', 'hold', 'ban') and state in ('wanted', 'done') and settled_at is null
      and (until_at is null or until_at > ${toDate(at)})`.execute(tx)
  return new Set(rows.map((row) => row.contact_id))
}
