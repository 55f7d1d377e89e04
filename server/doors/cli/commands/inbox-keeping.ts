import { LOCALES } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import {
  RATING_CHOICES,
  RATING_GROUPS,
  changeAccountInboxSettings,
  changeInboxSettings,
  findAccountInboxSettings,
  findInboxSettings,
  listSavedReplies,
  removeSavedReply,
  reportRatings,
  saveReply,
} from '#server/modules/conversations/index.ts'

import { MEMBER_OPTION, actingMember } from '../acting-member.ts'
import type { CommandInput } from '../command-input.ts'
import { command } from '../command.ts'
import { renderBar } from '../present/bar.ts'
import { manyLines, renderPairs, renderTable } from '../present/table.ts'

const ID_MAX = Number.MAX_SAFE_INTEGER
const TEXT_SHOWN_MAX = 60

const textsIn = (input: CommandInput) =>
  Object.fromEntries(
    LOCALES.flatMap((locale) => {
      const text = input.text(`text-${locale}`)
      return text === null ? [] : [[locale, text] as const]
    }),
  )

/** Lists them; with a name and texts saves one, with `--remove` takes it away. */
export const saved = command({
  name: 'saved',
  args: [{ name: 'reply-name', optional: true }],
  options: [...LOCALES.map((locale) => ({ name: `text-${locale}`, value: 'text' })), { name: 'remove' }, MEMBER_OPTION],
  run: (context, input) =>
    context.change(async (tx) => {
      const actor = await actingMember(tx, context, input)
      const [name, texts] = [input.findArg('reply-name'), textsIn(input)]
      if (name !== null && input.isOn('remove')) await removeSavedReply(tx, name, actor)
      else if (name !== null && Object.keys(texts).length > 0) await saveReply(tx, { name, texts }, actor)
      const all = await listSavedReplies(tx, actor)
      return input.isOn('remove') || name === null ? all : all.filter((row) => row.name === name)
    }),
  render: ({ t, terminal }, rows) =>
    renderTable(
      terminal,
      [
        { title: t('column.name'), value: (row) => row.name },
        { title: t('column.languages'), value: (row) => Object.keys(row.texts).join(', ') },
        { title: t('inbox.words'), value: (row) => (Object.values(row.texts)[0] ?? '').slice(0, TEXT_SHOWN_MAX) },
      ],
      rows,
      t('inbox.noSaved'),
    ),
})

export const ratings = command({
  name: 'ratings',
  options: [
    { name: 'days', value: 'n' },
    { name: 'group-by', value: RATING_GROUPS.join('|') },
    { name: 'account', value: 'id' },
    MEMBER_OPTION,
  ],
  run: (context, input) =>
    context.read(async (tx) => {
      const actor = await actingMember(tx, context, input)
      const [days, by] = [input.whole('days', 1, 365) ?? 30, input.oneOf('group-by', RATING_GROUPS) ?? 'all']
      const accountId = input.whole('account', 1, ID_MAX)
      return { by, ...(await reportRatings(tx, { days, by, accountId, at: actor.at }, actor)) }
    }),
  render: async (context, { by, groups, comments }) => {
    const { t, terminal, formats } = context
    const { timeZone } = await context.tenant()
    const decimal = (value: number) => formats.number(Math.round(value * 100) / 100)
    const nameOf = (key: string | null, name: string | null) =>
      by === 'answerer' && key !== null
        ? t(`inbox.answerer.${key}`)
        : (name ?? key ?? (by === 'all' ? t('inbox.all') : '–'))
    const table = renderTable(
      terminal,
      [
        { title: t('column.name'), value: (row) => nameOf(row.key, row.name) },
        { title: t('inbox.asked'), value: (row) => formats.number(row.asked), align: 'right' },
        { title: t('inbox.rated'), value: (row) => formats.number(row.count), align: 'right' },
        {
          title: t('inbox.average'),
          value: (row) => (row.average === null ? '–' : decimal(row.average)),
          align: 'right',
        },
        {
          title: t('column.interval'),
          value: (row) => (row.count === 0 ? '–' : `${decimal(row.interval.low)}–${decimal(row.interval.high)}`),
        },
        {
          title: '1 … 5',
          value: (row) => row.distribution.map((n) => `${renderBar(n, row.count, 4)}${formats.number(n)}`).join(' '),
        },
      ],
      groups,
      t('inbox.noRatings'),
    )
    const said = comments.map(
      ({ at, value, text, conversationId }) =>
        `${formats.instant(at, timeZone)} · ${value}/5 · #${conversationId ?? '–'}\n  ${manyLines(text)}`,
    )
    return [table, ...said].join('\n\n')
  },
})

const daysIn = (text: string | null): number | null | undefined => {
  if (text === null) return undefined
  if (text === 'never') return null
  const days = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN
  if (!(days >= 1 && days <= 365))
    throw invalid('whole_number_expected', '--close-after', { given: text, min: 1, max: 365 })
  return days
}

/** Shows how the inbox is set; with values, changes them first. */
export const settings = command({
  name: 'settings',
  options: [
    { name: 'answer-within', value: 'minutes' },
    { name: 'close-after', value: 'days|never' },
    { name: 'account', value: 'id' },
    { name: 'ai-pause', value: 'minutes' },
    { name: 'rating', value: RATING_CHOICES.join('|') },
    MEMBER_OPTION,
  ],
  run: (context, input) =>
    context.change(async (tx) => {
      const actor = await actingMember(tx, context, input)
      const [answerWithinMinutes, closeAfterDays] = [
        input.whole('answer-within', 1, 43_200),
        daysIn(input.text('close-after')),
      ]
      const change = {
        ...(answerWithinMinutes !== null && { answerWithinMinutes }),
        ...(closeAfterDays !== undefined && { closeAfterDays }),
      }
      const tenant =
        Object.keys(change).length > 0 ? await changeInboxSettings(tx, change, actor) : await findInboxSettings(tx)
      const accountId = input.whole('account', 1, ID_MAX)
      const [aiPauseMinutes, rating] = [input.whole('ai-pause', 1, 10_080), input.oneOf('rating', RATING_CHOICES)]
      const own = { ...(aiPauseMinutes !== null && { aiPauseMinutes }), ...(rating !== null && { rating }) }
      if (accountId === null && Object.keys(own).length > 0) throw invalid('argument_missing', '--account')
      if (accountId === null) return { ...tenant, account: null }
      const account =
        Object.keys(own).length > 0
          ? await changeAccountInboxSettings(tx, { accountId, ...own }, actor)
          : await findAccountInboxSettings(tx, accountId)
      return { ...tenant, account: { accountId, ...account } }
    }),
  render: ({ t, terminal }, { answerWithinMinutes, closeAfterDays, account }) =>
    renderPairs(terminal, [
      [t('inbox.answerWithin'), t('inbox.minutes', { count: answerWithinMinutes })],
      [
        t('inbox.closeAfter'),
        closeAfterDays === null ? t('inbox.neverClosed') : t('inbox.days', { count: closeAfterDays }),
      ],
      ...(account === null
        ? []
        : [
            [t('inbox.aiPause'), t('inbox.minutes', { count: account.aiPauseMinutes })] as const,
            [t('inbox.rating'), t(`inbox.ratingChoice.${account.rating}`)] as const,
          ]),
    ]),
})
