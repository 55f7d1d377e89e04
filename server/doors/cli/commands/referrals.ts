import { REFERRAL_STATES } from '#contract/words.ts'
import {
  type Referrer,
  type ReferralSettings,
  findReferralSettings,
  getReferrer,
  listReferrers,
  redeemPoints,
  setReferralSettings,
} from '#server/modules/invites/index.ts'

import { type CommandGroup, command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import { renderPairs, renderTable } from '../present/table.ts'
import { resolveContact } from '../resolve-contact.ts'
import { asOwner } from './members.ts'

const SHOWN = 20

const list = command({
  name: 'list',
  options: [{ name: 'limit', value: 'n' }],
  run: (context, input) => context.read((tx) => listReferrers(tx, input.whole('limit', 1, 500) ?? SHOWN)),
  render: ({ t, terminal, formats }, rows) =>
    renderTable<Referrer>(
      terminal,
      [
        { title: t('column.contact'), value: (row) => row.contactId, align: 'right' },
        { title: t('column.name'), value: (row) => row.name },
        { title: t('words:referralState.counted'), value: (row) => formats.number(row.counted), align: 'right' },
        { title: t('words:referralState.waiting'), value: (row) => formats.number(row.waiting), align: 'right' },
        { title: t('referrals.points'), value: (row) => formats.number(row.points), align: 'right' },
      ],
      rows,
      t('referrals.none'),
    ),
})

const show = command({
  name: 'show',
  args: [{ name: 'contact' }],
  run: (context, input) =>
    context.read(async (tx) => getReferrer(tx, (await resolveContact(tx, input.arg('contact'))).id)),
  render: ({ t, terminal, formats, now }, referrer) =>
    [
      renderPairs(terminal, [
        [t('column.name'), referrer.name],
        [t('referrals.code'), referrer.code ?? '–'],
        [t('referrals.points'), formats.number(referrer.points)],
        ...REFERRAL_STATES.map(
          (state) => [t(`words:referralState.${state}`), formats.number(referrer.people[state])] as const,
        ),
      ]),
      renderTable(
        terminal,
        [
          { title: t('referrals.when'), value: (row) => formats.relative(row.at, now()) },
          { title: t('column.kind'), value: (row) => t(`words:pointEntry.${row.kind}`) },
          { title: t('referrals.points'), value: (row) => formats.number(row.points), align: 'right' },
          { title: t('referrals.coupon'), value: (row) => row.coupon ?? '' },
          { title: t('referrals.by'), value: (row) => row.recordedBy },
        ],
        referrer.entries,
        t('referrals.noEntries'),
      ),
    ].join('\n\n'),
})

const changeIn = (input: CommandInput): Partial<ReferralSettings> => {
  const enabled = input.oneOf('enabled', ['on', 'off'] as const)
  const [pointsPerPerson, dailyMax, waitDays] = [
    input.whole('points', 1, 1_000_000),
    input.whole('daily-max', 1, 1_000),
    input.whole('wait-days', 1, 90),
  ]
  return {
    ...(enabled !== null && { isOn: enabled === 'on' }),
    ...(pointsPerPerson !== null && { pointsPerPerson }),
    ...(dailyMax !== null && { dailyMax }),
    ...(waitDays !== null && { waitDays }),
  }
}

const settings = command({
  name: 'settings',
  options: [
    { name: 'enabled', value: 'on|off' },
    { name: 'points', value: 'n' },
    { name: 'daily-max', value: 'n' },
    { name: 'wait-days', value: 'n' },
  ],
  run: (context, input) => {
    const change = changeIn(input)
    return context.change((tx) =>
      Object.keys(change).length === 0 ? findReferralSettings(tx) : setReferralSettings(tx, change, asOwner(context)),
    )
  },
  render: ({ t, terminal, formats }, row) =>
    renderPairs(terminal, [
      [t('referrals.programme'), t(row.isOn ? 'talk.on' : 'talk.off')],
      [t('referrals.pointsPerPerson'), formats.number(row.pointsPerPerson)],
      [t('referrals.dailyMax'), formats.number(row.dailyMax)],
      [t('referrals.waitDays'), formats.number(row.waitDays)],
    ]),
})

const redeem = command({
  name: 'redeem',
  args: [{ name: 'contact' }, { name: 'points' }, { name: 'coupon' }],
  run: (context, input) =>
    context.change(async (tx) => {
      const { id: contactId } = await resolveContact(tx, input.arg('contact'))
      const redemption = { contactId, points: input.id('points'), coupon: input.arg('coupon') }
      return redeemPoints(tx, redemption, asOwner(context))
    }),
  render: ({ t, formats }, { contactId, points }) =>
    t('referrals.redeemed', { id: contactId, points: formats.number(points) }),
})

export const referrals: CommandGroup = { name: 'referrals', commands: [list, show, settings, redeem] }
