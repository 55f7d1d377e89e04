import type { FastifyPluginAsync } from 'fastify'

import { notFound } from '#server/base/errors.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { findLogo } from '#server/modules/tenancy/index.ts'

import { FILE_HEADERS } from './file-headers.ts'

interface LogoParams {
  readonly Params: { readonly tenant: string; readonly hash: string }
}

/**
 * `/brand/:tenant/:hash`: the logos of tenants, for the panel and for pages that people see before they are signed in.
 * Another logo has another address, so it may be kept for ever; nothing in it is ever run. Errors: `not_found`.
 */
export const brandFiles =
  (db: Db): FastifyPluginAsync =>
  async (app) => {
    app.get<LogoParams>('/brand/:tenant/:hash', async (request, reply) => {
      const { tenant, hash } = request.params
      const isAddress = /^\d{1,15}$/.test(tenant) && /^[0-9a-f]{32}$/.test(hash)
      const logo = isAddress ? await asOperator(db, 'logo', (tx) => findLogo(tx, Number(tenant), hash)) : null
      if (logo === null) throw notFound('logo', hash.slice(0, 40))
      return reply
        .headers({
          ...FILE_HEADERS,
          'cache-control': 'public, max-age=31536000, immutable',
        })
        .type(logo.type)
        .send(Buffer.from(logo.bytes))
    })
  }
