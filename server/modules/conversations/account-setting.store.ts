import { type Selectable, sql } from 'kysely'

import type { ReplyMode } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { AccountSettingTable } from '#server/db/schema.generated.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { AccountSettings } from './account-setting.rules.ts'

/** A version of what was chosen. `updatedAt` is epoch ms. */
export interface StoredSettings extends AccountSettings {
  readonly version: number
  readonly updatedBy: string
  readonly updatedAt: number
}

const toSettings = (row: Selectable<AccountSettingTable>): StoredSettings => ({
  version: row.version,
  replyMode: row.reply_mode as ReplyMode,
  inviteRatio: row.invite_ratio,
  groupPlacements: row.group_placements,
  productPriceMinor: row.product_price_minor,
  productCurrency: row.product_currency,
  draftLifeMinutes: row.draft_life_minutes,
  holdingMessage: row.holding_message ?? '',
  confidenceMin: row.confidence_min,
  sendsFollowUps: row.sends_follow_ups,
  updatedBy: row.updated_by,
  updatedAt: row.updated_at.getTime(),
})

/** One writer of an account's persona and settings at a time, until the transaction ends. */
export const lockVoice = async (tx: TenantTx, accountId: number): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended('voice', ${accountId}))`.execute(tx)
}

const settings = (tx: TenantTx) => tx.selectFrom('account_setting').selectAll().where('tenant_id', '=', tx.tenantId)

/** What is chosen now; null before anything was. */
export const findStoredSettings = async (tx: TenantTx, accountId: number): Promise<StoredSettings | null> => {
  const row = await settings(tx).where('account_id', '=', accountId).where('is_current', '=', true).executeTakeFirst()
  return row ? toSettings(row) : null
}

/** The same of several accounts, by account; those without are left out. */
export const listStoredSettingsOf = async (
  tx: TenantTx,
  accountIds: readonly number[],
): Promise<ReadonlyMap<number, StoredSettings>> => {
  const of = sql<boolean>`account_id = any(${[...accountIds]}::bigint[])`
  const rows = await settings(tx).where(of).where('is_current', '=', true).execute()
  return new Map(rows.map((row) => [row.account_id, toSettings(row)]))
}

/** Every version, newest first. */
export const listStoredSettings = async (tx: TenantTx, accountId: number): Promise<readonly StoredSettings[]> =>
  (await settings(tx).where('account_id', '=', accountId).orderBy('version', 'desc').execute()).map(toSettings)

/** Puts the next version in force. The caller holds {@link lockVoice}. */
export const insertSettings = async (
  tx: TenantTx,
  accountId: number,
  version: number,
  chosen: AccountSettings,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> => {
  await tx
    .updateTable('account_setting')
    .set({ is_current: false })
    .where('tenant_id', '=', tx.tenantId)
    .where('account_id', '=', accountId)
    .where('is_current', '=', true)
    .execute()
  await tx
    .insertInto('account_setting')
    .values({
      tenant_id: tx.tenantId,
      account_id: accountId,
      version,
      is_current: true,
      reply_mode: chosen.replyMode,
      invite_ratio: chosen.inviteRatio,
      group_placements: chosen.groupPlacements,
      product_price_minor: chosen.productPriceMinor,
      product_currency: chosen.productCurrency,
      draft_life_minutes: chosen.draftLifeMinutes,
      holding_message: chosen.holdingMessage || null,
      confidence_min: chosen.confidenceMin,
      sends_follow_ups: chosen.sendsFollowUps,
      updated_by: by,
      updated_at: toDate(at),
    })
    .execute()
}
