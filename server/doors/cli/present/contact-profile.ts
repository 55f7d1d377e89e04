import type { ContactProfile, TimelineEntry } from '#server/modules/contacts/index.ts'
import type { StoredAssignment } from '#server/modules/segments/index.ts'

import type { CliContext } from '../context.ts'
import { paint } from '../terminal.ts'
import { renderBar, renderSpark } from './bar.ts'
import { oneLine, renderPairs, renderTable } from './table.ts'

/** Characters of a message that are enough to know it again. */
const TEXT_SHOWN_MAX = 80

/** Everything the screen of one contact shows. */
export interface ContactView {
  readonly profile: ContactProfile
  readonly segments: StoredAssignment | null
  readonly timeline: readonly TimelineEntry[]
}

export const nameOf = (contact: {
  readonly firstName: string
  readonly lastName: string
  readonly username: string | null
}): string =>
  oneLine(
    [contact.firstName, contact.lastName].filter(Boolean).join(' ') ||
      (contact.username ? `@${contact.username}` : '—'),
  )

const pairsOf = ({ t, formats, now }: CliContext, { contact, ...profile }: ContactProfile) => {
  const when = (at: number | null) =>
    at === null ? t('contacts.never') : `${formats.instant(at, profile.timeZone)} (${formats.relative(at, now())})`
  const { everyHours, maxPerDay } = profile.frequency
  return [
    [t('column.name'), nameOf(contact)],
    [t('column.username'), contact.username ? `@${contact.username}` : '—'],
    [t('contacts.telegramId'), contact.telegramId ?? '—'],
    [t('contacts.languageAndZone'), [contact.languageCode ?? '—', profile.timeZone].join(' · ')],
    [t('contacts.firstSeen'), when(contact.firstSeenAt)],
    [t('column.lastSeen'), when(contact.lastSeenAt)],
    [
      t('contacts.engagement'),
      `${renderBar(profile.engagementScore, 100, 20)} ${Math.round(profile.engagementScore)}/100`,
    ],
    [
      t('contacts.sentAndAnswered'),
      `${formats.number(profile.outboundCount)} / ${formats.number(profile.responseCount)}`,
    ],
    [t('contacts.hours'), `│${renderSpark(profile.features.hourCounts)}│ 0–23`],
    [t('contacts.bestHours'), profile.bestHours.map((hour) => `${hour}:00`).join(' ')],
    [
      t('contacts.frequency'),
      t('contacts.frequencyIs', {
        hours: everyHours,
        perDay: maxPerDay,
        reason: t(`contacts.because.${profile.frequency.reason}`),
      }),
    ],
    [t('contacts.tags'), contact.tags.join(', ') || '—'],
    [
      t('contacts.suppressed'),
      contact.suppressedAt === null ? t('talk.no') : `${t('talk.yes')}: ${contact.suppressedReason}`,
    ],
  ] as const
}

const renderReach = ({ t, terminal }: CliContext, profile: ContactProfile): string => {
  const reach = profile.reach.map(
    (row) => `${t('column.account')} ${row.accountId}: ${t(`words:reachability.${row.reachability}`)}`,
  )
  const consents = profile.consents.map(
    (row) => `${t(`words:consent.${row.purpose}`)}: ${t(row.granted ? 'talk.yes' : 'talk.no')}`,
  )
  return renderPairs(terminal, [
    [t('contacts.reach'), reach.join(' · ') || '—'],
    [t('contacts.consents'), consents.join(' · ') || t('contacts.noConsent')],
    [t('contacts.chats'), profile.chats.map((chat) => `${chat.title} (${chat.messageCount})`).join(' · ') || '—'],
  ])
}

const renderHoldings = ({ t, terminal, formats, now }: CliContext, segments: StoredAssignment | null): string =>
  renderTable(
    terminal,
    [
      {
        title: t('column.segment'),
        value: (row) => `${row.segment === segments?.primarySegment ? '★ ' : '  '}${t(`words:segment.${row.segment}`)}`,
      },
      { title: t('column.confidence'), value: (row) => row.confidence, align: 'right' },
      { title: t('column.source'), value: (row) => t(`words:assignmentSource.${row.source}`) },
      { title: t('contacts.since'), value: (row) => formats.relative(row.since, now()) },
    ],
    segments?.holdings ?? [],
    t('contacts.noSegment'),
  )

const entryText = ({ t }: CliContext, entry: TimelineEntry): string => {
  switch (entry.type) {
    case 'message': {
      const isInbound = entry.direction === 'in'
      const text = entry.text ?? t('contacts.textGone', { kind: entry.kind })
      // What we sent is Telegram HTML; what they wrote is theirs, and shown as it is.
      const shown = isInbound ? text : text.replace(/<\/?[a-z][^>]*>/gi, '')
      return `${isInbound ? '→' : '←'} ${oneLine(shown).slice(0, TEXT_SHOWN_MAX)}`
    }
    case 'event':
      return `· ${t(`words:activity.${entry.kind}`)}`
    case 'consent':
      return `· ${t(`words:consent.${entry.purpose}`)}: ${t(entry.granted ? 'talk.yes' : 'talk.no')} (${entry.source})`
  }
}

const renderTimeline = (context: CliContext, timeZone: string, timeline: readonly TimelineEntry[]): string =>
  renderTable(
    context.terminal,
    [
      { title: '', value: (row) => context.formats.instant(row.at, timeZone), style: () => 'dim' },
      { title: '', value: (row) => entryText(context, row) },
    ],
    timeline,
    '—',
  )

/** One contact: profile, reach and consents, segments, the newest of the timeline. */
export const renderContact = (context: CliContext, { profile, segments, timeline }: ContactView): string => {
  const { t, terminal } = context
  const heading = (key: string) => paint(terminal, 'bold', t(key))
  return [
    renderPairs(terminal, pairsOf(context, profile)),
    renderReach(context, profile),
    `${heading('contacts.segments')}\n${renderHoldings(context, segments)}`,
    `${heading('contacts.timeline')}\n${renderTimeline(context, profile.timeZone, timeline)}`,
  ].join('\n\n')
}
