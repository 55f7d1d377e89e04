import { DAY_MS } from '#server/base/duration.ts'
import { type DayFigures, reportDays, reportSegments } from '#server/modules/analytics/index.ts'
import { deliveryStatus } from '#server/modules/delivery/index.ts'

import type { PanelCommand } from '../panel-command.ts'
import type { Reply } from '../reply.ts'
import { numberText, say } from '../say.ts'
import { type Talk, inTalkTenant } from '../talk.ts'

const PERIODS = [7, 30, 90] as const
const SEGMENTS_SHOWN = 5
const REASONS_SHOWN = 5

const sum = (days: readonly DayFigures[], of: 'sent' | 'answered' | 'joined' | 'stopped'): number =>
  days.reduce((total, day) => total + day[of], 0)

const percent = (talk: Talk, share: number): string =>
  new Intl.NumberFormat(talk.speaker.locale, { style: 'percent', maximumFractionDigits: 1 }).format(share)

const run = async (talk: Talk): Promise<Reply> => {
  const period = PERIODS.find((days) => days === Number(talk.args[0])) ?? 7
  const { days, segments, status } = await inTalkTenant(talk, async (tx) => ({
    days: await reportDays(tx, { days: period, now: talk.at }),
    segments: await reportSegments(tx, { since: talk.at - period * DAY_MS, until: talk.at + 1 }),
    status: await deliveryStatus(tx),
  }))
  const sent = sum(days, 'sent')
  const answered = sum(days, 'answered')
  const proven = segments.filter((row) => row.sent > 0).slice(0, SEGMENTS_SHOWN)
  const reasons = Object.entries(status.refusedBy)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, REASONS_SHOWN)
  const text = [
    say(talk, 'statistics.title', { days: period }),
    say(talk, 'statistics.totals', {
      sent: numberText(talk, sent),
      answered: numberText(talk, answered),
      share: sent === 0 ? '–' : percent(talk, answered / sent),
      joined: numberText(talk, sum(days, 'joined')),
      stopped: numberText(talk, sum(days, 'stopped')),
    }),
    proven.length === 0
      ? talk.t('statistics.noSegments')
      : `<b>${talk.t('statistics.segments')}</b>\n${proven
          .map((row) =>
            say(talk, 'statistics.segment', {
              segment: talk.t(`words:segment.${row.segment}`),
              sent: numberText(talk, row.sent),
              answered: numberText(talk, row.responded),
            }),
          )
          .join('\n')}`,
    reasons.length === 0
      ? ''
      : `<b>${talk.t('statistics.notSent')}</b>\n${reasons
          .map(([reason, count]) => `${talk.t(`words:reason.${reason}`)}: ${numberText(talk, count)}`)
          .join('\n')}`,
  ]
  return {
    text: text.filter((part) => part !== '').join('\n\n'),
    rows: [
      PERIODS.map((choice) => ({
        label: `${choice === period ? '• ' : ''}${talk.t('statistics.period', { days: choice })}`,
        action: 'stat',
        args: [choice],
      })),
      [{ label: talk.t('button.dashboard'), action: 'dash' }],
    ],
  }
}

export const statistics: PanelCommand = {
  key: 'stat',
  name: 'istatistik',
  aliases: ['statistics', 'stats'],
  audience: 'member',
  needs: 'analytics.view',
  about: 'command.statistics',
  run,
}
