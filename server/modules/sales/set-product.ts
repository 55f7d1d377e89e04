import { AppError, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { findForSale } from './find-for-sale.ts'
import { findFunnel } from './funnel.store.ts'
import { requireFunnel } from './may-use-funnel.ts'
import { STANDARD_FUNNEL } from './funnel.rules.ts'
import { BARE_TERMS, type ProductTerms, checkTerms } from './product.rules.ts'
import { findStoredSelling, listTerms, saveSelling, saveTerms } from './product.store.ts'
import { DEFAULT_SELLING, type Selling, checkSelling } from './selling.rules.ts'

/**
 * Says how an item of an account's catalogue is sold; what is left out stays. Audited without what is handed over.
 * Errors: `forbidden/not_allowed`, `not_found`, `limit_reached/package_feature`, `conflict/product_not_in_catalogue`,
 * `invalid` naming the field.
 */
export const setProduct = async (
  tx: TenantTx,
  product: { readonly accountId: number; readonly name: string; readonly change: Partial<ProductTerms> },
  { by, access, at }: ActingPerson,
): Promise<ProductTerms> => {
  requireCan(access, 'sales.edit')
  const { accountId, change } = product
  const name = product.name.trim()
  await getAccount(tx, accountId)
  await requireFunnel(tx, 'standard', at)
  const known = (await listTerms(tx, accountId)).find((one) => one.name === name)
  const { name: _, ...before } = known ?? { name, ...BARE_TERMS }
  const terms = checkTerms({ ...before, ...change })
  await saveTerms(tx, { accountId, name, terms }, { by, at })
  const { products } = await findForSale(tx, accountId, at)
  if (!products.some((one) => one.name === name)) throw new AppError('conflict', 'product_not_in_catalogue', { name })
  const { kind, stars, fulfilment } = terms
  const detail = { product: name, kind, stars, fulfilment }
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'product.updated',
    target: `account:${accountId}`,
    detail,
    at,
  })
  return terms
}

/**
 * Changes how an account sells; what is left out stays. Errors: `forbidden/not_allowed`, `not_found` also for a funnel
 * of that name, `limit_reached/package_feature`, those of the checks.
 */
export const setSelling = async (
  tx: TenantTx,
  accountId: number,
  change: Partial<Selling>,
  { by, access, at }: ActingPerson,
): Promise<Selling> => {
  requireCan(access, 'sales.edit')
  await getAccount(tx, accountId)
  const before = (await findStoredSelling(tx, accountId)) ?? DEFAULT_SELLING
  const selling = checkSelling({ ...before, ...change })
  // Switching off needs no package, not even a running one.
  if (selling.sellsByItself || selling.funnel !== before.funnel)
    await requireFunnel(tx, selling.funnel === STANDARD_FUNNEL ? 'standard' : 'custom', at)
  if (!(await findFunnel(tx, selling.funnel))) throw notFound('funnel', selling.funnel)
  await saveSelling(tx, accountId, selling, { by, at })
  const { sellsByItself, funnel, minorPerStar } = selling
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'selling.updated',
    target: `account:${accountId}`,
    detail: { sellsByItself, funnel, minorPerStar },
    at,
  })
  return selling
}
