import { sql } from 'kysely'

import type { Locale, MessageClass, MessageStyle, TemplateState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { TemplateContent } from './template-input.rules.ts'
import type { SlotBriefs, Template, TemplateMedia, TemplateVariant } from './template.rules.ts'

/** `seed`: came with the product and does not count as the tenant's own. `draftedBy`: the model that wrote it. */
export const insertTemplate = async (
  tx: TenantTx,
  content: TemplateContent,
  at: number,
  origin: 'own' | 'seed',
  draftedBy: string | null = null,
): Promise<number | null> => {
  const row = await tx
    .insertInto('template')
    .values({
      tenant_id: tx.tenantId,
      name: content.name,
      message_class: content.messageClass,
      style: content.style,
      is_seed: origin === 'seed',
      slot_briefs: JSON.stringify(content.slotBriefs),
      drafted_by: draftedBy,
      created_at: toDate(at),
    })
    .onConflict((c) => c.columns(['tenant_id', 'name']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!row) return null
  await insertVariants(tx, row.id, content.variants)
  return row.id
}

const insertVariants = async (
  tx: TenantTx,
  templateId: number,
  variants: readonly TemplateVariant[],
): Promise<void> => {
  await tx
    .insertInto('template_variant')
    .values(
      variants.map((variant) => ({
        tenant_id: tx.tenantId,
        template_id: templateId,
        name: variant.name,
        locale: variant.locale,
        text: variant.text,
        media: variant.media === null ? null : JSON.stringify(variant.media),
        buttons: JSON.stringify(variant.buttons),
        weight: variant.weight,
      })),
    )
    .execute()
}

/** False when another template of the tenant has the name. */
export const updateTemplateRow = async (tx: TenantTx, id: number, content: TemplateContent): Promise<boolean> => {
  const taken = await tx
    .selectFrom('template')
    .select('id')
    .where('tenant_id', '=', tx.tenantId)
    .where('name', '=', content.name)
    .where('id', '<>', id)
    .executeTakeFirst()
  if (taken) return false
  await tx
    .updateTable('template')
    .set({
      name: content.name,
      message_class: content.messageClass,
      style: content.style,
      slot_briefs: JSON.stringify(content.slotBriefs),
    })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
  await tx.deleteFrom('template_variant').where('tenant_id', '=', tx.tenantId).where('template_id', '=', id).execute()
  await insertVariants(tx, id, content.variants)
  return true
}

export const setTemplateState = async (tx: TenantTx, id: number, state: TemplateState, at: number): Promise<void> => {
  await tx
    .updateTable('template')
    .set({ state, ...(state === 'approved' && { approved_at: sql<Date>`coalesce(approved_at, ${toDate(at)})` }) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

/** Holds the template's row until the transaction ends. */
export const lockTemplate = async (tx: TenantTx, id: number): Promise<void> => {
  const row = await tx
    .selectFrom('template')
    .select('id')
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (!row) throw notFound('template', id)
}

/** The place of a template among the tenant's own, oldest first, from 1; 0 for one that came with the product or is archived. */
export const rankOwnTemplate = async (tx: TenantTx, id: number): Promise<number> => {
  const { rows } = await sql<{ rank: number }>`
    select count(*)::integer as rank from template t
    join template mine on mine.tenant_id = t.tenant_id and mine.id = ${id}
    where t.tenant_id = ${tx.tenantId} and t.state <> 'archived' and not t.is_seed
      and mine.state <> 'archived' and not mine.is_seed and (t.created_at, t.id) <= (mine.created_at, mine.id)`.execute(
    tx,
  )
  return rows[0]?.rank ?? 0
}

/** What the tenant calls itself; the sender of every message. */
export const readSenderName = async (
  tx: TenantTx,
): Promise<{ readonly senderName: string; readonly locale: Locale }> => {
  const row = await tx
    .selectFrom('tenant')
    .select(['sender_name', 'locale'])
    .where('id', '=', tx.tenantId)
    .executeTakeFirstOrThrow()
  return { senderName: row.sender_name, locale: row.locale as Locale }
}

/** Which templates: all filters narrow; ids in ascending order after `afterId`, or with `beforeId` in descending order below it. */
export interface TemplateFilter {
  readonly ids?: readonly number[]
  readonly state?: TemplateState
  readonly style?: MessageStyle
  readonly messageClass?: MessageClass
  readonly afterId?: number
  readonly beforeId?: number
  /** 1–500, 100 when not given. */
  readonly limit?: number
}

/** Templates with all their variants, in the order of {@link TemplateFilter}; variants in order of name and locale. A page ends at `limit`. */
export const listTemplates = async (tx: TenantTx, filter: TemplateFilter = {}): Promise<readonly Template[]> => {
  let query = tx
    .selectFrom('template')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '>', filter.afterId ?? 0)
    .orderBy('id', filter.beforeId === undefined ? 'asc' : 'desc')
    .limit(Math.min(Math.max(1, filter.limit ?? 100), 500))
  if (filter.beforeId !== undefined) query = query.where('id', '<', filter.beforeId)
  if (filter.ids) query = query.where('id', '=', sql<number>`any(${sql.val([...filter.ids])}::bigint[])`)
  if (filter.state) query = query.where('state', '=', filter.state)
  if (filter.style) query = query.where('style', '=', filter.style)
  if (filter.messageClass) query = query.where('message_class', '=', filter.messageClass)
  const rows = await query.execute()
  if (rows.length === 0) return []
  const variants = await tx
    .selectFrom('template_variant')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('template_id', '=', sql<number>`any(${sql.val(rows.map((row) => row.id))}::bigint[])`)
    .orderBy('template_id')
    .orderBy('name')
    .orderBy('locale')
    .execute()
  const byTemplate = Map.groupBy(variants, (variant) => variant.template_id)
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    messageClass: row.message_class as MessageClass,
    style: row.style as MessageStyle | null,
    state: row.state as TemplateState,
    approvedAt: row.approved_at?.getTime() ?? null,
    createdAt: row.created_at.getTime(),
    slotBriefs: row.slot_briefs as SlotBriefs,
    draftedBy: row.drafted_by,
    variants: (byTemplate.get(row.id) ?? []).map((variant) => ({
      name: variant.name,
      locale: variant.locale as Locale,
      text: variant.text,
      media: variant.media as TemplateMedia | null,
      buttons: variant.buttons as TemplateVariant['buttons'],
      weight: variant.weight,
    })),
  }))
}

/** One template, or null. */
export const findTemplate = async (tx: TenantTx, id: number): Promise<Template | null> =>
  (await listTemplates(tx, { ids: [id], limit: 1 }))[0] ?? null

/** One template. Errors: `not_found`. */
export const getTemplate = async (tx: TenantTx, id: number): Promise<Template> => {
  const template = await findTemplate(tx, id)
  if (!template) throw notFound('template', id)
  return template
}
