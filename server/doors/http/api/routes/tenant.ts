import {
  accentColours,
  checkAccent,
  getBrand,
  getTenantSettings,
  setBrand,
  setLogo,
  updateTenant,
} from '#server/modules/tenancy/index.ts'

import type { Handlers } from '../call.ts'
import { given } from '../given.ts'

export const tenantRoutes: Handlers['tenant'] = () => ({
  get: ({ inTenant, tenant: { slug } }) => inTenant(async (tx) => ({ slug, ...(await getTenantSettings(tx)) })),
  update: ({ inTenant, actor, tenant: { slug }, body }) =>
    inTenant(async (tx) => ({ ...(await updateTenant(tx, given(body), actor)), slug })),
  getBrand: ({ inTenant, tenant }) => inTenant((tx) => getBrand(tx, tenant.id)),
  setBrand: ({ inTenant, actor, body }) => inTenant((tx) => setBrand(tx, body, actor)),
  colours: async ({ query }) => accentColours(checkAccent(query.accent)),
  setLogo: ({ inTenant, actor, body }) => inTenant((tx) => setLogo(tx, Buffer.from(body.data, 'base64'), actor)),
  removeLogo: ({ inTenant, actor }) => inTenant((tx) => setLogo(tx, null, actor)),
})
