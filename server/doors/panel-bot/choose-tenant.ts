import { asOperator } from '#server/db/tenant-scope.ts'
import { listTenants } from '#server/modules/tenancy/index.ts'

import type { PanelCommand } from './panel-command.ts'
import { pageOf, pageRow } from './paging.ts'
import type { Reply } from './reply.ts'
import type { Talk } from './talk.ts'

/** Asks which tenant a command is about: members choose among theirs, operators among all. */
export const chooseTenant = async (talk: Talk, command: PanelCommand): Promise<Reply> => {
  const { operator, memberships } = talk.speaker
  const own = new Set(memberships.map((member) => member.tenantId))
  const all = await asOperator(talk.deps.db, 'choose a tenant', listTenants)
  const offered = operator !== null && own.size === 0 ? all : all.filter((tenant) => own.has(tenant.id))
  const page = pageOf(offered, Number(talk.args[0] ?? 0))
  return {
    text: talk.t('choose.title'),
    rows: [
      ...page.items.map((tenant) => [{ label: tenant.name, action: command.key, tenantId: tenant.id }]),
      pageRow(talk, `${command.key}.choose`, page),
    ],
  }
}
