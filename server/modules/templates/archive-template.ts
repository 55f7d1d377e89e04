import type { TenantTx } from '#server/db/tenant-scope.ts'

import { lockTemplate, setTemplateState } from './template.store.ts'

/**
 * Takes a template out of use for good: nothing new is planned with it and what is planned is refused by the guard.
 * The row stays, for what was sent with it. Locks the template; `at` is epoch ms. Errors: `not_found`.
 */
export const archiveTemplate = async (tx: TenantTx, id: number, at: number): Promise<void> => {
  await lockTemplate(tx, id)
  await setTemplateState(tx, id, 'archived', at)
}
