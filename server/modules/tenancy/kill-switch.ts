import { invalid, notFound } from '#server/base/errors.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import { recordAudit } from './audit.store.ts'
import { findGlobalSwitch, saveGlobalSwitch, saveTenantSwitch } from './kill-switch.store.ts'

export interface SwitchInput {
  /** Who throws it, for the audit log. */
  readonly by: string
  readonly at: number
}

/** A reason of 1–200 characters, shown as "why not sent". Errors: `invalid/text_length`. */
export const checkSwitchReason = (reason: string): string => {
  const text = reason.trim()
  if (text.length === 0 || text.length > 200)
    throw invalid('text_length', 'reason', { min: 1, max: 200, length: text.length })
  return text
}

/** Stops every send of the installation, from the commit of `tx` on; replies included. Audited. */
export const stopAllSending = async (tx: OperatorTx, reason: string, { by, at }: SwitchInput): Promise<void> => {
  const text = checkSwitchReason(reason)
  await saveGlobalSwitch(tx, { at, reason: text })
  await recordAudit(tx, {
    tenantId: null,
    actor: by,
    action: 'sending.stopped',
    target: 'installation',
    detail: { reason: text },
    at,
  })
}

/** Lets the installation send again. Audited. */
export const resumeAllSending = async (tx: OperatorTx, { by, at }: SwitchInput): Promise<void> => {
  await saveGlobalSwitch(tx, null)
  await recordAudit(tx, { tenantId: null, actor: by, action: 'sending.resumed', target: 'installation', at })
}

/** Why the whole installation sends nothing, or null. */
export const findSendingStop = (tx: OperatorTx | TenantTx): Promise<string | null> => findGlobalSwitch(tx)

/** Stops every send of one tenant. Audited. Errors: `not_found`. */
export const stopTenantSending = async (
  tx: OperatorTx | TenantTx,
  tenantId: number,
  reason: string,
  { by, at }: SwitchInput,
): Promise<void> => {
  const text = checkSwitchReason(reason)
  if (!(await saveTenantSwitch(tx, tenantId, { at, reason: text }))) throw notFound('tenant', tenantId)
  await recordAudit(tx, {
    tenantId,
    actor: by,
    action: 'sending.stopped',
    target: 'tenant',
    detail: { reason: text },
    at,
  })
}

/** Lets one tenant send again. Audited. Errors: `not_found`. */
export const resumeTenantSending = async (
  tx: OperatorTx | TenantTx,
  tenantId: number,
  { by, at }: SwitchInput,
): Promise<void> => {
  if (!(await saveTenantSwitch(tx, tenantId, null))) throw notFound('tenant', tenantId)
  await recordAudit(tx, { tenantId, actor: by, action: 'sending.resumed', target: 'tenant', at })
}
