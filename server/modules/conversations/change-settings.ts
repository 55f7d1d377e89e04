import { GROUP_INTENSITIES, type GroupIntensity, REPLY_MODES, type ReplyMode } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { lockSubscription, requireFeature } from '#server/modules/billing/index.ts'
import { recordAudit } from '#server/modules/tenancy/index.ts'

import {
  type AccountSettings,
  SETTING_FIELDS,
  checkAnswering,
  checkGroupPlacements,
  checkInviteRatio,
  checkProductPrice,
  placementsOf,
} from './account-setting.rules.ts'
import { insertSettings, lockVoice } from './account-setting.store.ts'
import { type AccountSettingsView, getAccountSettings } from './get-account-settings.ts'

/** Who changes something, as the audit log names them, and when (epoch ms). */
export interface VoiceActor {
  readonly by: string
  readonly at: number
}

/**
 * Changes settings of an account as a new version, and writes down what they were and are. What stays as it was chosen
 * is not asked about again, so that nothing is lost after a downgrade. Locks the subscription, then the account's voice.
 * Errors: `not_found`, those of the checks.
 */
export const changeSettings = async (
  tx: TenantTx,
  accountId: number,
  change: Partial<AccountSettings>,
  { by, at }: VoiceActor,
): Promise<AccountSettingsView> => {
  await lockSubscription(tx)
  await lockVoice(tx, accountId)
  const before = await getAccountSettings(tx, accountId, at)
  const chosen = { ...before.chosen, ...change }
  const changed = SETTING_FIELDS.filter((field) => chosen[field] !== before.chosen[field])
  if (changed.includes('replyMode')) await checkReplyMode(tx, chosen.replyMode, at)
  if (changed.includes('inviteRatio')) checkInviteRatio(chosen.inviteRatio, before.limits)
  if (changed.includes('groupPlacements')) checkGroupPlacements(chosen.groupPlacements, before.limits)
  checkProductPrice(chosen.productPriceMinor, chosen.productCurrency)
  checkAnswering(chosen)
  if (changed.length === 0 && before.version > 0) return before
  const version = before.version + 1
  await insertSettings(tx, accountId, version, chosen, { by, at })
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'settings.updated',
    target: `account:${accountId}`,
    detail: {
      version,
      ...Object.fromEntries(
        changed.flatMap((field) => [
          [`${field}.before`, before.chosen[field]],
          [`${field}.after`, chosen[field]],
        ]),
      ),
    },
    at,
  })
  return getAccountSettings(tx, accountId, at)
}

/** People's own answers need no package, not even a running one. */
const checkReplyMode = async (tx: TenantTx, mode: ReplyMode, at: number): Promise<void> => {
  if (!REPLY_MODES.includes(mode)) throw invalid('unknown_word', 'replyMode', { allowed: REPLY_MODES.join(', ') })
  if (mode !== 'manual') await requireFeature(tx, { replyMode: mode }, at)
}

interface Setting {
  readonly accountId: number
}

/**
 * How an account answers: `manual` by people alone. Errors: `not_found`, `invalid/unknown_word`,
 * `limit_reached/package_feature` naming the package that includes the mode, `limit_reached/subscription_over`.
 */
export const setReplyMode = (
  tx: TenantTx,
  { accountId, mode }: Setting & { readonly mode: ReplyMode },
  actor: VoiceActor,
): Promise<AccountSettingsView> => changeSettings(tx, accountId, { replyMode: mode }, actor)

/** What of the reply modes can be set beside the mode itself. */
export type AnsweringChange = Partial<
  Pick<AccountSettings, 'draftLifeMinutes' | 'holdingMessage' | 'confidenceMin' | 'sendsFollowUps'>
>

/**
 * How drafts and follow-ups of an account work. Errors: `not_found`, `invalid` naming the field and its range,
 * `invalid/persona_use` for a holding message that is outside acceptable use.
 */
export const setAnswering = (
  tx: TenantTx,
  { accountId, ...change }: Setting & AnsweringChange,
  actor: VoiceActor,
): Promise<AccountSettingsView> =>
  changeSettings(
    tx,
    accountId,
    change.holdingMessage === undefined ? change : { ...change, holdingMessage: change.holdingMessage.trim() },
    actor,
  )

/**
 * In which share (0–1) of eligible conversations an invitation is shown, up to the package's. How often one person is
 * asked is capped by the guard whatever the share. Errors: `not_found`, `invalid/number_expected`,
 * `limit_reached/setting_over_package`.
 */
export const setInviteRatio = (
  tx: TenantTx,
  { accountId, ratio }: Setting & { readonly ratio: number },
  actor: VoiceActor,
): Promise<AccountSettingsView> => changeSettings(tx, accountId, { inviteRatio: ratio }, actor)

/**
 * In how many places the way into the groups is shown, up to the package's. Errors: `not_found`, `invalid/unknown_word`,
 * `limit_reached/setting_over_package`.
 */
export const setGroupIntensity = (
  tx: TenantTx,
  { accountId, intensity }: Setting & { readonly intensity: GroupIntensity },
  actor: VoiceActor,
): Promise<AccountSettingsView> => {
  if (!GROUP_INTENSITIES.includes(intensity))
    throw invalid('unknown_word', 'intensity', { allowed: GROUP_INTENSITIES.join(', ') })
  return changeSettings(tx, accountId, { groupPlacements: placementsOf(intensity) }, actor)
}
