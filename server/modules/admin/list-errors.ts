import { notFound } from '#server/base/errors.ts'
import { instantOfLocal } from '#server/base/local-time.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { type ErrorGroup, daysUntil, groupDays, groupOfAlert } from './error-group.rules.ts'
import {
  selectFailedDays,
  selectFaultDays,
  selectParkedEventDays,
  selectParkedUpdateDays,
} from './error-group.store.ts'
import { checkResolution } from './fault.rules.ts'
import { lockAlert, saveResolution, selectAlerts } from './fault.store.ts'

export interface ErrorReport {
  /** UTC days, oldest first; each group counts by them. */
  readonly days: readonly string[]
  readonly groups: readonly ErrorGroup[]
}

/**
 * What is wrong as far as it is recorded, alike things together: faults, messages that failed in these days, updates and
 * events that were put aside. `isOpen` narrows it to what is not over, or to what is; failed messages are never over.
 * Errors: `forbidden/not_allowed`.
 */
export const listErrors = async (
  tx: OperatorTx,
  { days: count, isOpen }: { readonly days: number; readonly isOpen: boolean | null },
  { access, at }: Pick<ActingPerson, 'access' | 'at'>,
): Promise<ErrorReport> => {
  requireCan(access, 'installation.errors')
  const days = daysUntil(at, count)
  const since = instantOfLocal(days[0] ?? '', 0, 'UTC')
  const faultDays = await selectFaultDays(tx, since)
  const groups = [
    ...(await selectAlerts(tx, since)).map((alert) => groupOfAlert(alert, faultDays, days)),
    ...groupDays('message', await selectFailedDays(tx, since), days),
    ...groupDays('update', await selectParkedUpdateDays(tx), days),
    ...groupDays('event', await selectParkedEventDays(tx), days),
  ]
  return { days, groups: groups.filter(({ state }) => isOpen === null || (state === 'open') === isOpen) }
}

/**
 * Says what was done about a fault and ends its alert; seen again, it opens a new one, which is told. Locks the alert.
 * Audited. Errors: `forbidden/not_allowed`, `not_found`, `invalid/text_length`.
 */
export const resolveFault = async (
  tx: OperatorTx,
  { cause, note }: { readonly cause: string; readonly note: string },
  { by, access, at }: ActingPerson,
): Promise<void> => {
  requireCan(access, 'installation.resolve')
  const kept = checkResolution(note)
  const alert = await lockAlert(tx, cause)
  if (alert === null) throw notFound('fault', cause.slice(0, 200))
  await saveResolution(tx, cause, { at, by, note: kept })
  const detail = { episode: alert.episode, note: kept }
  await recordAudit(tx, { tenantId: null, actor: by, action: 'fault.resolved', target: cause, detail, at })
}
