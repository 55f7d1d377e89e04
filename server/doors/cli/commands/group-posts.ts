import { invalid } from '#server/base/errors.ts'
import {
  type PostSchedule,
  type PostView,
  createGroupPost,
  getGroupPost,
  listGroupPosts,
  pauseGroupPost,
  removeGroupPost,
  resumeGroupPost,
  setChatVoice,
} from '#server/modules/posts/index.ts'
import { getOwnTenant } from '#server/modules/tenancy/index.ts'

import { command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import type { CliContext } from '../context.ts'
import { reasonText } from '../present/reason-text.ts'
import { renderPairs, renderTable } from '../present/table.ts'
import { asOwner } from './members.ts'
import { resolveTemplate } from './templates.ts'

const ACTIONS = ['list', 'show', 'add', 'pause', 'resume', 'remove', 'on', 'off'] as const
const ID_MAX = Number.MAX_SAFE_INTEGER

interface Shown {
  readonly posts: readonly PostView[]
  readonly timeZone: string
  readonly isWhole: boolean
}

const scheduleIn = (input: CommandInput): unknown => {
  const hours = input.whole('every', 1, 168)
  const times = input.texts('time')
  const weekdays = input.text('weekdays')
  if (hours !== null) return { kind: 'every', hours }
  if (weekdays !== null) return { kind: 'weekly', weekdays: weekdays.split(',').map(Number), times }
  return { kind: 'daily', times }
}

const scheduleText = ({ t }: CliContext, schedule: PostSchedule): string => {
  switch (schedule.kind) {
    case 'every':
      return t('groups.schedule.every', { count: schedule.hours })
    case 'daily':
      return t('groups.schedule.daily', { times: schedule.times.join(', ') })
    case 'weekly':
      return t('groups.schedule.weekly', { times: schedule.times.join(', '), days: schedule.weekdays.join(', ') })
  }
}

const renderPost = (context: CliContext, post: PostView, timeZone: string): string => {
  const { t, terminal, formats } = context
  const instant = (at: number) => formats.instant(at, timeZone)
  return [
    renderPairs(terminal, [
      [t('column.id'), post.id],
      [t('column.name'), post.name],
      [t('groups.group'), post.chatId],
      [
        t('column.state'),
        [t(`words:groupPostState.${post.state}`), pauseText(context, post)].filter(Boolean).join(': '),
      ],
      [t('groups.when'), scheduleText(context, post.schedule)],
      [t('groups.upcoming'), post.upcoming.map(instant).join(' · ') || '–'],
    ]),
    renderTable(
      terminal,
      [
        { title: t('groups.slot'), value: (run) => instant(run.slotAt) },
        {
          title: t('column.state'),
          value: (run) => (run.state === null ? '–' : t(`words:deliveryState.${run.state}`)),
        },
        { title: t('column.reason'), value: (run) => reasonText(t, run.reason) },
        { title: t('groups.skipped'), value: (run) => (run.skipped === 0 ? '' : run.skipped), align: 'right' },
      ],
      post.runs,
      t('groups.noRuns'),
    ),
  ].join('\n\n')
}

const pauseText = ({ t }: CliContext, { pauseReason }: PostView): string => {
  if (pauseReason === null) return ''
  const key = `words:groupPostFault.${pauseReason}`
  const text = t(key)
  return text === key || text === key.replace('words:', '') ? reasonText(t, pauseReason) : text
}

const add = async (context: CliContext, input: CommandInput): Promise<number> => {
  const [chatId, accountId, name] = [
    input.whole('in-chat', 1, ID_MAX),
    input.whole('account', 1, ID_MAX),
    input.text('name'),
  ]
  if (chatId === null) throw invalid('argument_missing', '--in-chat')
  if (accountId === null) throw invalid('argument_missing', '--account')
  if (name === null) throw invalid('argument_missing', '--name')
  const [template, text] = [input.text('template'), input.text('text')]
  const [startsOn, endsOn] = [input.text('first-day'), input.text('last-day')]
  return context.change(async (tx) => {
    const content = template === null ? { text: text ?? '' } : { templateId: (await resolveTemplate(tx, template)).id }
    const post = await createGroupPost(
      tx,
      {
        chatId,
        accountId,
        name,
        content,
        schedule: scheduleIn(input),
        pins: input.isOn('pin'),
        ...(startsOn !== null && { startsOn }),
        ...(endsOn !== null && { endsOn }),
      },
      asOwner(context),
    )
    return post.id
  })
}

/** `groups posts`: posts by schedule. `on` and `off` open and close a group for them; the others name a post. */
export const posts = command({
  name: 'posts',
  args: [
    { name: 'post-action', optional: true },
    { name: 'number', optional: true },
  ],
  options: [
    { name: 'in-chat', value: 'id' },
    { name: 'account', value: 'id' },
    { name: 'name', value: 'text' },
    { name: 'text', value: 'html' },
    { name: 'template', value: 'name' },
    { name: 'every', value: 'hours' },
    { name: 'time', value: 'hh:mm', many: true },
    { name: 'weekdays', value: '1,3,5' },
    { name: 'first-day', value: 'day' },
    { name: 'last-day', value: 'day' },
    { name: 'pin' },
  ],
  run: async (context, input): Promise<Shown> => {
    const action = input.findArg('post-action') === null ? 'list' : input.argOf('post-action', ACTIONS)
    const inChat = input.whole('in-chat', 1, ID_MAX)
    if (action === 'list') return shown(context, null, inChat)
    if (action === 'add') return shown(context, await add(context, input), null)
    const number = input.id('number')
    if (action === 'on' || action === 'off') {
      const accountId = input.whole('account', 1, ID_MAX)
      const change = { chatId: number, isPostingOn: action === 'on', ...(accountId !== null && { accountId }) }
      await context.change((tx) => setChatVoice(tx, change, asOwner(context)))
      return shown(context, null, number)
    }
    if (action === 'pause') await context.change((tx) => pauseGroupPost(tx, number, asOwner(context)))
    if (action === 'resume') await context.change((tx) => resumeGroupPost(tx, number, asOwner(context)))
    if (action === 'remove') {
      const { chatId } = await context.change((tx) => removeGroupPost(tx, number, asOwner(context)))
      return shown(context, null, chatId)
    }
    return shown(context, number, null)
  },
  render: (context, { posts: rows, timeZone, isWhole }) => {
    const { t, terminal, formats } = context
    const [only] = rows
    if (isWhole && only) return renderPost(context, only, timeZone)
    return renderTable<PostView>(
      terminal,
      [
        { title: t('column.id'), value: (post) => post.id, align: 'right' },
        { title: t('column.name'), value: (post) => post.name },
        { title: t('groups.group'), value: (post) => post.chatId, align: 'right' },
        { title: t('column.state'), value: (post) => t(`words:groupPostState.${post.state}`) },
        { title: t('column.reason'), value: (post) => pauseText(context, post) },
        { title: t('groups.when'), value: (post) => scheduleText(context, post.schedule) },
        {
          title: t('groups.upcoming'),
          value: ({ upcoming: [next] }) => (next === undefined ? '' : formats.instant(next, timeZone)),
        },
      ],
      rows,
      t('groups.noPosts'),
    )
  },
})

const shown = (context: CliContext, postId: number | null, chatId: number | null): Promise<Shown> =>
  context.read(async (tx) => ({
    posts:
      postId === null
        ? await listGroupPosts(tx, chatId, context.now())
        : [await getGroupPost(tx, postId, context.now())],
    timeZone: (await getOwnTenant(tx)).timeZone,
    isWhole: postId !== null,
  }))
