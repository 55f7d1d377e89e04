import { sql } from 'kysely'

import type { JoinAdmission, JoinRequestState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type Applicant, JOIN_DEFAULTS, type JoinRule } from './join-rule.rules.ts'

/** What was set for a chat; the defaults before anything was. */
export const findJoinRule = async (tx: TenantTx, chatId: number): Promise<JoinRule> => {
  const row = await tx
    .selectFrom('join_setting')
    .select(['admit', 'otherwise'])
    .where('tenant_id', '=', tx.tenantId)
    .where('chat_id', '=', chatId)
    .executeTakeFirst()
  return row ? { admit: row.admit as JoinAdmission, otherwise: row.otherwise as JoinRule['otherwise'] } : JOIN_DEFAULTS
}

export const saveJoinRule = async (
  tx: TenantTx,
  chatId: number,
  rule: JoinRule,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> => {
  const columns = { ...rule, updated_by: by, updated_at: toDate(at) }
  await tx
    .insertInto('join_setting')
    .values({ tenant_id: tx.tenantId, chat_id: chatId, ...columns })
    .onConflict((c) => c.columns(['tenant_id', 'chat_id']).doUpdateSet(columns))
    .execute()
}

/** What is known of somebody who asks to join; `asking` leaves out the request itself. */
export const readApplicant = async (
  tx: TenantTx,
  { chatId, contactId, accountId }: { readonly chatId: number; readonly contactId: number; readonly accountId: number },
): Promise<Omit<Applicant, 'isViaOwnLink' | 'isInvited'>> => {
  const { rows } = await sql<{ barred: boolean; known: boolean; premium: boolean }>`
    select p.suppressed_at is not null
        or exists (select from contact_account a where a.tenant_id = p.tenant_id and a.contact_id = p.id
          and a.account_id = ${accountId} and a.reachability = 'blocked')
        or exists (select from contact_chat m where m.tenant_id = p.tenant_id and m.contact_id = p.id
          and m.chat_id = ${chatId} and m.status = 'kicked') as barred,
      exists (select from contact_account a where a.tenant_id = p.tenant_id and a.contact_id = p.id
        and a.last_inbound_at is not null) as known,
      p.is_premium as premium
    from contact p where p.tenant_id = ${tx.tenantId} and p.id = ${contactId}`.execute(tx)
  const row = rows[0]
  return { isBarred: row?.barred ?? true, isContact: row?.known ?? false, isPremium: row?.premium ?? false }
}

export interface NewJoinRequest {
  readonly chatId: number
  readonly contactId: number
  readonly accountId: number
  readonly isViaOwnLink: boolean
  readonly requestedAt: number
  readonly reason: string
}

/** Writes a request down; null when it was known. A former one of the person's that waits is answered by it. */
export const insertJoinRequest = async (tx: TenantTx, request: NewJoinRequest): Promise<number | null> => {
  const { rows } = await sql<{ id: number }>`
    with former as (
      update join_request set state = 'elsewhere', decided_by = 'system', decided_at = ${toDate(request.requestedAt)}
      where tenant_id = ${tx.tenantId} and chat_id = ${request.chatId} and contact_id = ${request.contactId}
        and state = 'waiting' and requested_at < ${toDate(request.requestedAt)}
    )
    insert into join_request (tenant_id, chat_id, contact_id, account_id, is_via_own_link, requested_at, reason)
    values (${tx.tenantId}, ${request.chatId}, ${request.contactId}, ${request.accountId}, ${request.isViaOwnLink},
      ${toDate(request.requestedAt)}, ${request.reason})
    on conflict (tenant_id, chat_id, contact_id, requested_at) do nothing returning id`.execute(tx)
  return rows[0]?.id ?? null
}

/** A request to join. Instants are epoch ms. */
export interface JoinRequest {
  readonly id: number
  readonly chatId: number
  readonly chatTitle: string
  readonly contactId: number
  readonly firstName: string
  readonly accountId: number
  readonly isViaOwnLink: boolean
  readonly requestedAt: number
  readonly state: JoinRequestState
  readonly reason: string
  readonly decidedBy: string | null
  readonly decidedAt: number | null
}

const requests = (tx: TenantTx) =>
  tx
    .selectFrom('join_request as r')
    .innerJoin('chat as c', (join) => join.onRef('c.tenant_id', '=', 'r.tenant_id').onRef('c.id', '=', 'r.chat_id'))
    .innerJoin('contact as p', (join) =>
      join.onRef('p.tenant_id', '=', 'r.tenant_id').onRef('p.id', '=', 'r.contact_id'),
    )
    .selectAll('r')
    .select(['c.title', 'p.first_name'])
    .where('r.tenant_id', '=', tx.tenantId)

type RequestRow = Awaited<ReturnType<ReturnType<typeof requests>['execute']>>[number]

const toRequest = (row: RequestRow): JoinRequest => ({
  id: row.id,
  chatId: row.chat_id,
  chatTitle: row.title,
  contactId: row.contact_id,
  firstName: row.first_name,
  accountId: row.account_id,
  isViaOwnLink: row.is_via_own_link,
  requestedAt: row.requested_at.getTime(),
  state: row.state as JoinRequestState,
  reason: row.reason,
  decidedBy: row.decided_by,
  decidedAt: row.decided_at?.getTime() ?? null,
})

/** Requests from new to old. */
export const selectJoinRequests = async (
  tx: TenantTx,
  filter: { readonly chatId?: number; readonly state?: JoinRequestState },
  limit: number,
): Promise<readonly JoinRequest[]> => {
  let query = requests(tx).orderBy('r.id', 'desc').limit(limit)
  if (filter.chatId !== undefined) query = query.where('r.chat_id', '=', filter.chatId)
  if (filter.state !== undefined) query = query.where('r.state', '=', filter.state)
  return (await query.execute()).map(toRequest)
}

/** One request, locked until the transaction ends. */
export const lockJoinRequest = async (tx: TenantTx, id: number): Promise<JoinRequest | null> => {
  const row = await requests(tx).where('r.id', '=', id).forNoKeyUpdate('r').executeTakeFirst()
  return row ? toRequest(row) : null
}

/** Decided, and on its way to Telegram. */
export const decideRequest = async (
  tx: TenantTx,
  id: number,
  decision: {
    readonly state: 'approving' | 'declining'
    readonly reason: string
    readonly by: string
    readonly at: number
  },
): Promise<void> => {
  await tx
    .updateTable('join_request')
    .set({ state: decision.state, reason: decision.reason, decided_by: decision.by, decided_at: toDate(decision.at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

/** What Telegram said to the decision. */
export const endJoinRequest = async (
  tx: TenantTx,
  id: number,
  state: 'approved' | 'declined' | 'failed',
): Promise<void> => {
  await tx
    .updateTable('join_request')
    .set({ state })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('state', 'in', ['approving', 'declining'])
    .execute()
}

/** Who is in a chat now has been let in, by somebody else where we did not. `chatTelegramId` is Telegram's. */
export const closeJoinRequests = async (
  tx: TenantTx,
  joined: readonly { readonly contactId: number; readonly chatTelegramId: number }[],
  at: number,
): Promise<void> => {
  if (joined.length === 0) return
  await sql`
    update join_request r set state = 'elsewhere', decided_by = 'telegram', decided_at = ${toDate(at)}
    from unnest(${joined.map((j) => j.contactId)}::bigint[], ${joined.map((j) => j.chatTelegramId)}::bigint[])
      as j(contact_id, telegram_id)
    join chat c on c.tenant_id = ${tx.tenantId} and c.telegram_id = j.telegram_id
    where r.tenant_id = ${tx.tenantId} and r.chat_id = c.id and r.contact_id = j.contact_id and r.state = 'waiting'`.execute(
    tx,
  )
}
