import { MEMBER_ROLES } from '#contract/words.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { findPanelAccount } from '#server/modules/accounts/index.ts'
import {
  canGrant,
  changeRole,
  inviteMember,
  listInvitations,
  listMembers,
  removeMember,
  revokeInvitation,
} from '#server/modules/tenancy/index.ts'

import type { Handlers } from '../call.ts'

/** What the panel bot takes an invitation by. */
const startWordOf = (token: string): string => `inv_${token}`

export const memberRoutes: Handlers['members'] = (deps) => ({
  list: ({ inTenant, actor }) =>
    inTenant(async (tx) => ({
      items: (await listMembers(tx)).map((member) => ({ ...member, isYou: actor.by === `member:${member.id}` })),
      grantable: MEMBER_ROLES.filter((role) => canGrant(actor.access, role)),
    })),
  async invite({ inTenant, actor, body }) {
    const { token, role, expiresAt } = await inTenant((tx) => inviteMember(tx, body, actor))
    const panel = await asOperator(deps.db, 'the panel bot of an invitation', findPanelAccount)
    const word = startWordOf(token)
    const isThere = panel?.state === 'active' && panel.username !== null
    return {
      role,
      expiresAt,
      link: isThere ? `https://t.me/${panel.username}?start=${word}` : null,
      command: `/start ${word}`,
    }
  },
  listInvitations: ({ inTenant, actor }) =>
    inTenant(async (tx) => ({
      items: (await listInvitations(tx, actor)).map(({ id, role, invitedBy, invitedAt, expiresAt }) => ({
        id,
        role,
        invitedBy,
        invitedAt,
        expiresAt,
      })),
    })),
  revokeInvitation: ({ inTenant, actor, params }) =>
    inTenant(async (tx) => {
      await revokeInvitation(tx, params.id, actor)
      return {}
    }),
  changeRole: ({ inTenant, actor, params, body }) => inTenant((tx) => changeRole(tx, params.id, body.role, actor)),
  remove: ({ inTenant, actor, params }) =>
    inTenant(async (tx) => {
      await removeMember(tx, params.id, actor)
      return {}
    }),
})
