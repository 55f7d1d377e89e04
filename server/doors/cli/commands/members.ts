import { MEMBER_ROLES } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import {
  type ActingPerson,
  type Member,
  changeRole,
  inviteMember,
  listMembers,
  removeMember,
} from '#server/modules/tenancy/index.ts'

import { type CommandGroup, command } from '../command.ts'
import { ACTOR, type CliContext } from '../context.ts'
import { renderTable } from '../present/table.ts'

/** Who has the shell of the server stands as high as an owner. */
export const asOwner = (context: CliContext): ActingPerson => ({
  by: ACTOR,
  access: { kind: 'member', role: 'owner' },
  at: context.now(),
})

const renderMembers = ({ t, terminal, formats, now }: CliContext, rows: readonly Member[]): string =>
  renderTable(
    terminal,
    [
      { title: t('column.id'), value: (row) => row.id, align: 'right' },
      { title: t('column.name'), value: (row) => row.name },
      { title: t('members.role'), value: (row) => t(`words:role.${row.role}`) },
      { title: t('members.telegramId'), value: (row) => row.telegramId, align: 'right' },
      { title: t('members.invitedBy'), value: (row) => row.invitedBy },
      { title: t('members.joined'), value: (row) => formats.relative(row.joinedAt, now()) },
    ],
    rows,
    t('members.none'),
  )

const list = command({
  name: 'list',
  run: (context) => context.read(listMembers),
  render: renderMembers,
})

const invite = command({
  name: 'invite',
  args: [{ name: 'role' }],
  run: (context, input) => {
    if (context.options.dryRun) throw invalid('no_dry_run', '--dry-run')
    const role = input.argOf('role', MEMBER_ROLES)
    return context.change((tx) => inviteMember(tx, { role }, asOwner(context)))
  },
  render: ({ t, formats, now }, { role, token, expiresAt }) =>
    t('members.invited', { role: t(`words:role.${role}`), token, ends: formats.relative(expiresAt, now()) }),
})

const role = command({
  name: 'role',
  args: [{ name: 'member' }, { name: 'role' }],
  run: (context, input) => {
    const [id, wanted] = [input.id('member'), input.argOf('role', MEMBER_ROLES)]
    return context.change((tx) => changeRole(tx, id, wanted, asOwner(context)))
  },
  render: (context, member) => renderMembers(context, [member]),
})

const remove = command({
  name: 'remove',
  args: [{ name: 'member' }],
  run: async (context, input) => {
    const id = input.id('member')
    await context.confirm(context.t('members.removeSure', { id }))
    return context.change((tx) => removeMember(tx, id, asOwner(context)))
  },
  render: ({ t }, member) => t('members.removed', { name: member.name }),
})

export const members: CommandGroup = { name: 'members', commands: [list, invite, role, remove] }
