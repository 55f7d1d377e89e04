import { z } from 'zod'

import { idParams, instant } from './paging.ts'
import { route } from './route.ts'
import { MEMBER_ROLES } from './words.ts'

const member = z
  .object({
    id: z.number(),
    name: z.string(),
    role: z.enum(MEMBER_ROLES),
    joinedAt: instant,
    isYou: z.boolean(),
  })
  .meta({ id: 'Member' })

const role = z.enum(MEMBER_ROLES)

export const members = {
  list: route({
    method: 'GET',
    path: '/api/v1/members',
    summary: 'Who belongs to the tenant, oldest first, and which roles whoever asks may give and take.',
    access: 'members.view',
    response: z.object({ items: z.array(member), grantable: z.array(role) }),
  }),
  invite: route({
    method: 'POST',
    path: '/api/v1/members/invitations',
    summary: 'Invites one person with a role, for seven days. The link is shown once: only its hash is kept.',
    access: 'members.invite',
    body: z.strictObject({ role }),
    response: z.object({
      role,
      expiresAt: instant,
      /** Opened in Telegram; null where the installation has no panel bot. */
      link: z.string().nullable(),
      /** What is sent to the panel bot where there is no link to press. */
      command: z.string(),
    }),
  }),
  listInvitations: route({
    method: 'GET',
    path: '/api/v1/members/invitations',
    summary: 'Invitations that still let somebody in, newest first.',
    access: 'members.view',
    response: z.object({
      items: z.array(z.object({ id: z.number(), role, invitedBy: z.string(), invitedAt: instant, expiresAt: instant })),
    }),
  }),
  revokeInvitation: route({
    method: 'DELETE',
    path: '/api/v1/members/invitations/:id',
    summary: 'Takes an invitation back: its link lets nobody in any more.',
    access: 'members.invite',
    params: idParams,
    response: z.object({}),
  }),
  changeRole: route({
    method: 'PATCH',
    path: '/api/v1/members/:id',
    summary: 'Gives a member another role. The last owner stays one.',
    access: 'members.change_role',
    params: idParams,
    body: z.strictObject({ role }),
    response: z.object({ id: z.number(), role }),
  }),
  remove: route({
    method: 'DELETE',
    path: '/api/v1/members/:id',
    summary: 'Ends a membership. The last owner stays.',
    access: 'members.remove',
    params: idParams,
    response: z.object({}),
  }),
} as const
