import { type Selectable, sql } from 'kysely'

import type { Fulfilment, ProductKind } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { ProductTable, SellingSettingTable } from '#server/db/schema.generated.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { ProductTerms } from './product.rules.ts'
import type { Selling } from './selling.rules.ts'

const toTerms = (row: Selectable<ProductTable>): ProductTerms & { readonly name: string } => ({
  name: row.name,
  kind: row.kind as ProductKind,
  stars: row.stars,
  paymentLink: row.payment_link,
  transferText: row.transfer_text,
  fulfilment: row.fulfilment as Fulfilment,
  fulfilmentContent: row.fulfilment_content,
})

/** Terms of an account's products, by name; also of those that the catalogue has no more. */
export const listTerms = async (
  tx: TenantTx,
  accountId: number,
): Promise<readonly (ProductTerms & { readonly name: string })[]> => {
  const rows = await tx
    .selectFrom('product')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('account_id', '=', accountId)
    .orderBy('name')
    .execute()
  return rows.map(toTerms)
}

export const saveTerms = async (
  tx: TenantTx,
  product: { readonly accountId: number; readonly name: string; readonly terms: ProductTerms },
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> => {
  const { accountId, name, terms } = product
  const values = {
    kind: terms.kind,
    stars: terms.stars,
    payment_link: terms.paymentLink,
    transfer_text: terms.transferText,
    fulfilment: terms.fulfilment,
    fulfilment_content: terms.fulfilmentContent,
    updated_by: by,
    updated_at: toDate(at),
  }
  await tx
    .insertInto('product')
    .values({ tenant_id: tx.tenantId, account_id: accountId, name, ...values })
    .onConflict((c) => c.columns(['tenant_id', 'account_id', 'name']).doUpdateSet(values))
    .execute()
}

const toSelling = (row: Selectable<SellingSettingTable>): Selling => ({
  sellsByItself: row.sells_by_itself,
  funnel: row.funnel,
  minorPerStar: row.minor_per_star,
  terms: row.terms,
})

/** How an account sells; null before anybody said. */
export const findStoredSelling = async (tx: TenantTx, accountId: number): Promise<Selling | null> => {
  const row = await tx
    .selectFrom('selling_setting')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return row ? toSelling(row) : null
}

/** Which of these accounts sell by themselves: most do not, and then nobody's words need be heard. */
export const findSellers = async (tx: TenantTx, accountIds: readonly number[]): Promise<ReadonlySet<number>> => {
  const rows = await tx
    .selectFrom('selling_setting')
    .select('account_id')
    .where('tenant_id', '=', tx.tenantId)
    .where(sql<boolean>`account_id = any(${[...accountIds]}::bigint[])`)
    .where('sells_by_itself', '=', true)
    .execute()
  return new Set(rows.map((row) => row.account_id))
}

export const saveSelling = async (
  tx: TenantTx,
  accountId: number,
  selling: Selling,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> => {
  const values = {
    sells_by_itself: selling.sellsByItself,
    funnel: selling.funnel,
    minor_per_star: selling.minorPerStar,
    terms: selling.terms,
    updated_by: by,
    updated_at: toDate(at),
  }
  await tx
    .insertInto('selling_setting')
    .values({ tenant_id: tx.tenantId, account_id: accountId, ...values })
    .onConflict((c) => c.columns(['tenant_id', 'account_id']).doUpdateSet(values))
    .execute()
}

/** Of these products, those that somebody was offered after `since`. */
export const listOffered = async (
  tx: TenantTx,
  who: { readonly accountId: number; readonly contactId: number },
  since: number,
): Promise<ReadonlySet<string>> => {
  const rows = await tx
    .selectFrom('product_offer')
    .select('product')
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', who.contactId)
    .where('account_id', '=', who.accountId)
    .where('offered_at', '>', toDate(since))
    .execute()
  return new Set(rows.map((row) => row.product))
}

/** Writes what somebody is offered now. */
export const recordOffers = async (
  tx: TenantTx,
  who: { readonly accountId: number; readonly contactId: number },
  products: readonly string[],
  at: number,
): Promise<void> => {
  await sql`
    insert into product_offer (tenant_id, account_id, contact_id, product, offered_at)
    select ${tx.tenantId}, ${who.accountId}, ${who.contactId}, p, ${toDate(at)} from unnest(${[...products]}::text[]) as p
    on conflict (tenant_id, contact_id, account_id, product) do update set offered_at = excluded.offered_at`.execute(tx)
}
