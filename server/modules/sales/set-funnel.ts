import { AppError, invalid, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { checkFunnel } from './check-funnel.rules.ts'
import { type Funnel, type FunnelDefinition, STANDARD_FUNNEL, withReminders } from './funnel.rules.ts'
import { findFunnel, insertFunnel } from './funnel.store.ts'
import { requireFunnel } from './may-use-funnel.ts'

const keep = async (
  tx: TenantTx,
  { name, definition }: { readonly name: string; readonly definition: FunnelDefinition },
  { by, at }: Pick<ActingPerson, 'by' | 'at'>,
): Promise<Funnel> => {
  const version = ((await findFunnel(tx, name))?.version ?? 0) + 1
  await insertFunnel(tx, { name, version, definition }, { by, at })
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'funnel.updated',
    target: `funnel:${name}`,
    detail: { version, stages: definition.stages.length },
    at,
  })
  return { name, version, definition, updatedBy: by, updatedAt: at }
}

/**
 * Keeps a funnel of the tenant's own as its next version; who is in an earlier one ends in that. Errors:
 * `forbidden/not_allowed`, `limit_reached/package_feature` without custom funnels, `conflict/funnel_standard` for the
 * standard one, `invalid/funnel_…` naming the field.
 */
export const setFunnel = async (
  tx: TenantTx,
  { name, definition: given }: { readonly name: string; readonly definition: unknown },
  actor: ActingPerson,
): Promise<Funnel> => {
  requireCan(actor.access, 'sales.edit')
  await requireFunnel(tx, 'custom', actor.at)
  if (name === STANDARD_FUNNEL) throw new AppError('conflict', 'funnel_standard', { name })
  if (!/^[a-z][a-z0-9_-]{0,39}$/.test(name)) throw invalid('funnel_name', 'name', { given: name.slice(0, 40) })
  return keep(tx, { name, definition: checkFunnel(given) }, actor)
}

/**
 * Turns the gentle reminders of a funnel on or off, as its next version; `hours` is how long silence lasts before one.
 * Errors: `forbidden/not_allowed`, `not_found`, `limit_reached/package_feature`, `invalid/funnel_…`,
 * `conflict/funnel_no_reminder` for a funnel that has none.
 */
export const setReminders = async (
  tx: TenantTx,
  change: { readonly name: string; readonly isOn: boolean; readonly hours?: number },
  actor: ActingPerson,
): Promise<Funnel> => {
  requireCan(actor.access, 'sales.edit')
  const { name, isOn, hours } = change
  await requireFunnel(tx, name === STANDARD_FUNNEL ? 'standard' : 'custom', actor.at)
  const funnel = await findFunnel(tx, name)
  if (!funnel) throw notFound('funnel', name)
  const reminds = funnel.definition.stages.some(({ transitions }) => transitions.some(({ does }) => does === 'remind'))
  if (!reminds) throw new AppError('conflict', 'funnel_no_reminder', { name })
  return keep(tx, { name, definition: checkFunnel(withReminders(funnel.definition, isOn, hours)) }, actor)
}
