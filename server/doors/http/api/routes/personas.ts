import { notFound } from '#server/base/errors.ts'
import { translatorsOf } from '#server/base/translate.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import {
  createPersonaFromPackage,
  findPersonaFaults,
  getAccountSettings,
  getPersonaVersion,
  listPersonaHistory,
  listPersonas,
  restorePersona,
  rewritePersona,
  showPersona,
} from '#server/modules/conversations/index.ts'

import type { Handlers } from '../call.ts'

const errorTexts = translatorsOf('errors')
const NEWEST = 2_147_483_647

export const personaRoutes: Handlers['personas'] = () => ({
  list: ({ inTenant, actor }) => inTenant(async (tx) => ({ items: await listPersonas(tx, actor) })),
  get: ({ inTenant, actor, params: { id } }) => inTenant((tx) => showPersona(tx, id, actor)),
  create: ({ inTenant, actor, tenant, params: { id } }) =>
    inTenant(async (tx) => {
      const account = await getAccount(tx, id)
      if (account.purpose !== 'contacts') throw notFound('account', id)
      const { limits } = await getAccountSettings(tx, id, actor.at)
      const begin = {
        accountId: id,
        package: limits.package,
        locale: tenant.locale,
        displayName: account.displayName,
      }
      return createPersonaFromPackage(tx, begin, actor.at, actor.by)
    }),
  update: ({ inTenant, actor, params: { id }, body: { expectedVersion, ...content } }) =>
    inTenant((tx) => rewritePersona(tx, { accountId: id, content, expectedVersion }, actor)),
  check: async ({ locale, body }) => ({
    faults: findPersonaFaults(body).map(({ code, params }) => ({
      code,
      field: String(params['field']),
      detail: errorTexts(locale)(code, params),
    })),
  }),
  versions: ({ inTenant, actor, params: { id }, query: { cursor, limit } }) =>
    inTenant(async (tx) => {
      const beforeVersion = cursor === undefined ? NEWEST : Number(cursor)
      const items = await listPersonaHistory(tx, id, { beforeVersion, limit }, actor)
      const last = items.at(-1)
      return { items, nextCursor: last === undefined || last.version === 1 ? null : String(last.version) }
    }),
  version: ({ inTenant, actor, params: { id, version } }) =>
    inTenant((tx) => getPersonaVersion(tx, { accountId: id, version }, actor)),
  restore: ({ inTenant, actor, params: { id }, body }) =>
    inTenant((tx) => restorePersona(tx, { accountId: id, ...body }, actor)),
})
