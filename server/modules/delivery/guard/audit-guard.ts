import type { Db } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'

import {
  AUDITED_CAPS,
  type AuditFinding,
  countAudited,
  findCapBreaches,
  findConsentBreaches,
  findDoubleSends,
  findLateRepeats,
  findOverdueSends,
  findQuietHourBreaches,
  findRepeats,
  findSpokenOver,
  findWindowBreaches,
} from './audit.store.ts'

export interface AuditReport {
  /** Recorded sends that were looked at. */
  readonly checked: number
  readonly findings: readonly AuditFinding[]
}

/**
 * Re-checks every recorded send of a tenant against every cap, consent, quiet hours, repeats, double
 * sends, reply windows, silenced models and the end of the subscription, from the ledger alone: nothing the guard remembered is used. No findings means the promises held.
 */
export const auditGuard = (db: Db, tenantId: number): Promise<AuditReport> =>
  inTenant(db, tenantId, async (tx) => {
    const findings: AuditFinding[] = []
    for (const cap of AUDITED_CAPS) findings.push(...(await findCapBreaches(tx, cap)))
    for (const find of [
      findConsentBreaches,
      findQuietHourBreaches,
      findRepeats,
      findDoubleSends,
      findLateRepeats,
      findWindowBreaches,
      findOverdueSends,
      findSpokenOver,
    ])
      findings.push(...(await find(tx)))
    return { checked: await countAudited(tx), findings }
  })
