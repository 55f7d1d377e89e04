import type { PackageName } from '#contract/words.ts'
import { CATALOGUE, packageOf } from '#server/modules/billing/index.ts'

import { moneyText, numberText, say } from '../say.ts'
import type { Talk } from '../talk.ts'

const limit = (talk: Talk, value: number | null): string =>
  value === null ? talk.t('usage.noLimit') : numberText(talk, value)

/** What a package is, in a few lines that stay readable on a phone. */
export const packageCard = (talk: Talk, name: PackageName): string => {
  const { limits, pace, features, support, priceMinor } = packageOf(name)
  const price =
    name === 'trial'
      ? talk.t('packages.free', { days: CATALOGUE.trialDays })
      : priceMinor === null
        ? talk.t('packages.byAgreement')
        : talk.t('packages.price', {
            price: moneyText(talk, priceMinor, CATALOGUE.currency),
            days: CATALOGUE.periodDays,
          })
  return [
    `<b>${talk.t(`words:package.${name}`)}</b> — ${price}`,
    say(talk, 'packages.limits', {
      accounts: limit(talk, limits.accounts),
      day: limit(talk, limits.messages_day),
      month: limit(talk, limits.messages_month),
      minute: limit(talk, pace.perMinuteMax),
    }),
    say(talk, 'packages.room', { groups: limit(talk, limits.groups), templates: limit(talk, limits.templates) }),
    say(talk, 'packages.features', {
      modes: features.replyModes.map((mode) => talk.t(`modes.${mode}.name`)).join(', '),
      crm: talk.t(`words:level.${features.crm}`),
      analytics: talk.t(`words:level.${features.analytics}`),
      spam: talk.t(`words:level.${features.spam}`),
    }),
    support.days === null ? talk.t('packages.supportAlways') : talk.t('packages.support', { days: support.days }),
  ].join('\n')
}
