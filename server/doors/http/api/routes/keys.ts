import { KEY_SCOPES, can, createApiKey, listApiKeys, revokeApiKey } from '#server/modules/tenancy/index.ts'

import type { Handlers } from '../call.ts'

export const keyRoutes: Handlers['keys'] = () => ({
  list: ({ inTenant, actor }) =>
    inTenant(async (tx) => ({
      items: await listApiKeys(tx),
      scopes: KEY_SCOPES.filter((scope) => can(actor.access, scope)),
    })),
  create: ({ inTenant, actor, body }) => inTenant((tx) => createApiKey(tx, body, actor)),
  revoke: ({ inTenant, actor, params }) =>
    inTenant(async (tx) => {
      await revokeApiKey(tx, params.id, actor)
      return {}
    }),
})
