import type { TenantTx } from '#server/db/tenant-scope.ts'

import { endTurns, resumeTurns } from './turn.store.ts'

/**
 * The contact said whether a model may read what they write: what waited for it is answered now, or by a person. Returns
 * whether an answer is on its way.
 */
export const applyAiConsent = async (
  tx: TenantTx,
  { contactId, granted }: { readonly contactId: number; readonly granted: boolean },
  at: number,
): Promise<boolean> => {
  if (granted) return resumeTurns(tx, contactId, at)
  await endTurns(tx, { contactId }, 'no_consent', at)
  return false
}
