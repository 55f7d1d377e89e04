import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, listMembers } from '#server/modules/tenancy/index.ts'

import type { CommandInput } from './command-input.ts'
import { asOwner } from './commands/members.ts'
import type { CliContext } from './context.ts'
import type { OptionSpec } from './command.ts'

/** On commands that people of a tenant give. */
export const MEMBER_OPTION: OptionSpec = { name: 'member', value: 'id' }

const ID_MAX = Number.MAX_SAFE_INTEGER

/** The member of `--member`, with their rights; whoever has the shell of the server otherwise. Errors: `not_found`. */
export const actingMember = async (tx: TenantTx, context: CliContext, input: CommandInput): Promise<ActingPerson> => {
  const id = input.whole('member', 1, ID_MAX)
  if (id === null) return asOwner(context)
  const member = (await listMembers(tx)).find((row) => row.id === id)
  if (!member) throw notFound('member', id)
  return { by: `member:${id}`, access: { kind: 'member', role: member.role }, at: context.now() }
}

/** `me`, `nobody` or a member's number, as a filter or an assignee; null where nothing was given. */
export const readMember = (text: string | null, actor: ActingPerson): { readonly id: number | null } | null => {
  if (text === null) return null
  if (text === 'nobody') return { id: null }
  return { id: Number(text === 'me' ? /^member:(\d+)$/.exec(actor.by)?.[1] : text) || 0 }
}
