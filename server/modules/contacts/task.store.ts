import { type Selectable, sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { ContactTaskTable } from '#server/db/schema.generated.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import type { ContactTask } from './crm.rules.ts'

const toTask = (row: Selectable<ContactTaskTable>): ContactTask => ({
  id: row.id,
  contactId: row.contact_id,
  title: row.title,
  dueAt: row.due_at?.getTime() ?? null,
  assignedTo: row.assigned_to,
  createdBy: row.created_by,
  createdAt: row.created_at.getTime(),
  doneAt: row.done_at?.getTime() ?? null,
  doneBy: row.done_by,
})

const dateOf = (at: number | null): Date | null => (at === null ? null : toDate(at))

export const insertTask = async (
  tx: TenantTx,
  task: Pick<ContactTask, 'contactId' | 'title' | 'dueAt' | 'assignedTo' | 'createdBy' | 'createdAt'>,
): Promise<ContactTask> => {
  const row = await tx
    .insertInto('contact_task')
    .values({
      tenant_id: tx.tenantId,
      contact_id: task.contactId,
      title: task.title,
      due_at: dateOf(task.dueAt),
      assigned_to: task.assignedTo,
      created_by: task.createdBy,
      created_at: toDate(task.createdAt),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return toTask(row)
}

/** One task; null where there is none. */
export const findTask = async (tx: TenantTx, id: number): Promise<ContactTask | null> => {
  const row = await tx
    .selectFrom('contact_task')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row ? toTask(row) : null
}

/** {@link findTask}, locked until the transaction ends. */
export const lockTask = async (tx: TenantTx, id: number): Promise<ContactTask | null> => {
  const row = await tx
    .selectFrom('contact_task')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  return row ? toTask(row) : null
}

/** Another due time is told of again when it passes. */
export const saveTask = async (tx: TenantTx, task: ContactTask): Promise<void> => {
  await sql`
    update contact_task set title = ${task.title}, assigned_to = ${task.assignedTo}, done_at = ${dateOf(task.doneAt)},
      done_by = ${task.doneBy}, due_at = ${dateOf(task.dueAt)}::timestamptz,
      overdue_told_at = case when due_at is not distinct from ${dateOf(task.dueAt)}::timestamptz then overdue_told_at end
    where tenant_id = ${tx.tenantId} and id = ${task.id}`.execute(tx)
}

/** What a list of tasks is narrowed to. */
export interface TaskFilter {
  readonly contactId?: number
  /** A member, or null for what is nobody's. */
  readonly assignedTo?: number | null
  /** Due before this instant. */
  readonly overdueAt?: number
  readonly isDone?: boolean
}

/** Tasks: those due first, then those without a time, by id; `limit` after `offset`. */
export const selectTasks = async (
  tx: TenantTx,
  filter: TaskFilter,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<readonly ContactTask[]> => {
  let query = tx.selectFrom('contact_task').selectAll().where('tenant_id', '=', tx.tenantId)
  query = query.where('done_at', filter.isDone === true ? 'is not' : 'is', null)
  if (filter.contactId !== undefined) query = query.where('contact_id', '=', filter.contactId)
  if (filter.assignedTo !== undefined)
    query =
      filter.assignedTo === null
        ? query.where('assigned_to', 'is', null)
        : query.where('assigned_to', '=', filter.assignedTo)
  if (filter.overdueAt !== undefined) query = query.where('due_at', '<=', toDate(filter.overdueAt))
  const rows = await query.orderBy('due_at').orderBy('id').limit(limit).offset(offset).execute()
  return rows.map(toTask)
}

/** Takes open tasks from a member; returns how many. */
export const unassignTasks = async (tx: TenantTx, memberId: number): Promise<number> => {
  const { numUpdatedRows } = await tx
    .updateTable('contact_task')
    .set({ assigned_to: null })
    .where('tenant_id', '=', tx.tenantId)
    .where('assigned_to', '=', memberId)
    .where('done_at', 'is', null)
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

export interface OverdueTask {
  readonly tenantId: number
  readonly id: number
  readonly dueAt: number
}

/** Tasks of any tenant whose time passed and nobody was told of, marked as told. */
export const claimOverdueTasks = async (tx: OperatorTx, at: number, limit: number): Promise<readonly OverdueTask[]> => {
  const { rows } = await sql<{ tenant_id: number; id: number; due_at: Date }>`
    update contact_task t set overdue_told_at = ${toDate(at)}
    from (
      select tenant_id, id from contact_task
      where done_at is null and due_at <= ${toDate(at)} and overdue_told_at is null
      limit ${limit} for no key update skip locked
    ) due
    where t.tenant_id = due.tenant_id and t.id = due.id
    returning t.tenant_id, t.id, t.due_at`.execute(tx)
  return rows.map((row) => ({ tenantId: row.tenant_id, id: row.id, dueAt: row.due_at.getTime() }))
}
