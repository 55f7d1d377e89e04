import type { ModelMode } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type Access, requireCan } from '#server/modules/tenancy/index.ts'

import { limitsOf, monthAt } from './admit-questions.ts'
import { PER_MINUTE_DEFAULT, TOKENS_PER_MONTH_DEFAULT } from './meter.rules.ts'
import { findGate, findTimeZone } from './model.store.ts'

/** A tenant's model as it may be shown. Instants are epoch ms. */
export interface ModelView {
  /** Whether anybody ever set it. */
  readonly isSet: boolean
  /** 0 before anybody set it. */
  readonly version: number
  readonly mode: ModelMode
  readonly baseUrl: string | null
  readonly hasKey: boolean
  readonly model: string | null
  readonly tokensPerMonth: number
  readonly perMinuteMax: number
  /** Of this calendar month: used, and held for questions under way. */
  readonly tokensTaken: number
  /** What may be used this month; lower than what is set where the package allows less of the installation's model. */
  readonly tokensAllowed: number
  /** First day of the month, `YYYY-MM-01`. */
  readonly month: string
  /** Until when nothing is asked, and why; null while the endpoint works. */
  readonly rest: { readonly reason: 'circuit_open' | 'rate_limited'; readonly until: number } | null
}

/** The tenant's model, its limits and how it is at `at`. Errors: `forbidden`. */
export const viewModel = async (tx: TenantTx, access: Access, at: number): Promise<ModelView> => {
  requireCan(access, 'settings.view')
  return readModelView(tx, at)
}

/** The same for whoever may see it already. */
export const readModelView = async (tx: TenantTx, at: number): Promise<ModelView> => {
  const gate = await findGate(tx, 'as it is')
  const month = monthAt(at, gate?.timeZone ?? (await findTimeZone(tx)))
  if (!gate)
    return {
      isSet: false,
      version: 0,
      mode: 'off',
      baseUrl: null,
      hasKey: false,
      model: null,
      tokensPerMonth: TOKENS_PER_MONTH_DEFAULT,
      perMinuteMax: PER_MINUTE_DEFAULT,
      tokensTaken: 0,
      tokensAllowed: 0,
      month,
      rest: null,
    }
  const { setting, meter } = gate
  const { restingUntil, restingReason } = meter
  return {
    isSet: true,
    version: setting.version,
    mode: setting.mode,
    baseUrl: setting.baseUrl,
    hasKey: setting.keySealed !== null,
    model: setting.model,
    tokensPerMonth: setting.tokensPerMonth,
    perMinuteMax: setting.perMinuteMax,
    tokensTaken: meter.month === month ? meter.tokensTaken : 0,
    tokensAllowed: setting.mode === 'off' ? 0 : limitsOf(gate, at).tokensPerMonth,
    month,
    rest:
      restingUntil !== null && restingReason && restingUntil > at
        ? { reason: restingReason, until: restingUntil }
        : null,
  }
}
