import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { Conversation } from './conversation.rules.ts'
import { COMMENT_MS, type RatingScale } from './rating.rules.ts'

export type AnsweredBy = 'human' | 'ai' | 'both' | 'automatic'

/** What decides whether somebody is asked, and in which words. */
export interface RatingFacts {
  readonly telegramId: number | null
  readonly languageCode: string | null
  readonly suppressedAt: number | null
  readonly lastWroteAt: number | null
  readonly lastAskedAt: number | null
  readonly accountKind: string
  readonly answeredBy: AnsweredBy
  /** `member:12` of the newest answer of a person in the stretch. */
  readonly lastWrittenBy: string | null
}

interface FactsRow {
  readonly telegram_id: number | null
  readonly language_code: string | null
  readonly suppressed_at: Date | null
  readonly last_wrote_at: Date | null
  readonly last_asked_at: Date | null
  readonly account_kind: string
  readonly has_human: boolean
  readonly has_ai: boolean
  readonly last_written_by: string | null
}

const answeredBy = ({ has_human: human, has_ai: ai }: FactsRow): AnsweredBy => {
  if (human) return ai ? 'both' : 'human'
  return ai ? 'ai' : 'automatic'
}

/** Everything about the contact and the stretch that just ended, in one statement; holds the contact's row. */
export const findRatingFacts = async (
  tx: TenantTx,
  { accountId, contactId, openedAt }: Pick<Conversation, 'accountId' | 'contactId' | 'openedAt'>,
): Promise<RatingFacts | null> => {
  const { rows } = await sql<FactsRow>`
    select k.telegram_id, k.language_code, k.suppressed_at,
      (select last_inbound_at from contact_account r
        where r.tenant_id = k.tenant_id and r.contact_id = k.id and r.account_id = ${accountId}) as last_wrote_at,
      (select max(asked_at) from conversation_rating q where q.tenant_id = k.tenant_id and q.contact_id = k.id) as last_asked_at,
      (select kind from account a where a.tenant_id = k.tenant_id and a.id = ${accountId}) as account_kind,
      coalesce(d.has_human, false) as has_human, coalesce(d.has_ai, false) as has_ai, d.last_written_by
    from contact k
    left join lateral (
      select bool_or(is_human) as has_human, bool_or(is_ai) as has_ai,
        (array_agg(written_by order by planned_at desc, id desc) filter (where written_by is not null))[1] as last_written_by
      from delivery d
      where d.tenant_id = k.tenant_id and d.contact_id = k.id and d.account_id = ${accountId} and d.state = 'sent'
        and d.planned_at >= ${toDate(openedAt)}
    ) d on true
    where k.tenant_id = ${tx.tenantId} and k.id = ${contactId}
    for no key update of k`.execute(tx)
  const [row] = rows
  return row
    ? {
        telegramId: row.telegram_id,
        languageCode: row.language_code,
        suppressedAt: row.suppressed_at?.getTime() ?? null,
        lastWroteAt: row.last_wrote_at?.getTime() ?? null,
        lastAskedAt: row.last_asked_at?.getTime() ?? null,
        accountKind: row.account_kind,
        answeredBy: answeredBy(row),
        lastWrittenBy: row.last_written_by,
      }
    : null
}

export interface AskedRating {
  readonly contactId: number
  readonly conversationId: number
  readonly accountId: number
  readonly deliveryId: number
  readonly scale: RatingScale
  readonly memberId: number | null
  readonly answeredBy: AnsweredBy
  readonly at: number
}

export const insertRating = async (tx: TenantTx, asked: AskedRating): Promise<void> => {
  await tx
    .insertInto('conversation_rating')
    .values({
      tenant_id: tx.tenantId,
      contact_id: asked.contactId,
      conversation_id: asked.conversationId,
      account_id: asked.accountId,
      delivery_id: asked.deliveryId,
      scale: asked.scale,
      asked_at: toDate(asked.at),
      member_id: asked.memberId,
      answered_by: asked.answeredBy,
    })
    .execute()
}

export interface StoredRating {
  readonly id: number
  readonly value: number | null
  readonly ratedAt: number | null
}

/** The question a button hangs under, locked; null where it was asked of somebody else, or never. */
export const lockRating = async (tx: TenantTx, deliveryId: number, contactId: number): Promise<StoredRating | null> => {
  const row = await tx
    .selectFrom('conversation_rating')
    .select(['id', 'value', 'rated_at'])
    .where('tenant_id', '=', tx.tenantId)
    .where('delivery_id', '=', deliveryId)
    .where('contact_id', '=', contactId)
    .forUpdate()
    .executeTakeFirst()
  return row ? { id: row.id, value: row.value, ratedAt: row.rated_at?.getTime() ?? null } : null
}

