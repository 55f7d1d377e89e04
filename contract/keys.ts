import { z } from 'zod'

import { TENANT_ACTIONS } from './actions.ts'
import { idParams, instant } from './paging.ts'
import { route } from './route.ts'

const scope = z.enum(TENANT_ACTIONS)

const keyFields = z.object({
  id: z.number(),
  name: z.string(),
  /** What a key is told apart by: its first letters. */
  prefix: z.string(),
  scopes: z.array(scope),
  createdBy: z.string(),
  createdAt: instant,
  lastUsedAt: instant.nullable(),
  revokedAt: instant.nullable(),
})
const key = keyFields.meta({ id: 'ApiKey' })

export const keys = {
  list: route({
    method: 'GET',
    path: '/api/v1/keys',
    summary: 'Keys for programs, those that were ended included, oldest first, and the scopes that one may be given.',
    access: 'keys.view',
    response: z.object({ items: z.array(key), scopes: z.array(scope) }),
  }),
  create: route({
    method: 'POST',
    path: '/api/v1/keys',
    summary: 'Makes a key with these scopes. Its text is in this answer and nowhere else: only its hash is kept.',
    access: 'keys.create',
    body: z.strictObject({ name: z.string().trim().min(1).max(100), scopes: z.array(scope).min(1).max(100) }),
    response: keyFields.extend({ key: z.string() }),
  }),
  revoke: route({
    method: 'DELETE',
    path: '/api/v1/keys/:id',
    summary: 'Ends a key at once.',
    access: 'keys.revoke',
    params: idParams,
    response: z.object({}),
  }),
} as const
