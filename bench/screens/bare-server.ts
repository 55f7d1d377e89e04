import type { FastifyPluginAsync } from 'fastify'
import { sql } from 'kysely'

import type { Clock } from '#server/base/clock.ts'
import { silentLogger } from '#server/base/logger.ts'
import { createMetrics } from '#server/base/metrics.ts'
import { createTranslator } from '#server/base/translate.ts'
import type { Db } from '#server/db/pool.ts'
import { createHttpServer, listen } from '#server/doors/http/index.ts'

import { admit } from '../../server/doors/http/api/admit.ts'
import { identify } from '../../server/doors/http/api/caller.ts'

/** Looks up who calls and lets them in as every route does, then gives the rows of one statement as they are. */
const bareRoutes =
  (db: Db, clock: Clock, queries: Readonly<Record<string, string>>): FastifyPluginAsync =>
  async (app) => {
    const deps = { db, clock, pace: clock, publicUrl: null, consoleTenantSlug: null, isSecondFactorRequired: false }
    app.get<{ Params: { readonly name: string } }>('/api/v1/bare/:name', async (request) => {
      const caller = await identify(deps, request)
      const tenant = request.headers['x-tenant']
      await admit(deps, { access: 'contacts.view', method: 'GET' }, caller, typeof tenant === 'string' ? tenant : null)
      const { rows } = await sql.raw(queries[request.params.name] ?? '').execute(db)
      return rows
    })
  }

/** A server of the same making that answers `bare/NAME` with the least SQL and nothing else. */
export const openBareServer = async (db: Db, clock: Clock, queries: Readonly<Record<string, string>>) => {
  const server = createHttpServer({
    log: silentLogger,
    version: '0.0.0',
    translator: (locale) => createTranslator(locale, 'errors'),
    metrics: createMetrics(),
    isDraining: () => false,
    pingDatabase: async () => {},
    health: async () => [],
    routes: [bareRoutes(db, clock, queries)],
  })
  return { address: await listen(server, '127.0.0.1', 0), close: () => server.close() }
}
