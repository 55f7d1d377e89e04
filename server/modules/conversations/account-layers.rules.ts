import type { SettingLayer } from '#contract/words.ts'

export type SettingValue = string | number | boolean | null

/** One setting that holds for an account. */
export interface ConfiguredSetting {
  readonly key: string
  /** What holds; null for no limit. */
  readonly value: SettingValue
  /** The layer that decided. */
  readonly source: SettingLayer
  /** What each layer says; one that says nothing is left out. */
  readonly layers: Readonly<Partial<Record<SettingLayer, SettingValue>>>
  /** Who changed it last above the package; null where nobody did. */
  readonly changedBy: string | null
  /** Epoch ms. */
  readonly changedAt: number | null
}

/** Which of two limits is the stricter one. */
type Stricter = 'smaller' | 'greater'

/** A limit of the package that the tenant may tighten: the stricter holds, a missing one does not count. Pure and total. */
export const tightened = (
  key: string,
  ofPackage: number | null,
  ofTenant: number | null,
  stricter: Stricter,
): Pick<ConfiguredSetting, 'key' | 'value' | 'source' | 'layers'> => {
  const layers = { package: ofPackage, ...(ofTenant !== null && { tenant: ofTenant }) }
  if (ofTenant === null) return { key, value: ofPackage, source: 'package', layers }
  if (ofPackage === null) return { key, value: ofTenant, source: 'tenant', layers }
  const isTenant = stricter === 'smaller' ? ofTenant < ofPackage : ofTenant > ofPackage
  return { key, value: isTenant ? ofTenant : ofPackage, source: isTenant ? 'tenant' : 'package', layers }
}

/** What was chosen for an account, as far as the package lets it hold. `chosen` null before anything was. Pure and total. */
export const allowed = (
  key: string,
  effective: SettingValue,
  chosen: SettingValue,
  isChosen: boolean,
): Pick<ConfiguredSetting, 'key' | 'value' | 'source' | 'layers'> => ({
  key,
  value: effective,
  source: isChosen && effective === chosen ? 'account' : 'package',
  layers: isChosen ? { account: chosen, ...(effective !== chosen && { package: effective }) } : { package: effective },
})
