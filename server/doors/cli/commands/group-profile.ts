import {
  type ChatProfile,
  type GroupDirectory,
  addListing,
  getChatProfile,
  removeListing,
  searchDirectory,
} from '#server/modules/groups/index.ts'

import { command } from '../command.ts'
import type { CliContext } from '../context.ts'
import { reasonText } from '../present/reason-text.ts'
import { renderPairs, renderTable } from '../present/table.ts'
import { asOwner } from './members.ts'

const RIGHTS_SHOWN = ['can_delete_messages', 'can_restrict_members', 'can_invite_users', 'can_pin_messages'] as const

const renderPlaces = ({ t, terminal }: CliContext, { places }: ChatProfile): string =>
  renderTable(
    terminal,
    [
      { title: t('column.account'), value: (row) => row.accountId, align: 'right' },
      { title: t('column.name'), value: (row) => row.displayName },
      { title: t('column.state'), value: (row) => t(`groups.place.${row.status}`) },
      {
        title: t('groups.rights'),
        value: (row) =>
          RIGHTS_SHOWN.filter((right) => row.rights[right] === true)
            .map((right) => t(`groups.right.${right}`))
            .join(', '),
      },
      {
        title: t('groups.installed'),
        value: (row) => t(`groups.yesNo.${row.isInstalled === null ? 'unknown' : row.isInstalled ? 'yes' : 'no'}`),
      },
      {
        title: t('groups.readsAll'),
        value: (row) =>
          t(`groups.yesNo.${row.readsAllMessages === null ? 'unknown' : row.readsAllMessages ? 'yes' : 'no'}`),
      },
    ],
    places,
    t('groups.noPlaces'),
  )

/** `groups show`: a chat, what our accounts are there, and whether they hear what is said. */
export const show = command({
  name: 'show',
  args: [{ name: 'group' }],
  run: (context, input) => context.read((tx) => getChatProfile(tx, input.id('group'), context.now())),
  render: (context, chat) => {
    const { t, terminal, formats, now } = context
    const count = (value: number | null) => (value === null ? t('groups.yesNo.unknown') : formats.number(value))
    return [
      renderPairs(terminal, [
        [t('column.id'), chat.id],
        [t('column.name'), chat.title],
        [t('column.kind'), t(`words:chatKind.${chat.kind}`)],
        [t('column.username'), chat.username === null ? '' : `@${chat.username}`],
        [t('groups.members'), count(chat.memberCount)],
        [t('groups.administrators'), count(chat.administratorCount)],
        [t('groups.heard', { count: chat.heardDays }), formats.number(chat.heard)],
        [
          t('groups.asked'),
          chat.profileCheckedAt === null ? t('groups.yesNo.unknown') : formats.relative(chat.profileCheckedAt, now()),
        ],
        ...(chat.profileFault === null ? [] : [[t('column.error'), reasonText(t, chat.profileFault)] as const]),
      ]),
      renderPlaces(context, chat),
      ...(chat.blindness === null ? [] : [t(`groups.blindness.${chat.blindness}`)]),
    ].join('\n\n')
  },
})

const renderDirectory = ({ t, terminal, formats, now }: CliContext, found: GroupDirectory): string =>
  [
    renderTable(
      terminal,
      [
        { title: t('column.id'), value: (row) => row.id, align: 'right' },
        { title: t('column.name'), value: (row) => row.title },
        { title: t('column.kind'), value: (row) => t(`words:chatKind.${row.kind}`) },
        { title: t('column.username'), value: (row) => (row.username === null ? '' : `@${row.username}`) },
      ],
      found.chats,
      t('groups.none'),
    ),
    renderTable(
      terminal,
      [
        { title: t('groups.listing'), value: (row) => `@${row.username}` },
        { title: t('column.name'), value: (row) => row.title ?? '' },
        { title: t('groups.note'), value: (row) => row.note },
      ],
      found.listings,
      t('groups.noListings'),
    ),
    renderTable(
      terminal,
      [
        { title: t('groups.seenIn'), value: (row) => row.chatTitle },
        { title: t('groups.address'), value: (row) => `t.me/${row.username}` },
        { title: t('groups.times'), value: (row) => formats.number(row.count), align: 'right' },
        { title: t('groups.last'), value: (row) => formats.relative(row.lastAt, now()) },
      ],
      found.sightings,
      t('groups.noSightings'),
    ),
  ].join('\n\n')

/** `groups directory`: chats we are in, groups written down, and where our own addresses were seen. */
export const directory = command({
  name: 'directory',
  options: [
    { name: 'find', value: 'text' },
    { name: 'add', value: '@name' },
    { name: 'note', value: 'text' },
    { name: 'remove', value: '@name' },
  ],
  run: async (context, input): Promise<GroupDirectory> => {
    const [added, removed] = [input.text('add'), input.text('remove')]
    return context.change(async (tx) => {
      if (added !== null) await addListing(tx, { name: added, note: input.text('note') ?? '' }, asOwner(context))
      if (removed !== null) await removeListing(tx, removed, asOwner(context))
      return searchDirectory(tx, input.text('find'))
    })
  },
  render: renderDirectory,
})
