import { DAY_MS } from '#server/base/duration.ts'
import { invalid } from '#server/base/errors.ts'
import {
  type Chat,
  type ChatProtection,
  OWN_LIMITS,
  type OwnLimits,
  type Protection,
  type ProtectionChange,
  SPAM_LEVELS,
  SPAM_PARAMETERS,
  type SpamCount,
  type SpamParameters,
  getChatProtection,
  getProtection,
  listChats,
  reportSpam,
  setChatProtection,
  setProtectionLevel,
} from '#server/modules/groups/index.ts'

import { type CommandGroup, command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import { ACTOR, type CliContext } from '../context.ts'
import { renderPairs, renderTable } from '../present/table.ts'
import { moderation, requests } from './group-order.ts'
import { posts } from './group-posts.ts'
import { directory, show } from './group-profile.ts'
import { rules, welcome } from './group-voice.ts'

const PAGE = 100

const searchOf = (input: CommandInput) => {
  const search = input.text('find')
  return search === null ? {} : { search }
}

const list = command({
  name: 'list',
  options: [
    { name: 'find', value: 'text' },
    { name: 'limit', value: 'n' },
    { name: 'cursor', value: 'cursor' },
  ],
  run: (context, input) =>
    context.read((tx) =>
      listChats(tx, searchOf(input), { limit: input.whole('limit', 1, 500) ?? PAGE, cursor: input.text('cursor') }),
    ),
  render: ({ t, terminal, formats }, { chats, nextCursor }) => {
    const table = renderTable<Chat>(
      terminal,
      [
        { title: t('column.id'), value: (chat) => chat.id, align: 'right' },
        { title: t('column.name'), value: (chat) => chat.title },
        { title: t('column.kind'), value: (chat) => t(`words:chatKind.${chat.kind}`) },
        {
          title: t('column.people'),
          value: (chat) => (chat.memberCount === null ? '' : formats.number(chat.memberCount)),
          align: 'right',
        },
        {
          title: t('column.reason'),
          value: (chat) => (chat.overPackageSince === null ? '' : t('words:reason.group_over_package')),
        },
      ],
      chats,
      t('groups.none'),
    )
    return nextCursor === null ? table : `${table}\n\n${t('talk.more', { option: `--cursor ${nextCursor}` })}`
  },
})

const DAYS_SHOWN = 30

const spam = command({
  name: 'spam',
  options: [
    { name: 'days', value: 'n' },
    { name: 'in-chat', value: 'id' },
  ],
  run: (context, input) => {
    const until = context.now() + 1
    const since = until - (input.whole('days', 1, 3_650) ?? DAYS_SHOWN) * DAY_MS
    const chatId = input.whole('in-chat', 1, Number.MAX_SAFE_INTEGER)
    return context.read((tx) => reportSpam(tx, { since, until, ...(chatId !== null && { chatId }) }))
  },
  render: ({ t, terminal, formats, now }, counts) =>
    renderTable<SpamCount>(
      terminal,
      [
        { title: t('column.id'), value: (row) => row.chatId, align: 'right' },
        { title: t('column.name'), value: (row) => row.title },
        { title: t('groups.pattern'), value: (row) => t(`words:spamPattern.${row.pattern}`) },
        { title: t('groups.findings'), value: (row) => formats.number(row.findings), align: 'right' },
        { title: t('column.people'), value: (row) => formats.number(row.people), align: 'right' },
        { title: t('groups.last'), value: (row) => formats.relative(row.lastAt, now()) },
      ],
      counts,
      t('groups.noSpam'),
    ),
})

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** Numbers are checked by the module, which knows their bounds; here only that they are numbers. */
const NUMBER_MAX = 1_000_000

const tuningIn = (input: CommandInput): Readonly<Record<string, number>> =>
  Object.fromEntries(
    SPAM_PARAMETERS.flatMap((name) => {
      const value = input.whole(kebab(name), 0, NUMBER_MAX)
      return value === null ? [] : [[name, value]]
    }),
  )

/** `off` takes an own limit back. */
const limitsIn = (input: CommandInput): Partial<OwnLimits> =>
  Object.fromEntries(
    OWN_LIMITS.flatMap((name): (readonly [string, number | null])[] => {
      if (input.text(kebab(name)) === 'off') return [[name, null]]
      const value = input.whole(kebab(name), 0, NUMBER_MAX)
      return value === null ? [] : [[name, value]]
    }),
  )

const changeIn = (input: CommandInput, before: Protection): ProtectionChange => {
  const level = input.oneOf('level', SPAM_LEVELS)
  const [tuning, limits] = [tuningIn(input), limitsIn(input)]
  const [added, removed] = [input.texts('add-word'), new Set(input.texts('remove-word'))]
  const parameters = input.isOn('clear') ? tuning : { ...before.own, ...tuning }
  return {
    ...(level !== null && { level }),
    ...((Object.keys(tuning).length > 0 || input.isOn('clear')) && { parameters }),
    ...((added.length > 0 || removed.size > 0) && {
      words: [...before.words, ...added].filter((word) => !removed.has(word)),
    }),
    ...(Object.keys(limits).length > 0 && { limits }),
  }
}

const parameterPairs = ({ t }: CliContext, parameters: SpamParameters) =>
  SPAM_PARAMETERS.map((name) => [t(`groups.${name}`), parameters[name]] as const)

const renderProtection = (context: CliContext, protection: Protection | ChatProtection): string => {
  const { t, terminal } = context
  if ('chatId' in protection)
    return renderPairs(terminal, [
      [t('column.id'), protection.chatId],
      ...parameterPairs(context, protection.parameters),
    ])
  const { level, chosenLevel, limits } = protection
  const held = t(`words:level.${level}`)
  return renderPairs(terminal, [
    [
      t('words:tier.spam'),
      level === chosenLevel ? held : t('groups.fallsBack', { held, chosen: t(`words:level.${chosenLevel}`) }),
    ],
    ...parameterPairs(context, protection.parameters),
    [t('groups.words'), protection.words.join(', ')],
    ...OWN_LIMITS.map(
      (name) =>
        [
          t(`groups.${name}`),
          t('groups.limit', { own: limits.own[name] ?? '–', ofPackage: limits.ofPackage[name] ?? '–' }),
        ] as const,
    ),
  ])
}

const protect = command({
  name: 'protect',
  options: [
    { name: 'level', value: 'basic|advanced|custom' },
    ...SPAM_PARAMETERS.map((name) => ({ name: kebab(name), value: 'n' })),
    { name: 'clear' },
    { name: 'add-word', value: 'word', many: true },
    { name: 'remove-word', value: 'word', many: true },
    ...OWN_LIMITS.map((name) => ({ name: kebab(name), value: 'n|off' })),
    { name: 'in-chat', value: 'id' },
  ],
  run: (context, input): Promise<Protection | ChatProtection> => {
    const chatId = input.whole('in-chat', 1, Number.MAX_SAFE_INTEGER)
    const actor = { by: ACTOR, at: context.now() }
    return context.change(async (tx) => {
      const change = changeIn(input, await getProtection(tx))
      if (chatId === null)
        return Object.keys(change).length === 0 ? getProtection(tx) : setProtectionLevel(tx, change, actor)
      if (change.level !== undefined || change.words !== undefined || change.limits !== undefined)
        throw invalid('only_parameters_in_chat', '--in-chat')
      if (change.parameters === undefined) return getChatProtection(tx, chatId)
      const { own } = await getChatProtection(tx, chatId)
      const parameters = input.isOn('clear') ? tuningIn(input) : { ...own, ...tuningIn(input) }
      return setChatProtection(tx, { chatId, parameters }, actor)
    })
  },
  render: renderProtection,
})

export const groups: CommandGroup = {
  name: 'groups',
  commands: [list, show, welcome, rules, posts, moderation, requests, spam, protect, directory],
}
