import { toDate } from '#server/base/clock.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import { type Brand, type BrandChoice, type Logo, type LogoType, coloursOf, logoPath } from './brand.rules.ts'

/** How the tenant looks; null where it never chose. */
export const selectBrand = async (tx: OperatorTx | TenantTx, tenantId: number): Promise<Brand | null> => {
  const row = await (tx as OperatorTx)
    .selectFrom('brand')
    .select(['name', 'accent', 'logo_hash'])
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst()
  if (!row) return null
  const { name, accent, logo_hash: hash } = row
  return {
    tenantId,
    name,
    accent,
    logoPath: hash === null ? null : logoPath(tenantId, hash),
    colours: coloursOf(accent),
  }
}

/** The logo at this address; null when it is another one by now. */
export const selectLogo = async (tx: OperatorTx, tenantId: number, hash: string): Promise<Logo | null> => {
  const row = await tx
    .selectFrom('brand')
    .select(['logo', 'logo_type'])
    .where('tenant_id', '=', tenantId)
    .where('logo_hash', '=', hash)
    .executeTakeFirst()
  return row?.logo && row.logo_type ? { bytes: row.logo, type: row.logo_type as LogoType } : null
}

interface Change {
  readonly by: string
  readonly at: number
}

const writtenBy = ({ by, at }: Change) => ({ updated_by: by, updated_at: toDate(at) })

export const saveBrand = async (tx: TenantTx, { name, accent }: BrandChoice, change: Change): Promise<void> => {
  const columns = { name, accent, ...writtenBy(change) }
  await tx
    .insertInto('brand')
    .values({ tenant_id: tx.tenantId, ...columns })
    .onConflict((c) => c.column('tenant_id').doUpdateSet(columns))
    .execute()
}

/** Null takes the logo away. */
export const saveLogo = async (
  tx: TenantTx,
  logo: (Logo & { readonly hash: string }) | null,
  change: Change,
): Promise<void> => {
  const columns = {
    logo: logo && Buffer.from(logo.bytes),
    logo_type: logo?.type ?? null,
    logo_hash: logo?.hash ?? null,
    ...writtenBy(change),
  }
  await tx
    .insertInto('brand')
    .values({ tenant_id: tx.tenantId, ...columns })
    .onConflict((c) => c.column('tenant_id').doUpdateSet(columns))
    .execute()
}
