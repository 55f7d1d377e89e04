import type { ModelMode } from '#contract/words.ts'
import type { SecretBox } from '#server/base/secret.ts'
import { AppError, invalid } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { findAddressFault } from '#server/gateways/endpoint-address.ts'
import { modelKeyContext, openTenantKey } from '#server/modules/accounts/index.ts'
import { type Access, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { monthAt } from './admit-questions.ts'
import { PER_MINUTE_DEFAULT, TOKENS_PER_MONTH_DEFAULT } from './meter.rules.ts'
import { findGate, findTimeZone, saveSetting } from './model.store.ts'
import { type ModelView, readModelView } from './view-model.ts'

/** What is changed of a tenant's model; what is left out stays. */
export interface ModelChange {
  readonly mode?: ModelMode
  /** Up to and including the version, as `https://api.openai.com/v1`. */
  readonly baseUrl?: string
  /** Null for a server that asks for none. */
  readonly apiKey?: string | null
  readonly model?: string
  /** 0–10^12. */
  readonly tokensPerMonth?: number
  /** 1–100 000. */
  readonly perMinuteMax?: number
  /** What it must still be at, 0 before anybody set it; left out, whatever it is at is changed. */
  readonly expectedVersion?: number
}

export interface ModelActor {
  readonly access: Access
  /** For the audit log. */
  readonly by: string
  readonly at: number
}

export interface ModelSetDeps {
  readonly box: SecretBox
  /** Whether the installation has an endpoint that tenants may use. */
  readonly hasInstallation: boolean
  readonly arePrivateAllowed: boolean
}

const TOKENS_MAX = 1_000_000_000_000
const PER_MINUTE_MAX = 100_000

/**
 * Sets whose model answers for the tenant, its address, key, name and limits, in the caller's transaction, and shows them. What was
 * learned of the endpoint before is forgotten with any change of it. Audited, the key never. Errors: `forbidden`,
 * `invalid/model_not_an_address`, `invalid/model_not_https`, `invalid/model_private_address`,
 * `invalid/model_incomplete`, `invalid/model_key`,
 * `invalid/whole_number_expected`, `unavailable/no_installation_model`, `conflict/settings_moved_on`.
 */
export const setModel = async (
  tx: TenantTx,
  deps: ModelSetDeps,
  change: ModelChange,
  { access, by, at }: ModelActor,
): Promise<ModelView> => {
  requireCan(access, 'settings.edit')
  const before = await findGate(tx, 'locked')
  const version = before?.setting.version ?? 0
  if (change.expectedVersion !== undefined && change.expectedVersion !== version)
    throw new AppError('conflict', 'settings_moved_on', { field: 'expectedVersion', version })
  const mode = change.mode ?? before?.setting.mode ?? 'off'
  const baseUrl = change.baseUrl?.trim().replace(/\/+$/, '') ?? before?.setting.baseUrl ?? null
  const model = change.model?.trim() ?? before?.setting.model ?? null
  const tokensPerMonth = change.tokensPerMonth ?? before?.setting.tokensPerMonth ?? TOKENS_PER_MONTH_DEFAULT
  const perMinuteMax = change.perMinuteMax ?? before?.setting.perMinuteMax ?? PER_MINUTE_DEFAULT
  checkRange('tokensPerMonth', tokensPerMonth, 0, TOKENS_MAX)
  checkRange('perMinuteMax', perMinuteMax, 1, PER_MINUTE_MAX)
  if (mode === 'installation' && !deps.hasInstallation) throw new AppError('unavailable', 'no_installation_model')
  if (mode === 'own' && !baseUrl) throw invalid('model_incomplete', 'baseUrl')
  if (mode === 'own' && !model) throw invalid('model_incomplete', 'model')
  if (baseUrl !== null) checkAddress(baseUrl, deps.arePrivateAllowed)
  // A key is for the server it was given for, and never follows to another address.
  const isMoved = baseUrl !== (before?.setting.baseUrl ?? null)
  const keySealed =
    change.apiKey === undefined
      ? isMoved
        ? null
        : (before?.setting.keySealed ?? null)
      : change.apiKey === null
        ? null
        : await sealKey(tx, deps.box, change.apiKey, at)
  const timeZone = before?.timeZone ?? (await findTimeZone(tx))
  await saveSetting(
    tx,
    { mode, baseUrl, keySealed, model, tokensPerMonth, perMinuteMax, changedBy: by, changedAt: at },
    monthAt(at, timeZone),
  )
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'model.set',
    target: 'model_setting',
    detail: { mode, baseUrl, model, tokensPerMonth, perMinuteMax, hasKey: keySealed !== null },
    at,
  })
  return readModelView(tx, at)
}

const checkRange = (field: string, value: number, min: number, max: number): void => {
  if (!Number.isSafeInteger(value) || value < min || value > max)
    throw invalid('whole_number_expected', field, { min, max, given: value })
}

const checkAddress = (baseUrl: string, arePrivateAllowed: boolean): void => {
  const fault = findAddressFault(baseUrl, arePrivateAllowed)
  if (fault === 'not_an_address') throw invalid('model_not_an_address', 'baseUrl')
  if (fault === 'not_https') throw invalid('model_not_https', 'baseUrl')
  if (fault === 'private_address') throw invalid('model_private_address', 'baseUrl')
}

const sealKey = async (tx: TenantTx, box: SecretBox, given: string, at: number): Promise<Buffer> => {
  const apiKey = given.trim()
  if (!/^[\x21-\x7E]{1,500}$/.test(apiKey)) throw invalid('model_key', 'apiKey')
  return (await openTenantKey(tx, box, at)).seal(apiKey, modelKeyContext(tx.tenantId))
}