/** The instant of the first press stays. */
export const saveRating = async (tx: TenantTx, id: number, value: number, at: number): Promise<void> => {
  await sql`
    update conversation_rating set value = ${value}, rated_at = coalesce(rated_at, ${toDate(at)})
    where tenant_id = ${tx.tenantId} and id = ${id}`.execute(tx)
}

export const saveCommentWanted = async (tx: TenantTx, id: number, at: number): Promise<void> => {
  await tx
    .updateTable('conversation_rating')
    .set({ comment_until: toDate(at + COMMENT_MS) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

/** What a contact wrote to an account, and may be a comment. */
export interface CommentWords {
  readonly accountId: number
  readonly contactId: number
  readonly text: string
}

/** Takes what contacts wrote, each once, as the comments they were about to write. Gives those of whom one was awaited. */
export const saveComments = async (
  tx: TenantTx,
  words: readonly CommentWords[],
  at: number,
): Promise<ReadonlySet<number>> => {
  if (words.length === 0) return new Set()
  const { rows } = await sql<{ contact_id: number }>`
    update conversation_rating r set comment = u.text, comment_until = null
    from unnest(${words.map((w) => w.accountId)}::bigint[], ${words.map((w) => w.contactId)}::bigint[],
      ${words.map((w) => w.text)}::text[]) as u (account_id, contact_id, text)
    where r.tenant_id = ${tx.tenantId} and r.contact_id = u.contact_id and r.account_id = u.account_id
      and r.comment_until is not null and r.comment_until >= ${toDate(at)}
    returning r.contact_id`.execute(tx)
  return new Set(rows.map((row) => row.contact_id))
}

export const RATING_GROUPS = ['all', 'member', 'account', 'answerer'] as const
export type RatingGroup = (typeof RATING_GROUPS)[number]

export interface GroupedRatings {
  /** Member or account number, or who answered; null for all, or for no member. */
  readonly key: string | null
  readonly name: string | null
  readonly asked: number
  readonly distribution: readonly number[]
}

const KEYS = {
  all: sql`null::text`,
  member: sql`r.member_id::text`,
  account: sql`r.account_id::text`,
  answerer: sql`r.answered_by`,
} as const

const NAMES = {
  all: sql`null::text`,
  member: sql`(select name from member m where m.tenant_id = current_tenant_id() and m.id::text = g.key)`,
  account: sql`(select coalesce('@' || username, display_name) from account a
    where a.tenant_id = current_tenant_id() and a.id::text = g.key)`,
  answerer: sql`null::text`,
} as const

/** Counts by value of questions asked since `from`, by group, most asked first. */
export const selectRatings = async (
  tx: TenantTx,
  { from, by, accountId }: { readonly from: number; readonly by: RatingGroup; readonly accountId: number | null },
): Promise<readonly GroupedRatings[]> => {
  const values = [1, 2, 3, 4, 5].map((value) => sql`count(*) filter (where r.value = ${sql.lit(value)})::int`)
  const ofAccount = accountId === null ? sql`` : sql`and r.account_id = ${accountId}`
  const { rows } = await sql<GroupedRatings>`
    select g.key, ${NAMES[by]} as name, g.asked, g.distribution from (
      select ${KEYS[by]} as key, count(*)::int as asked, array[${sql.join(values)}] as distribution
      from conversation_rating r where r.tenant_id = ${tx.tenantId} and r.asked_at >= ${toDate(from)} ${ofAccount}
      group by 1
    ) g order by g.asked desc, g.key`.execute(tx)
  return rows
}

export interface RatingComment {
  readonly at: number
  readonly conversationId: number | null
  readonly value: number
  readonly text: string
}

/** The newest comments of questions asked since `from`. */
export const selectComments = async (
  tx: TenantTx,
  { from, accountId }: { readonly from: number; readonly accountId: number | null },
  limit: number,
): Promise<readonly RatingComment[]> => {
  let query = tx
    .selectFrom('conversation_rating')
    .select(['rated_at', 'conversation_id', 'value', 'comment'])
    .where('tenant_id', '=', tx.tenantId)
    .where('asked_at', '>=', toDate(from))
    .where('comment', 'is not', null)
    .orderBy('rated_at', 'desc')
    .limit(limit)
  if (accountId !== null) query = query.where('account_id', '=', accountId)
  return (await query.execute()).map((row) => ({
    at: row.rated_at?.getTime() ?? 0,
    conversationId: row.conversation_id,
    value: row.value ?? 0,
    text: row.comment ?? '',
  }))
}
