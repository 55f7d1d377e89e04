import type { Translate } from '#server/base/translate.ts'
import type { Author, ConversationLine, ConversationView, HistoryEntry } from '#server/modules/conversations/index.ts'

import type { CliContext } from '../context.ts'
import { paint } from '../terminal.ts'
import { nameOf } from './contact-profile.ts'
import { reasonText } from './reason-text.ts'
import { type Column, manyLines, oneLine, renderPairs } from './table.ts'

const TEXT_SHOWN_MAX = 48

const named = ({ firstName, lastName, username, contactId }: ConversationLine): string => {
  const name = nameOf({ firstName: firstName ?? '', lastName: lastName ?? '', username })
  return name === '—' ? `#${contactId}` : name
}

/** What we sent is Telegram HTML; read as text. */
const plain = (html: string): string =>
  html
    .replace(/<\/?[a-z][^>]*>/gi, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')

const authorText = (t: Translate, author: Author): string =>
  author.kind === 'member'
    ? (author.name ?? t('inbox.formerMember', { id: author.id }))
    : t(`words:author.${author.kind}`)

export const conversationColumns = ({ t, formats, now }: CliContext): readonly Column<ConversationLine>[] => [
  { title: t('column.id'), value: (row) => row.id, align: 'right' },
  { title: t('column.contact'), value: named },
  { title: t('column.account'), value: (row) => row.accountName },
  {
    title: t('column.state'),
    value: (row) => `${t(`words:conversationState.${row.state}`)}${row.handedOverAt === null ? '' : ' 🙋'}`,
  },
  { title: t('inbox.assigned'), value: (row) => row.assigneeName ?? '–' },
  { title: t('inbox.unread'), value: (row) => row.unreadCount || '', align: 'right' },
  { title: t('inbox.last'), value: (row) => formats.relative(row.lastInboundAt, now()) },
  {
    title: t('inbox.due'),
    value: (row) => (row.answerDueAt === null ? '' : formats.relative(row.answerDueAt, now())),
    style: (row) => (row.answerDueAt !== null && row.answerDueAt <= now() ? 'red' : null),
  },
  {
    title: t('inbox.words'),
    value: (row) => {
      if (row.lastText === null) return ''
      const text = row.lastTextIsInbound === true ? row.lastText : plain(row.lastText)
      return `${row.lastTextIsInbound === true ? '→' : '←'} ${oneLine(text).slice(0, TEXT_SHOWN_MAX)}`
    },
  },
]

const headOf = (context: CliContext, { conversation, line }: ConversationView, timeZone: string): string => {
  const { t, terminal, formats, now } = context
  const when = (at: number) => `${formats.instant(at, timeZone)} (${formats.relative(at, now())})`
  const { answerDueAt, snoozedUntil, handedOverAt, handOverReason, aiPausedUntil } = conversation
  return renderPairs(terminal, [
    [t('column.contact'), `${named(line)} (${conversation.contactId})`],
    [t('column.account'), line.accountName],
    [t('column.state'), t(`words:conversationState.${conversation.state}`)],
    [t('inbox.assigned'), line.assigneeName ?? '–'],
    [t('inbox.unread'), conversation.unreadCount],
    ...(line.tags.length > 0 ? [[t('contacts.tags'), line.tags.join(', ')] as const] : []),
    ...(answerDueAt === null ? [] : [[t('inbox.due'), when(answerDueAt)] as const]),
    ...(snoozedUntil === null ? [] : [[t('inbox.snoozedUntil'), when(snoozedUntil)] as const]),
    ...(handedOverAt === null
      ? []
      : [
          [
            t('inbox.handedOver'),
            `${t(`words:handOverReason.${handOverReason ?? ''}`)}, ${when(handedOverAt)}`,
          ] as const,
        ]),
    ...(aiPausedUntil === null || aiPausedUntil <= now() ? [] : [[t('inbox.aiPaused'), when(aiPausedUntil)] as const]),
    [t('inbox.turn'), conversation.turn],
  ])
}

/** How sure a model was. */
const sureText = ({ t, formats }: Pick<CliContext, 't' | 'formats'>, ratio: number): string =>
  `${t('column.confidence').toLocaleLowerCase()} ${formats.percent(ratio, 0)}`

/** Why a person has to go on, and what a model's words were held back for. */
const handOverText = (context: CliContext, detail: (HistoryEntry & { readonly type: 'event' })['detail']): string => {
  const { reason, findings, confidenceRatio } = detail
  const against = String(findings ?? '')
    .split(' ')
    .filter(Boolean)
  return [
    context.t(`words:handOverReason.${String(reason)}`),
    ...against.map((finding) => context.t(`words:answerFinding.${finding}`)),
    ...(typeof confidenceRatio === 'number' ? [sureText(context, confidenceRatio)] : []),
  ].join(' · ')
}

/** Why it was sent, where something other than a person's decision stands behind it. */
const whyOf = ({ t, formats }: CliContext, entry: HistoryEntry): string => {
  if (entry.type === 'event' || entry.sent === null) return ''
  const { campaignId, segment, deliveryId, confidenceRatio } = entry.sent
  return [
    campaignId === null ? null : t('inbox.ofCampaign', { id: campaignId }),
    segment === null ? null : t(`words:segment.${segment}`),
    confidenceRatio === null ? null : sureText({ t, formats }, confidenceRatio),
    t('inbox.delivery', { id: deliveryId }),
  ]
    .filter((part) => part !== null)
    .join(' · ')
}

const eventText = (context: CliContext, entry: HistoryEntry & { readonly type: 'event' }, timeZone: string): string => {
  const { t, formats } = context
  const { kind, detail } = entry
  const { until, after, reason } = detail
  const more =
    kind === 'snoozed' && typeof until === 'number'
      ? formats.instant(until, timeZone)
      : kind === 'assigned'
        ? String(after ?? t('inbox.nobody'))
        : kind === 'handed_over'
          ? handOverText(context, detail)
          : kind === 'not_sent'
            ? reasonText(t, String(reason))
            : ''
  return [t(`inbox.event.${kind}`), more].filter(Boolean).join(': ')
}

const entryLines = (context: CliContext, entry: HistoryEntry, timeZone: string): string => {
  const { t, terminal, formats } = context
  const at = formats.instant(entry.at, timeZone)
  const who = authorText(t, entry.author)
  if (entry.type === 'event') {
    if (entry.kind !== 'note')
      return paint(terminal, 'dim', `   · ${at} · ${eventText(context, entry, timeZone)} (${who})`)
    return `${paint(terminal, 'yellow', `   ✎ ${at} · ${who}`)}\n     ${indent(entry.text ?? t('inbox.textGone'))}`
  }
  const isInbound = entry.type === 'message' && entry.direction === 'in'
  const state =
    entry.type === 'delivery'
      ? ` [${[t(`words:deliveryState.${entry.state}`), reasonText(t, entry.reason)].filter(Boolean).join(': ')}]`
      : ''
  const why = whyOf(context, entry)
  const head = `${isInbound ? '→' : '←'}  ${at} · ${who}${why === '' ? '' : ` · ${why}`}${state}`
  const text =
    entry.text ?? (entry.type === 'message' && entry.kind !== 'text' ? `(${entry.kind})` : t('inbox.textGone'))
  return `${paint(terminal, isInbound ? 'cyan' : 'green', head)}\n     ${indent(isInbound ? text : plain(text))}`
}

const indent = (text: string): string => manyLines(text).replaceAll('\n', '\n     ')

/** A conversation as a dialogue, oldest first: who wrote, why, and what happened in between. */
export const renderConversation = (context: CliContext, view: ConversationView, timeZone: string): string => {
  const { t } = context
  const entries = view.entries.toReversed().map((entry) => entryLines(context, entry, timeZone))
  const more = view.nextCursor === null ? [] : [t('talk.more', { option: `--cursor ${view.nextCursor}` })]
  return [headOf(context, view, timeZone), ...more, ...entries].join('\n\n')
}
