import type { TenantTx } from '#server/db/tenant-scope.ts'
import { AppError } from '#server/base/errors.ts'
import { requireFeature } from '#server/modules/billing/index.ts'

export type FunnelLevel = 'standard' | 'custom'

/** Errors: `limit_reached/package_feature` naming the package that includes it, `limit_reached/subscription_over`. */
export const requireFunnel = (tx: TenantTx, level: FunnelLevel, at: number): Promise<void> =>
  requireFeature(tx, { tier: 'funnel', level }, at)

/** Whether the package includes a funnel now; for what happens by itself, and then does not. */
export const mayUseFunnel = async (tx: TenantTx, level: FunnelLevel, at: number): Promise<boolean> => {
  try {
    await requireFunnel(tx, level, at)
    return true
  } catch (error) {
    if (error instanceof AppError && error.kind === 'limit_reached') return false
    throw error
  }
}
