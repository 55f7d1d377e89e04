import { afterAll } from 'vitest'

import type { Locale, MemberRole } from '#contract/words.ts'
import { type ManualClock, toDate } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'
import type { ApiDeps } from '#server/doors/http/index.ts'
import { createSignInLink, openWebSession } from '#server/modules/tenancy/index.ts'

import { apiServers } from './api-servers.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** The API over this database, closed when the file's tests end. `over` replaces what it stands on. */
export const openTestApi = (db: Db, clock: ManualClock, over: Partial<ApiDeps> = {}) => {
  const servers = apiServers(db, clock, over)
  const app = servers.create()
  afterAll(async () => {
    await app.close()
    await servers.close()
  })
  let serial = 40_000

  /** A session's cookie of this person; null is whoever has the console of the server. */
  const signIn = async (telegramId: number | null): Promise<string> => {
    const { path } = await createSignInLink(db, { telegramId }, clock.now())
    const { sessionToken } = await openWebSession(db, path.split('/').at(-1) ?? '', 'Firefox', clock.now())
    return `gc_session=${sessionToken}`
  }

  /** Calls as somebody with this cookie does from a page of ours. */
  const callAs =
    <A extends object>(cookie: string, language: Locale = 'tr') =>
    async (method: Method, url: string, body?: object): Promise<A & { readonly status: number }> => {
      const answer = await app.inject({
        method,
        url: `/api/v1/${url}`,
        headers: { cookie, 'x-requested-with': 'gavatcore', 'accept-language': language },
        ...(body && { payload: body }),
      })
      return { ...(JSON.parse(answer.body) as A), status: answer.statusCode }
    }

  /** A member of the tenant who is signed in. */
  const addMember = async <A extends object>(
    tenantId: number,
    role: MemberRole,
    { name = role, language = 'tr' }: { readonly name?: string; readonly language?: Locale } = {},
  ) => {
    const telegramId = (serial += 1)
    const { id } = await db
      .insertInto('member')
      .values({
        tenant_id: tenantId,
        telegram_id: telegramId,
        role,
        name,
        invited_by: 'test',
        joined_at: toDate(clock.now()),
      }) // prettier-ignore
      .returning('id')
      .executeTakeFirstOrThrow()
    const cookie = await signIn(telegramId)
    return { id, telegramId, cookie, call: callAs<A>(cookie, language) }
  }

  return { app, createServer: servers.create, signIn, callAs, addMember }
}
