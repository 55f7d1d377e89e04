import { emitEvents } from '#server/db/emit-events.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator, withinTenant } from '#server/db/tenant-scope.ts'

import { claimOverdueTasks } from './task.store.ts'

const BATCH = 1_000

/** Tells of tasks of all tenants whose time passed, once each; returns how many. Emits `task.overdue`. */
export const tickTasks = async ({ db }: { readonly db: Db }, at: number): Promise<number> => {
  for (let total = 0; ;) {
    const claimed = await asOperator(db, 'overdue tasks', async (tx) => {
      const tasks = await claimOverdueTasks(tx, at, BATCH)
      for (const tenantId of new Set(tasks.map((task) => task.tenantId))) {
        const events = tasks
          .filter((task) => task.tenantId === tenantId)
          .map(({ id, dueAt }) => ({ type: 'task.overdue', payload: { taskId: id, dueAt } }) as const)
        await withinTenant(tx, tenantId, (inner) => emitEvents(inner, at, events))
      }
      return tasks.length
    })
    total += claimed
    if (claimed < BATCH) return total
  }
}
