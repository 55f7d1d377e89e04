import { sql } from 'kysely'

import type { GroupPostState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import type { GroupPost, PostContent } from './post.rules.ts'
import type { PostSchedule } from './schedule.rules.ts'

const posts = (tx: TenantTx) =>
  tx
    .selectFrom('group_post')
    .selectAll()
    .select([
      sql<string>`to_char(starts_on, 'YYYY-MM-DD')`.as('first_day'),
      sql<string | null>`to_char(ends_on, 'YYYY-MM-DD')`.as('last_day'),
    ])
    .where('tenant_id', '=', tx.tenantId)

type PostRow = Awaited<ReturnType<ReturnType<typeof posts>['execute']>>[number]

const toPost = (row: PostRow): GroupPost => ({
  id: row.id,
  chatId: row.chat_id,
  accountId: row.account_id,
  name: row.name,
  content: row.template_id === null ? { text: row.text ?? '' } : { templateId: row.template_id },
  schedule: row.schedule as PostSchedule,
  startsOn: row.first_day,
  endsOn: row.last_day,
  anchorAt: row.anchor_at.getTime(),
  pins: row.pins,
  state: row.state as GroupPostState,
  pauseReason: row.pause_reason,
  nextSlotAt: row.next_slot_at?.getTime() ?? null,
  createdBy: row.created_by,
  createdAt: row.created_at.getTime(),
})

/** Posts by id, of one chat where it is given. */
export const selectPosts = async (tx: TenantTx, chatId: number | null): Promise<readonly GroupPost[]> => {
  const query = chatId === null ? posts(tx) : posts(tx).where('chat_id', '=', chatId)
  return (await query.orderBy('id').limit(500).execute()).map(toPost)
}

/** One post, locked until the transaction ends. */
export const lockPost = async (tx: TenantTx, id: number): Promise<GroupPost | null> => {
  const row = await posts(tx).where('id', '=', id).forNoKeyUpdate().executeTakeFirst()
  return row ? toPost(row) : null
}

/** Posts whose slot has come, locked; those somebody else works are left to them. */
export const lockDuePosts = async (tx: TenantTx, now: number, limit: number): Promise<readonly GroupPost[]> => {
  const rows = await posts(tx)
    .where('state', '=', 'active')
    .where('next_slot_at', '<=', toDate(now))
    .orderBy('next_slot_at')
    .orderBy('id')
    .limit(limit)
    .forNoKeyUpdate()
    .skipLocked()
    .execute()
  return rows.map(toPost)
}

export type NewPost = Omit<GroupPost, 'id' | 'state' | 'pauseReason'>

const contentColumns = (content: PostContent) =>
  'templateId' in content ? { template_id: content.templateId, text: null } : { template_id: null, text: content.text }

/** Null when the chat has a post of that name. */
export const insertPost = async (tx: TenantTx, post: NewPost): Promise<number | null> => {
  const row = await tx
    .insertInto('group_post')
    .values({
      tenant_id: tx.tenantId,
      chat_id: post.chatId,
      account_id: post.accountId,
      name: post.name,
      ...contentColumns(post.content),
      schedule: JSON.stringify(post.schedule),
      starts_on: sql`${post.startsOn}::date`,
      ends_on: post.endsOn === null ? null : sql`${post.endsOn}::date`,
      anchor_at: toDate(post.anchorAt),
      pins: post.pins,
      next_slot_at: post.nextSlotAt === null ? null : toDate(post.nextSlotAt),
      created_by: post.createdBy,
      created_at: toDate(post.createdAt),
    })
    .onConflict((c) => c.columns(['tenant_id', 'chat_id', 'name']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id ?? null
}

/** Where a post goes on. `pauseReason` belongs to `paused`, `nextSlotAt` to `active`. */
export const savePostState = async (
  tx: TenantTx,
  id: number,
  next: Pick<GroupPost, 'state' | 'pauseReason' | 'nextSlotAt'>,
): Promise<void> => {
  await tx
    .updateTable('group_post')
    .set({
      state: next.state,
      pause_reason: next.state === 'paused' ? next.pauseReason : null,
      next_slot_at: next.state === 'active' && next.nextSlotAt !== null ? toDate(next.nextSlotAt) : null,
    })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

export const deletePost = async (tx: TenantTx, id: number): Promise<void> => {
  await tx.deleteFrom('group_post').where('tenant_id', '=', tx.tenantId).where('id', '=', id).execute()
}

export interface StoredRun {
  readonly postId: number
  readonly slotAt: number
  readonly deliveryId: number | null
  readonly reason: string | null
  readonly skipped: number
}

/** Writes down what happened at a slot, once; false when it was written before. */
export const insertRun = async (tx: TenantTx, run: StoredRun, at: number): Promise<boolean> => {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('group_post_run')
    .values({
      tenant_id: tx.tenantId,
      post_id: run.postId,
      slot_at: toDate(run.slotAt),
      delivery_id: run.deliveryId,
      reason: run.reason,
      skipped: run.skipped,
      at: toDate(at),
      is_settled: run.deliveryId === null,
    })
    .onConflict((c) => c.columns(['tenant_id', 'post_id', 'slot_at']).doNothing())
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

const toRun = (row: {
  readonly post_id: number
  readonly slot_at: Date
  readonly delivery_id: number | null
  readonly reason: string | null
  readonly skipped: number
}): StoredRun => ({
  postId: row.post_id,
  slotAt: row.slot_at.getTime(),
  deliveryId: row.delivery_id,
  reason: row.reason,
  skipped: row.skipped,
})

/** A post's last runs, the newest first. */
export const selectRuns = async (tx: TenantTx, postId: number, limit: number): Promise<readonly StoredRun[]> => {
  const rows = await tx
    .selectFrom('group_post_run')
    .select(['post_id', 'slot_at', 'delivery_id', 'reason', 'skipped'])
    .where('tenant_id', '=', tx.tenantId)
    .where('post_id', '=', postId)
    .orderBy('slot_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map(toRun)
}

/** Runs whose deliveries had not ended when they were looked at last. */
export const selectOpenRuns = async (tx: TenantTx, limit: number): Promise<readonly StoredRun[]> => {
  const rows = await tx
    .selectFrom('group_post_run')
    .select(['post_id', 'slot_at', 'delivery_id', 'reason', 'skipped'])
    .where('tenant_id', '=', tx.tenantId)
    .where('is_settled', '=', false)
    .orderBy('slot_at')
    .limit(limit)
    .execute()
  return rows.map(toRun)
}

export const settleRun = async (tx: TenantTx, run: Pick<StoredRun, 'postId' | 'slotAt'>): Promise<void> => {
  await tx
    .updateTable('group_post_run')
    .set({ is_settled: true })
    .where('tenant_id', '=', tx.tenantId)
    .where('post_id', '=', run.postId)
    .where('slot_at', '=', toDate(run.slotAt))
    .execute()
}

/** Tenants with a slot that has come, or with runs whose end has to be looked at. */
export const listTenantsWithPosts = async (tx: OperatorTx, now: number): Promise<readonly number[]> => {
  const { rows } = await sql<{ tenant_id: number }>`
    select tenant_id from group_post where state = 'active' and next_slot_at <= ${toDate(now)}
    union select tenant_id from group_post_run where not is_settled`.execute(tx)
  return rows.map((row) => row.tenant_id)
}

interface Place {
  readonly status: string
  readonly is_installed: boolean | null
}

const placeOf = (row: Place | undefined) => {
  const isInChat = row !== undefined && row.status !== 'left' && row.status !== 'kicked'
  return { isInChat, isInstalled: isInChat && (row.status === 'administrator' || row.is_installed === true) }
}

/** The account's place in a chat, as far as it decides whether it may post by schedule. */
export const findPlace = async (
  tx: TenantTx,
  chatId: number,
  accountId: number,
): Promise<{ readonly isInChat: boolean; readonly isInstalled: boolean }> =>
  placeOf(
    await tx
      .selectFrom('chat_account')
      .select(['status', 'is_installed'])
      .where('tenant_id', '=', tx.tenantId)
      .where('chat_id', '=', chatId)
      .where('account_id', '=', accountId)
      .executeTakeFirst(),
  )

/** The accounts that are in a chat, and whether each may post by schedule. */
export const selectPlaces = async (
  tx: TenantTx,
  chatId: number,
): Promise<readonly { readonly id: number; readonly name: string; readonly isInstalled: boolean }[]> => {
  const rows = await tx
    .selectFrom('chat_account as k')
    .innerJoin('account as a', (join) =>
      join.onRef('a.tenant_id', '=', 'k.tenant_id').onRef('a.id', '=', 'k.account_id'),
    )
    .select(['a.id', 'a.display_name', 'k.status', 'k.is_installed'])
    .where('k.tenant_id', '=', tx.tenantId)
    .where('k.chat_id', '=', chatId)
    .orderBy('a.id')
    .execute()
  return rows.flatMap((row) => {
    const { isInChat, isInstalled } = placeOf(row)
    return isInChat ? [{ id: row.id, name: row.display_name, isInstalled }] : []
  })
}
