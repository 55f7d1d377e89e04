import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, requireAssignable, requireCan } from '#server/modules/tenancy/index.ts'

import { lockLivingContact } from './lock-living-contact.ts'
import { type ContactTask, checkDue, checkTaskTitle } from './crm.rules.ts'
import { type TaskFilter, insertTask, lockTask, saveTask, selectTasks } from './task.store.ts'

export interface NewTask {
  readonly contactId: number
  readonly title: string
  readonly dueAt?: number | null
  readonly assignedTo?: number | null
}

/**
 * Something is to be done about a contact. Locks the contact and whom it is given to. Errors: `forbidden/not_allowed`,
 * `not_found`, `invalid/text_length`, `invalid/task_due`, `invalid/assignee`.
 */
export const addTask = async (
  tx: TenantTx,
  { contactId, title, dueAt = null, assignedTo = null }: NewTask,
  { by, access, at }: ActingPerson,
): Promise<ContactTask> => {
  requireCan(access, 'contacts.edit')
  const task = { title: checkTaskTitle(title), dueAt: checkDue(dueAt, at), assignedTo, createdBy: by, createdAt: at }
  if (assignedTo !== null) await requireAssignable(tx, assignedTo, 'contacts.edit')
  return insertTask(tx, { ...task, contactId: await lockLivingContact(tx, contactId) })
}

export interface TaskChange {
  readonly title?: string
  readonly dueAt?: number | null
  readonly assignedTo?: number | null
  readonly isDone?: boolean
}

/**
 * Changes a task, gives it to somebody, ends it or opens it again. Locks it. Errors: as {@link addTask}.
 */
export const changeTask = async (
  tx: TenantTx,
  { id, ...change }: TaskChange & { readonly id: number },
  { by, access, at }: ActingPerson,
): Promise<ContactTask> => {
  requireCan(access, 'contacts.edit')
  const { title, dueAt, assignedTo, isDone } = change
  if (assignedTo != null) await requireAssignable(tx, assignedTo, 'contacts.edit')
  const before = await lockTask(tx, id)
  if (!before) throw notFound('task', id)
  const ended = isDone === true ? { doneAt: before.doneAt ?? at, doneBy: before.doneBy ?? by } : {}
  const task = {
    ...before,
    ...(title !== undefined && { title: checkTaskTitle(title) }),
    ...(dueAt !== undefined && { dueAt: checkDue(dueAt, at) }),
    ...(assignedTo !== undefined && { assignedTo }),
    ...(isDone === false ? { doneAt: null, doneBy: null } : ended),
  }
  await saveTask(tx, task)
  return task
}

const LIMIT_MAX = 200

/** Open tasks, those due first; done ones with `isDone`. Errors: `forbidden/not_allowed`. */
export const listTasks = (
  tx: TenantTx,
  filter: TaskFilter,
  page: { readonly limit: number; readonly offset?: number },
  { access }: Pick<ActingPerson, 'access'>,
): Promise<readonly ContactTask[]> => {
  requireCan(access, 'contacts.view')
  const limit = Math.min(Math.max(page.limit, 1), LIMIT_MAX)
  return selectTasks(tx, filter, { limit, offset: Math.max(0, page.offset ?? 0) })
}
