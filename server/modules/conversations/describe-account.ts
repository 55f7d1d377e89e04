import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { campaignsNeedApproval } from '#server/modules/campaigns/index.ts'
import { getProtection } from '#server/modules/groups/index.ts'
import { type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'

import { type ConfiguredSetting, allowed, tightened } from './account-layers.rules.ts'
import { type SettingChange, type TenantLayers, findTenantLayers, listSettingChanges } from './account-layers.store.ts'
import { SETTING_FIELDS } from './account-setting.rules.ts'
import { getAccountSettings } from './get-account-settings.ts'

/** Every setting that holds for an account, with where it comes from. */
export interface AccountConfiguration {
  readonly accountId: number
  readonly displayName: string
  readonly package: string
  readonly settings: readonly ConfiguredSetting[]
  /** Who changed what, newest first; at most fifty. */
  readonly history: readonly SettingChange[]
}

const HISTORY_ROWS = 50

type Layered = Pick<ConfiguredSetting, 'key' | 'value' | 'source' | 'layers'>

const limitsOf = (layers: TenantLayers): readonly Layered[] => [
  tightened('perMinuteMax', layers.perMinuteMax, layers.ownPerMinuteMax, 'smaller'),
  tightened('outreachHourlyMax', layers.outreachHourlyMax, layers.ownOutreachHourlyMax, 'smaller'),
  tightened('outreachDailyMax', layers.outreachDailyMax, layers.ownOutreachDailyMax, 'smaller'),
  tightened('outreachCooldownMinutes', layers.outreachCooldownMinutes, layers.ownOutreachCooldownMinutes, 'greater'),
  tightened('groupPostCooldownSeconds', layers.groupPostCooldownSeconds, layers.ownGroupPostCooldownSeconds, 'greater'),
  tightened('dailyMessagesMax', layers.dailyMessagesMax, null, 'smaller'),
  tightened('monthlyMessagesMax', layers.monthlyMessagesMax, null, 'smaller'),
  tightened('quietFromHour', layers.quietFromHour, null, 'smaller'),
  tightened('quietToHour', layers.quietToHour, null, 'greater'),
  { key: 'warmUp', value: layers.warmUp, source: 'package', layers: { package: layers.warmUp } },
]

const ofTenant = (key: string, value: ConfiguredSetting['value']): Layered => ({
  key,
  value,
  source: 'tenant',
  layers: { tenant: value },
})

/**
 * Every setting that holds for an account at `now` (epoch ms), by layer: the package's, the tenant's own, the account's.
 * Says which decided, who changed it and when, and what was changed before. Reads only. Errors:
 * `forbidden/not_allowed`, `not_found`.
 */
export const describeAccount = async (
  tx: TenantTx,
  { accountId, now }: { readonly accountId: number; readonly now: number },
  { access }: Pick<ActingPerson, 'access'>,
): Promise<AccountConfiguration> => {
  requireCan(access, 'settings.view')
  const { displayName } = await getAccount(tx, accountId)
  const layers = await findTenantLayers(tx)
  const { chosen, effective, version, updatedBy, updatedAt } = await getAccountSettings(tx, accountId, now)
  const protection = await getProtection(tx)
  const history = await listSettingChanges(tx, accountId, HISTORY_ROWS)
  const changed = (action: RegExp) => history.find((line) => action.test(line.action)) ?? null
  const stamp = (setting: Layered, action: RegExp): ConfiguredSetting => {
    const line = setting.source === 'package' ? null : changed(action)
    return { ...setting, changedBy: line?.by ?? null, changedAt: line?.at ?? null }
  }
  return {
    accountId,
    displayName,
    package: layers.package,
    settings: [
      ...SETTING_FIELDS.map((key) => ({
        ...allowed(key, effective[key], chosen[key], version > 0),
        changedBy: updatedBy,
        changedAt: updatedAt,
      })),
      ...limitsOf(layers).map((setting) => stamp(setting, /^protection[.]/)),
      stamp(
        protection.version > 0 && protection.level === protection.chosenLevel
          ? ofTenant('spamLevel', protection.level)
          : {
              key: 'spamLevel',
              value: protection.level,
              source: 'package',
              layers: {
                package: protection.level,
                ...(protection.version > 0 && { tenant: protection.chosenLevel }),
              },
            },
        /^protection[.]/,
      ),
      stamp(ofTenant('campaignApproval', await campaignsNeedApproval(tx)), /^campaigns[.]approval_set$/),
      stamp(ofTenant('senderName', layers.senderName), /^tenant[.]updated$/),
      stamp(ofTenant('timeZone', layers.timeZone), /^tenant[.]updated$/),
      stamp(ofTenant('locale', layers.locale), /^tenant[.]updated$/),
    ],
    history,
  }
}
