import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import {
  ACCOUNT_INBOX_DEFAULTS,
  type AccountInboxSettings,
  INBOX_DEFAULTS,
  type InboxSettings,
  type RatingChoice,
} from './inbox-setting.rules.ts'

/** Who changed it, and when (epoch ms). */
export interface SettingChange {
  readonly by: string
  readonly at: number
}

/** How the tenant answers; the defaults before anybody chose. */
export const findInboxSettings = async (tx: TenantTx): Promise<InboxSettings> => {
  const row = await tx
    .selectFrom('inbox_setting')
    .select(['answer_within_minutes', 'close_after_days'])
    .where('tenant_id', '=', tx.tenantId)
    .executeTakeFirst()
  return row ? { answerWithinMinutes: row.answer_within_minutes, closeAfterDays: row.close_after_days } : INBOX_DEFAULTS
}

export const saveInboxSettings = async (
  tx: TenantTx,
  { answerWithinMinutes, closeAfterDays }: InboxSettings,
  { by, at }: SettingChange,
): Promise<void> => {
  const chosen = {
    answer_within_minutes: answerWithinMinutes,
    close_after_days: closeAfterDays,
    updated_by: by,
    updated_at: toDate(at),
  }
  await tx
    .insertInto('inbox_setting')
    .values({ tenant_id: tx.tenantId, ...chosen })
    .onConflict((c) => c.column('tenant_id').doUpdateSet(chosen))
    .execute()
}

/** How the account does; the defaults before anybody chose. */
export const findAccountInboxSettings = async (tx: TenantTx, accountId: number): Promise<AccountInboxSettings> => {
  const row = await tx
    .selectFrom('account_inbox_setting')
    .select(['ai_pause_minutes', 'rating'])
    .where('tenant_id', '=', tx.tenantId)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return row ? { aiPauseMinutes: row.ai_pause_minutes, rating: row.rating as RatingChoice } : ACCOUNT_INBOX_DEFAULTS
}

export const saveAccountInboxSettings = async (
  tx: TenantTx,
  accountId: number,
  { aiPauseMinutes, rating }: AccountInboxSettings,
  { by, at }: SettingChange,
): Promise<void> => {
  const chosen = { ai_pause_minutes: aiPauseMinutes, rating, updated_by: by, updated_at: toDate(at) }
  await tx
    .insertInto('account_inbox_setting')
    .values({ tenant_id: tx.tenantId, account_id: accountId, ...chosen })
    .onConflict((c) => c.columns(['tenant_id', 'account_id']).doUpdateSet(chosen))
    .execute()
}
