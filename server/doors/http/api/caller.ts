import type { FastifyRequest } from 'fastify'

import type { Clock } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import {
  type Access,
  type CurrentSession,
  authenticateApiKey,
  findWebSession,
  isMiniAppToken,
} from '#server/modules/tenancy/index.ts'

import { headerOf, isOwnRequest } from '../request.ts'
import { findSessionToken } from '../session-cookie.ts'

/** Who a call came from, before it is asked what they may do. */
export type Caller =
  | { readonly kind: 'person'; readonly session: CurrentSession }
  | { readonly kind: 'key'; readonly keyId: number; readonly tenantId: number; readonly access: Access }

export interface CallerDeps {
  readonly db: Db
  /** Address under which people reach this server; null where only this machine does. */
  readonly publicUrl: string | null
  /** What sessions are timed by: the pace of people. */
  readonly pace: Pick<Clock, 'now'>
  /** When keys were used last: the domain's time. */
  readonly clock: Pick<Clock, 'now'>
}

const BEARER = /^Bearer (gvt_live_\S{1,80})$/
const MINI_APP = /^Bearer (gvt_app_\S{1,80})$/

/** A session that is over is nobody's. */
const personOf = async (deps: CallerDeps, token: string): Promise<Caller | null> => {
  const session = await findWebSession(deps.db, token, deps.pace.now())
  return session && { kind: 'person', session }
}

/**
 * The key of `Authorization: Bearer gvt_live_…` or the Mini App's session of `Bearer gvt_app_…`, else the session of the
 * cookie, which changes things only for our own pages; null without any. Errors: `unauthenticated/api_key_unusable`.
 */
export const identify = async (deps: CallerDeps, request: FastifyRequest): Promise<Caller | null> => {
  const authorization = headerOf(request, 'authorization')
  const miniApp = MINI_APP.exec(authorization ?? '')?.[1]
  if (miniApp !== undefined) return personOf(deps, miniApp)
  if (authorization !== null) {
    const key = BEARER.exec(authorization)?.[1] ?? ''
    const found = await asOperator(deps.db, 'api key', (tx) => authenticateApiKey(tx, key, deps.clock.now()))
    return { kind: 'key', ...found }
  }
  const token = findSessionToken(request, deps.publicUrl)
  if (token === null || isMiniAppToken(token) || (request.method !== 'GET' && !isOwnRequest(request))) return null
  return personOf(deps, token)
}
