import { DAY_MS } from '#server/base/duration.ts'
import { invalid } from '#server/base/errors.ts'
import { instantOfLocal, localDay } from '#server/base/local-time.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { type Access, getOwnTenant, requireCan } from '#server/modules/tenancy/index.ts'

import { countFires } from './fire.store.ts'
import type { Rule } from './rule.rules.ts'
import { selectRules } from './rule.store.ts'

export interface RuleReport {
  /** Days of the tenant's calendar, oldest first. */
  readonly days: readonly string[]
  readonly rules: readonly {
    readonly rule: Rule
    readonly fired: number
    /** Of those, how many were answers. */
    readonly answers: number
    /** By day, as in `days`. */
    readonly perDay: readonly number[]
  }[]
}

const DAYS_MAX = 90

/**
 * How often each of the account's rules did something on each of the last days, in the order they are asked. Errors:
 * `forbidden/not_allowed`, `not_found` for the account, `invalid/whole_number_expected`.
 */
export const reportRules = async (
  tx: TenantTx,
  { accountId, days, at }: { readonly accountId: number; readonly days: number; readonly at: number },
  access: Access,
): Promise<RuleReport> => {
  requireCan(access, 'settings.view')
  if (!Number.isInteger(days) || days < 1 || days > DAYS_MAX)
    throw invalid('whole_number_expected', 'days', { given: String(days), min: 1, max: DAYS_MAX })
  await getAccount(tx, accountId)
  const { timeZone } = await getOwnTenant(tx)
  // A day may be an hour longer or shorter; noon of it is always its own.
  const noon = instantOfLocal(localDay(at, timeZone), 12 * 60, timeZone)
  const names = Array.from({ length: days }, (_, i) => localDay(noon - (days - 1 - i) * DAY_MS, timeZone))
  const counted = await countFires(tx, { accountId, since: at - (days + 1) * DAY_MS, timeZone })
  const rules = (await selectRules(tx, accountId)).map((rule) => {
    const own = counted.filter(({ ruleId, day }) => ruleId === rule.id && names.includes(day))
    const perDay = names.map((name) => own.find(({ day }) => day === name)?.fired ?? 0)
    const sum = (pick: (day: (typeof own)[number]) => number) => own.reduce((total, day) => total + pick(day), 0)
    return { rule, fired: sum(({ fired }) => fired), answers: sum(({ answers }) => answers), perDay }
  })
  return { days: names, rules }
}
