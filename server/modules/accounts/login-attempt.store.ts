import { type Selectable, type Updateable, sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { LoginAttemptTable } from '#server/db/schema.generated.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import { type LoginKind, type LoginState, OPEN_LOGIN_STATES } from './login.rules.ts'

/** An attempt as it is kept; what is sealed is opened by whoever goes on with it. */
export interface LoginAttempt {
  readonly tenantId: number
  readonly id: number
  readonly telegramId: number
  readonly kind: LoginKind
  readonly state: LoginState
  readonly endedWhy: string | null
  readonly sessionId: number | null
  readonly accountId: number | null
  readonly consentVersion: string
  readonly phoneMasked: string | null
  readonly phoneSealed: Buffer | null
  readonly phoneBucket: number | null
  readonly codeHashSealed: Buffer | null
  readonly codeLength: number | null
  readonly codeVia: string | null
  readonly wrongCodes: number
  readonly wrongPasswords: number
  readonly hintSealed: Buffer | null
  readonly qrUrlSealed: Buffer | null
  readonly qrExpiresAt: number | null
  readonly busyUntil: number | null
  readonly expiresAt: number
  readonly endedAt: number | null
}

const toAttempt = (row: Selectable<LoginAttemptTable>): LoginAttempt => ({
  tenantId: row.tenant_id,
  id: row.id,
  telegramId: row.telegram_id,
  kind: row.kind as LoginKind,
  state: row.state as LoginState,
  endedWhy: row.ended_why,
  sessionId: row.session_id,
  accountId: row.account_id,
  consentVersion: row.consent_version,
  phoneMasked: row.phone_masked,
  phoneSealed: row.phone_sealed,
  phoneBucket: row.phone_bucket,
  codeHashSealed: row.code_hash_sealed,
  codeLength: row.code_length,
  codeVia: row.code_via,
  wrongCodes: row.wrong_codes,
  wrongPasswords: row.wrong_passwords,
  hintSealed: row.hint_sealed,
  qrUrlSealed: row.qr_url_sealed,
  qrExpiresAt: row.qr_expires_at?.getTime() ?? null,
  busyUntil: row.busy_until?.getTime() ?? null,
  expiresAt: row.expires_at.getTime(),
  endedAt: row.ended_at?.getTime() ?? null,
})

/** What ends with the attempt: nothing secret outlives it. */
const WIPED = { phone_sealed: null, code_hash_sealed: null, hint_sealed: null, qr_url_sealed: null, busy_until: null }

export interface NewAttempt {
  readonly telegramId: number
  readonly kind: LoginKind
  readonly sessionId: number
  readonly consentVersion: string
  readonly expiresAt: number
  readonly phone: { readonly masked: string; readonly sealed: Buffer; readonly bucket: number } | null
}

/** Inserts a busy attempt; its id, or null when this person has an open one, for whichever tenant. */
export const insertAttempt = async (
  tx: TenantTx,
  attempt: NewAttempt,
  at: number,
  busyUntil: number,
): Promise<LoginAttempt | null> => {
  const { phone } = attempt
  const row = await tx
    .insertInto('login_attempt')
    .values({
      tenant_id: tx.tenantId,
      telegram_id: attempt.telegramId,
      kind: attempt.kind,
      state: attempt.kind === 'qr' ? 'scan' : 'code',
      session_id: attempt.sessionId,
      consent_version: attempt.consentVersion,
      phone_masked: phone?.masked ?? null,
      phone_sealed: phone?.sealed ?? null,
      phone_bucket: phone?.bucket ?? null,
      codes_sent: phone === null ? 0 : 1,
      busy_until: toDate(busyUntil),
      created_at: toDate(at),
      expires_at: toDate(attempt.expiresAt),
    })
    // Written out: an index is found by its words, never by parameters.
    .onConflict((c) =>
      c
        .column('telegram_id')
        .where(sql`state`, 'in', sql`('code', 'password', 'scan')`)
        .doNothing(),
    )
    .returningAll()
    .executeTakeFirst()
  return row ? toAttempt(row) : null
}

/** Attempts of the tenant since `since` that reached Telegram. Holds the tenant's counting to the end of the transaction. */
export const countAttemptsLocked = async (tx: OperatorTx, tenantId: number, since: number): Promise<number> => {
  await sql`select pg_advisory_xact_lock(hashtextextended('login_attempt', ${tenantId}))`.execute(tx)
  const { made } = await tx
    .selectFrom('login_attempt')
    .select((e) => e.fn.countAll<number>().as('made'))
    .where('tenant_id', '=', tenantId)
    .where('created_at', '>', toDate(since))
    .where(sql<boolean>`ended_why is distinct from 'unreachable'`)
    .executeTakeFirstOrThrow()
  return made
}

/** Codes sent to a number since `since`, for whichever tenant. Holds the number's counting. */
export const countCodesLocked = async (tx: OperatorTx, bucket: number, since: number): Promise<number> => {
  await sql`select pg_advisory_xact_lock(hashtextextended('login_code', ${bucket}))`.execute(tx)
  const { sent } = await tx
    .selectFrom('login_attempt')
    .select((e) => e.fn.coalesce(e.fn.sum<number>('codes_sent'), sql<number>`0`).as('sent'))
    .where('phone_bucket', '=', bucket)
    .where('created_at', '>', toDate(since))
    .executeTakeFirstOrThrow()
  return sent
}

export const saveCodeSent = async (tx: TenantTx, id: number): Promise<void> => {
  await tx
    .updateTable('login_attempt')
    .set((e) => ({ codes_sent: e('codes_sent', '+', 1) }))
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

/** The person's newest attempt for this tenant; open ones are newer than all others. */
export const selectLatestAttempt = async (tx: TenantTx, telegramId: number): Promise<LoginAttempt | null> => {
  const row = await tx
    .selectFrom('login_attempt')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('telegram_id', '=', telegramId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ? toAttempt(row) : null
}

/** Marks an open attempt as being asked about; false while somebody else does. */
export const claimAttempt = async (tx: TenantTx, id: number, at: number, busyUntil: number): Promise<boolean> => {
  const { numUpdatedRows } = await tx
    .updateTable('login_attempt')
    .set({ busy_until: toDate(busyUntil) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('state', 'in', [...OPEN_LOGIN_STATES])
    .where((e) => e.or([e('busy_until', 'is', null), e('busy_until', '<=', toDate(at))]))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export type AttemptChanges = Pick<
  Updateable<LoginAttemptTable>,
  | 'state'
  | 'code_hash_sealed'
  | 'code_length'
  | 'code_via'
  | 'wrong_codes'
  | 'wrong_passwords'
  | 'hint_sealed'
  | 'qr_url_sealed'
  | 'qr_expires_at'
>

/** Writes what a step has changed and frees the attempt for the next one. */
export const saveStep = async (tx: TenantTx, id: number, changes: AttemptChanges): Promise<void> => {
  await tx
    .updateTable('login_attempt')
    .set({ ...changes, busy_until: null })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('state', 'in', [...OPEN_LOGIN_STATES])
    .execute()
}

/** Ends an open attempt; its secrets go, its session waits for being logged out. False when it was over already. */
export const saveEnd = async (
  tx: TenantTx,
  id: number,
  end: { readonly why: string } | { readonly accountId: number },
  at: number,
): Promise<boolean> => {
  const ended = 'why' in end ? { state: 'ended', ended_why: end.why } : { state: 'linked', account_id: end.accountId }
  const { numUpdatedRows } = await tx
    .updateTable('login_attempt')
    .set({ ...ended, ...WIPED, ended_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('state', 'in', [...OPEN_LOGIN_STATES])
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Ends the attempt that made this session, linked as it is: the session waits for being logged out. */
export const saveSessionEnd = async (tx: TenantTx, sessionId: number, why: string, at: number): Promise<void> => {
  await tx
    .updateTable('login_attempt')
    .set({ state: 'ended', ended_why: why, ended_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('session_id', '=', sessionId)
    .where('state', '=', 'linked')
    .execute()
}

/** The attempt has no session any more. */
export const saveSessionGone = async (tx: TenantTx, sessionId: number): Promise<void> => {
  await tx
    .updateTable('login_attempt')
    .set({ session_id: null })
    .where('tenant_id', '=', tx.tenantId)
    .where('session_id', '=', sessionId)
    .execute()
}

/** Ends attempts whose time is over (of one person, or of all) and links that nobody uses any more. Returns how many. */
export const endOverdue = async (tx: OperatorTx, at: number, telegramId?: number): Promise<number> => {
  let overdue = tx
    .updateTable('login_attempt')
    .set({ state: 'ended', ended_why: 'expired', ...WIPED, ended_at: toDate(at) })
    .where('state', 'in', [...OPEN_LOGIN_STATES])
    .where('expires_at', '<=', toDate(at))
    .where((e) => e.or([e('busy_until', 'is', null), e('busy_until', '<=', toDate(at))]))
  if (telegramId !== undefined) overdue = overdue.where('telegram_id', '=', telegramId)
  const { numUpdatedRows } = await overdue.executeTakeFirst()
  return Number(numUpdatedRows)
}

/** Ends attempts whose account is disconnected or works with another session by now: their sessions are of no use. */
export const endUnused = async (tx: OperatorTx, at: number): Promise<void> => {
  await sql`
    update login_attempt l set state = 'ended', ended_why = 'disconnected', ended_at = ${toDate(at)}
    where l.state = 'linked' and l.session_id is not null and not exists (
      select from account a
      where a.tenant_id = l.tenant_id and a.session_id = l.session_id and a.state <> 'disconnected'
    )`.execute(tx)
}

export interface LeftSession {
  readonly tenantId: number
  readonly sessionId: number
  /** Whose worker may have it open still; null where it never became an account's. */
  readonly accountId: number | null
  readonly endedAt: number
}

/** Sessions of ended attempts that are still there, longest first. */
export const selectLeftSessions = async (tx: OperatorTx, limit: number): Promise<readonly LeftSession[]> => {
  const rows = await tx
    .selectFrom('login_attempt')
    .select(['tenant_id', 'session_id', 'account_id', 'ended_at'])
    .where('state', '=', 'ended')
    .where('session_id', 'is not', null)
    .orderBy('expires_at')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    sessionId: row.session_id ?? 0,
    accountId: row.account_id,
    endedAt: row.ended_at?.getTime() ?? 0,
  }))
}

/** Removes attempts that ended before `before` and have left nothing. Returns how many. */
export const deleteOldAttempts = async (tx: OperatorTx, before: number): Promise<number> => {
  const { numDeletedRows } = await tx
    .deleteFrom('login_attempt')
    .where('ended_at', '<', toDate(before))
    .where('session_id', 'is', null)
    .executeTakeFirst()
  return Number(numDeletedRows)
}
