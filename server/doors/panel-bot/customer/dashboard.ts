import { parseInstant } from '#server/base/clock.ts'
import { type Account, listAccounts } from '#server/modules/accounts/index.ts'
import { type DayFigures, reportDays } from '#server/modules/analytics/index.ts'
import { type Subscription, type Usage, getSubscription, listUsage } from '#server/modules/billing/index.ts'
import { type Tenant, getOwnTenant } from '#server/modules/tenancy/index.ts'

import type { PanelCommand } from '../panel-command.ts'
import type { Reply } from '../reply.ts'
import { barText, dayText, isolate, numberText, say } from '../say.ts'
import { type Talk, inTalkTenant } from '../talk.ts'

const DAYS = 7

interface Figures {
  readonly tenant: Tenant
  readonly days: readonly DayFigures[]
  readonly accounts: readonly Account[]
  readonly usage: readonly Usage[]
  readonly subscription: Subscription
}

/** Figures that somebody without sight of the package may see, too: use and limits are no money. */
const read = (talk: Talk): Promise<Figures> =>
  inTalkTenant(talk, async (tx) => ({
    tenant: await getOwnTenant(tx),
    days: await reportDays(tx, { days: DAYS, now: talk.at }),
    accounts: (await listAccounts(tx)).filter((account) => account.purpose === 'contacts'),
    usage: await listUsage(tx, talk.at),
    subscription: await getSubscription(tx),
  }))

/** `Mon ▰▰▰▱▱ 12`, the longest bar being the best day. */
const chart = (talk: Talk, days: readonly DayFigures[]): string => {
  const most = Math.max(1, ...days.map((day) => day.sent))
  const name = new Intl.DateTimeFormat(talk.speaker.locale, { weekday: 'short', timeZone: 'UTC' })
  return days
    .map(
      ({ on, sent }) =>
        `<code>${barText(sent / most)}</code> ${name.format(parseInstant(`${on}T00:00Z`) ?? 0)} ${numberText(talk, sent)}`,
    )
    .join('\n')
}

/** What is used of the package, marked from 80 % on. */
export const usageLines = (talk: Talk, usage: readonly Usage[]): string =>
  usage
    .map(({ name, used, limit }) => {
      const share = limit === null || limit === 0 ? 0 : used / limit
      const mark = limit !== null && used >= limit ? ' 🔴' : share >= 0.8 ? ' 🟡' : ''
      const most = limit === null ? talk.t('usage.noLimit') : numberText(talk, limit)
      return `${talk.t(`words:entitlement.${name}`)}: ${numberText(talk, used)} / ${most}${mark}`
    })
    .join('\n')

const accountLines = (talk: Talk, accounts: readonly Account[]): string =>
  accounts.length === 0
    ? talk.t('dashboard.noAccounts')
    : accounts
        .map((account) =>
          say(talk, 'dashboard.account', {
            name: isolate(account.displayName),
            state: talk.t(`words:accountState.${account.state}`),
            health: talk.t(`words:health.${account.health}`),
          }),
        )
        .join('\n')

const run = async (talk: Talk): Promise<Reply> => {
  const { tenant, days, accounts, usage, subscription } = await read(talk)
  const today = days.at(-1)
  const text = [
    say(talk, 'dashboard.title', { tenant: isolate(tenant.name) }),
    tenant.sendingStopped === null ? '' : say(talk, 'dashboard.stopped', { reason: isolate(tenant.sendingStopped) }),
    tenant.state === 'suspended' ? talk.t('dashboard.suspended') : '',
    say(talk, 'dashboard.today', {
      sent: numberText(talk, today?.sent ?? 0),
      answered: numberText(talk, today?.answered ?? 0),
      joined: numberText(talk, today?.joined ?? 0),
    }),
    `<b>${talk.t('dashboard.week')}</b>\n${chart(talk, days)}`,
    `<b>${talk.t('dashboard.accounts')}</b>\n${accountLines(talk, accounts)}`,
    `<b>${say(talk, 'dashboard.usage', { package: talk.t(`words:package.${subscription.package}`) })}</b>\n${usageLines(talk, usage)}`,
    say(talk, 'dashboard.asOf', { day: dayText(talk, talk.at, tenant.timeZone) }),
  ]
  return {
    text: text.filter((part) => part !== '').join('\n\n'),
    rows: [
      [
        { label: talk.t('button.refresh'), action: 'dash' },
        { label: talk.t('button.statistics'), action: 'stat' },
      ],
      [
        { label: talk.t('button.accounts'), action: 'acc' },
        { label: talk.t('button.licence'), action: 'lic' },
      ],
      [
        tenant.sendingStopped === null
          ? { label: talk.t('button.stopSending'), action: 'halt.stop' }
          : { label: talk.t('button.resumeSending'), action: 'halt.resume' },
      ],
    ],
  }
}

export const dashboard: PanelCommand = {
  key: 'dash',
  name: 'dashboard',
  aliases: ['panel_ozet', 'pano'],
  audience: 'member',
  needs: 'analytics.view',
  about: 'command.dashboard',
  run,
}
