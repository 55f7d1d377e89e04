import { hashSecret } from '#server/base/secret.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import { requireCan } from './access.rules.ts'
import { recordAudit } from './audit.store.ts'
import { type Brand, type BrandChoice, type Logo, checkBrand, checkLogo, plainBrand } from './brand.rules.ts'
import { saveBrand, saveLogo, selectBrand, selectLogo } from './brand.store.ts'
import type { ActingPerson } from './member.rules.ts'

/** How a tenant looks; the product's own where it never chose. */
export const getBrand = async (tx: OperatorTx | TenantTx, tenantId: number): Promise<Brand> =>
  (await selectBrand(tx, tenantId)) ?? plainBrand(tenantId)

/** The logo at an address of {@link Brand}; null when there is none any more. */
export const findLogo = (tx: OperatorTx, tenantId: number, hash: string): Promise<Logo | null> =>
  selectLogo(tx, tenantId, hash)

/**
 * How the tenant calls itself and which accent it has; null is the product's own. Audited with before and after. Errors:
 * `forbidden/not_allowed`, `invalid` with `text_length`, `field_form`.
 */
export const setBrand = async (tx: TenantTx, choice: BrandChoice, { by, access, at }: ActingPerson): Promise<Brand> => {
  requireCan(access, 'tenant.update')
  const checked = checkBrand(choice)
  const before = await getBrand(tx, tx.tenantId)
  await saveBrand(tx, checked, { by, at })
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'brand.changed',
    target: 'tenant',
    detail: {
      'name.before': before.name,
      'name.after': checked.name,
      'accent.before': before.accent,
      'accent.after': checked.accent,
    },
    at,
  })
  return getBrand(tx, tx.tenantId)
}

/** So much of a hash that nobody guesses it. */
const HASH_LENGTH = 32

/**
 * Keeps a picture as the tenant's logo; null takes it away. What it is is read from its bytes. Audited. Errors:
 * `forbidden/not_allowed`, `invalid` with `brand_logo_size`, `brand_logo_type`.
 */
export const setLogo = async (
  tx: TenantTx,
  bytes: Uint8Array | null,
  { by, access, at }: ActingPerson,
): Promise<Brand> => {
  requireCan(access, 'tenant.update')
  const logo = bytes === null ? null : checkLogo(bytes)
  const hash = logo && hashSecret(Buffer.from(logo.bytes).toString('base64')).toString('hex').slice(0, HASH_LENGTH)
  await saveLogo(tx, logo && hash !== null ? { ...logo, hash } : null, { by, at })
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: logo === null ? 'brand.logo_removed' : 'brand.logo_changed',
    target: 'tenant',
    detail: { type: logo?.type ?? null, bytes: logo?.bytes.length ?? 0 },
    at,
  })
  return getBrand(tx, tx.tenantId)
}
