import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { OwnLimits, SpamLevel, SpamTuning } from './spam-level.rules.ts'

export interface StoredProtection {
  readonly version: number
  readonly level: SpamLevel
  readonly parameters: SpamTuning
  readonly words: readonly string[]
}

/** One writer of the tenant's protection at a time, until the transaction ends. */
export const lockProtection = async (tx: TenantTx): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended('protection', ${tx.tenantId}))`.execute(tx)
}

/** What was set; the weakest level before anything was. */
export const findProtection = async (tx: TenantTx): Promise<StoredProtection> => {
  const row = await tx
    .selectFrom('protection')
    .select(['version', 'level', 'parameters', 'words'])
    .where('tenant_id', '=', tx.tenantId)
    .where('is_current', '=', true)
    .executeTakeFirst()
  return row
    ? {
        version: row.version,
        level: row.level as SpamLevel,
        parameters: row.parameters as SpamTuning,
        words: row.words,
      }
    : { version: 0, level: 'basic', parameters: {}, words: [] }
}

/** Puts the next version in force. The caller holds {@link lockProtection}. */
export const insertProtection = async (
  tx: TenantTx,
  next: StoredProtection,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> => {
  await tx
    .updateTable('protection')
    .set({ is_current: false })
    .where('tenant_id', '=', tx.tenantId)
    .where('is_current', '=', true)
    .execute()
  await tx
    .insertInto('protection')
    .values({
      tenant_id: tx.tenantId,
      version: next.version,
      is_current: true,
      level: next.level,
      parameters: JSON.stringify(next.parameters),
      words: [...next.words],
      updated_by: by,
      updated_at: toDate(at),
    })
    .execute()
}

export const findChatTuning = async (tx: TenantTx, chatId: number): Promise<SpamTuning> => {
  const row = await tx
    .selectFrom('chat_protection')
    .select('parameters')
    .where('tenant_id', '=', tx.tenantId)
    .where('chat_id', '=', chatId)
    .executeTakeFirst()
  return row?.parameters ?? {}
}

export const saveChatTuning = async (
  tx: TenantTx,
  chatId: number,
  tuning: SpamTuning,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> => {
  const columns = { parameters: JSON.stringify(tuning), updated_by: by, updated_at: toDate(at) }
  await tx
    .insertInto('chat_protection')
    .values({ tenant_id: tx.tenantId, chat_id: chatId, ...columns })
    .onConflict((c) => c.columns(['tenant_id', 'chat_id']).doUpdateSet(columns))
    .execute()
}

/** What the package gives and what the tenant holds tighter. */
export interface LimitsInForce {
  readonly ofPackage: OwnLimits
  readonly own: OwnLimits
}

export const findLimits = async (tx: TenantTx): Promise<LimitsInForce> => {
  const row = await tx
    .selectFrom('tenant_limits')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .executeTakeFirstOrThrow()
  return {
    ofPackage: {
      perMinuteMax: row.per_minute_max,
      groupPostCooldownSeconds: row.group_post_cooldown_seconds,
      outreachHourlyMax: row.outreach_hourly_max,
      outreachDailyMax: row.outreach_daily_max,
      outreachCooldownMinutes: row.outreach_cooldown_minutes,
    },
    own: {
      perMinuteMax: row.own_per_minute_max,
      groupPostCooldownSeconds: row.own_group_post_cooldown_seconds,
      outreachHourlyMax: row.own_outreach_hourly_max,
      outreachDailyMax: row.own_outreach_daily_max,
      outreachCooldownMinutes: row.own_outreach_cooldown_minutes,
    },
  }
}

/** Writes the tenant's own limits; the history keeps those before with their instants. */
export const saveOwnLimits = async (tx: TenantTx, own: OwnLimits, at: number): Promise<void> => {
  await tx
    .updateTable('tenant_limits')
    .set({
      own_per_minute_max: own.perMinuteMax,
      own_group_post_cooldown_seconds: own.groupPostCooldownSeconds,
      own_outreach_hourly_max: own.outreachHourlyMax,
      own_outreach_daily_max: own.outreachDailyMax,
      own_outreach_cooldown_minutes: own.outreachCooldownMinutes,
      changed_at: toDate(at),
    })
    .where('tenant_id', '=', tx.tenantId)
    .execute()
}
