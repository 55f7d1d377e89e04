import { sql } from 'kysely'

import type { ModelMode, PackageName, SubscriptionState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { Meter } from './meter.rules.ts'
import type { ModelUse } from './use.rules.ts'

/** A tenant's model as it is set; the key stays sealed. */
export interface StoredSetting {
  readonly mode: ModelMode
  readonly baseUrl: string | null
  readonly keySealed: Buffer | null
  readonly model: string | null
  readonly tokensPerMonth: number
  readonly perMinuteMax: number
  readonly version: number
  readonly changedBy: string
  readonly changedAt: number
}

/** What a question has to pass. */
export interface Gate {
  readonly setting: StoredSetting
  readonly timeZone: string
  readonly isTenantActive: boolean
  readonly package: PackageName
  readonly subscriptionState: SubscriptionState
  readonly periodEndsAt: number | null
  readonly meter: Meter
  /** Of the contacts that were asked about: who has agreed to AI processing and is not erased. */
  readonly consenting: ReadonlySet<number>
}

interface GateRow {
  readonly mode: ModelMode
  readonly base_url: string | null
  readonly api_key_sealed: Buffer | null
  readonly model: string | null
  readonly tokens_per_month: number
  readonly per_minute_max: number
  readonly version: number
  readonly changed_by: string
  readonly changed_at: Date
  readonly time_zone: string
  readonly tenant_state: string
  readonly package: PackageName
  readonly subscription_state: SubscriptionState
  readonly period_ends_at: Date | null
  readonly month: string
  readonly tokens_taken: number
  readonly minute_at: Date
  readonly minute_count: number
  readonly failure_count: number
  readonly failing_since: Date | null
  readonly resting_until: Date | null
  readonly resting_reason: Meter['restingReason']
  readonly probe_until: Date | null
  readonly consenting: readonly number[]
}

const at = (date: Date | null): number | null => date?.getTime() ?? null
const dateOf = (instant: number | null): Date | null => (instant === null ? null : toDate(instant))

const gateFrom = (row: GateRow): Gate => ({
  setting: {
    mode: row.mode,
    baseUrl: row.base_url,
    keySealed: row.api_key_sealed,
    model: row.model,
    tokensPerMonth: row.tokens_per_month,
    perMinuteMax: row.per_minute_max,
    version: row.version,
    changedBy: row.changed_by,
    changedAt: row.changed_at.getTime(),
  },
  timeZone: row.time_zone,
  isTenantActive: row.tenant_state === 'active',
  package: row.package,
  subscriptionState: row.subscription_state,
  periodEndsAt: at(row.period_ends_at),
  meter: {
    month: row.month,
    tokensTaken: row.tokens_taken,
    minuteAt: row.minute_at.getTime(),
    minuteCount: row.minute_count,
    failureCount: row.failure_count,
    failingSince: at(row.failing_since),
    restingUntil: at(row.resting_until),
    restingReason: row.resting_reason,
    probeUntil: at(row.probe_until),
  },
  consenting: new Set(row.consenting),
})

/**
 * The tenant's model and its meter, and which of the contacts have agreed; null when no model was ever set. Locked, the
 * meter stays the same until the end of `tx`. One statement, since every question passes here twice.
 */
export const findGate = async (
  tx: TenantTx,
  lock: 'locked' | 'as it is',
  contactIds: readonly number[] = [],
): Promise<Gate | null> => {
  const { rows } = await sql<GateRow>`
    select s.mode, s.base_url, s.api_key_sealed, s.model, s.tokens_per_month, s.per_minute_max, s.version, s.changed_by,
      s.changed_at, t.time_zone, t.state as tenant_state, b.package, b.state as subscription_state, b.period_ends_at,
      m.month, m.tokens_taken, m.minute_at, m.minute_count, m.failure_count, m.failing_since, m.resting_until,
      m.resting_reason, m.probe_until,
      array(select k.contact_id from contact_consent k
        join contact c on c.tenant_id = k.tenant_id and c.id = k.contact_id
        where k.tenant_id = m.tenant_id and k.contact_id = any(${[...contactIds]}::bigint[])
          and k.purpose = 'ai_processing' and k.granted and c.erased_at is null) as consenting
    from model_meter m
    join model_setting s on s.tenant_id = m.tenant_id
    join tenant t on t.id = m.tenant_id
    join subscription b on b.tenant_id = m.tenant_id
    where m.tenant_id = ${tx.tenantId} ${lock === 'locked' ? sql`for no key update of m` : sql``}`.execute(tx)
  return rows[0] ? gateFrom(rows[0]) : null
}

/** Writes the meter and what was used, in one statement. The caller holds the meter's lock. */
export const saveMeter = async (tx: TenantTx, meter: Meter, uses: readonly ModelUse[]): Promise<void> => {
  await sql`
    with metered as (
      update model_meter set month = ${meter.month}, tokens_taken = ${meter.tokensTaken},
        minute_at = ${toDate(meter.minuteAt)}, minute_count = ${meter.minuteCount},
        failure_count = ${meter.failureCount}, failing_since = ${dateOf(meter.failingSince)},
        resting_until = ${dateOf(meter.restingUntil)}, resting_reason = ${meter.restingReason},
        probe_until = ${dateOf(meter.probeUntil)}
      where tenant_id = ${tx.tenantId})
    insert into model_use (tenant_id, at, purpose, prompt, prompt_version, model, is_own, outcome, format, input_tokens,
      output_tokens, latency_ms, contact_id)
    select ${tx.tenantId}, to_timestamp(u.at / 1000.0), u.purpose, u.prompt, u."promptVersion", u.model, u."isOwn",
      u.outcome, u.format, u."inputTokens", u."outputTokens", u."latencyMs", c.id
    from jsonb_to_recordset(${JSON.stringify(uses)}::jsonb) as u (at float8, purpose text, prompt text,
      "promptVersion" integer, model text, "isOwn" boolean, outcome text, format text, "inputTokens" integer,
      "outputTokens" integer, "latencyMs" integer, "contactId" bigint)
    left join contact c on c.tenant_id = ${tx.tenantId} and c.id = u."contactId" and c.erased_at is null`.execute(tx)
}

/** Answers that are kept under these keys and not too old, by key in hexadecimal digits. */
export const findKeptAnswers = async (
  tx: TenantTx,
  keys: readonly Buffer[],
  now: number,
): Promise<ReadonlyMap<string, unknown>> => {
  const { rows } = await sql<{ readonly key: Buffer; readonly value: unknown }>`
    select key, value from model_answer
    where tenant_id = ${tx.tenantId} and key = any(${[...keys]}::bytea[]) and expires_at > ${toDate(now)}`.execute(tx)
  return new Map(rows.map(({ key, value }) => [key.toString('hex'), value]))
}

export interface KeptAnswer {
  readonly key: Buffer
  readonly contactIds: readonly number[]
  readonly value: unknown
  readonly createdAt: number
  readonly expiresAt: number
}

/** Keeps answers; one that is kept already is replaced. Of people who were erased meanwhile nothing is kept. */
export const keepAnswers = async (tx: TenantTx, answers: readonly KeptAnswer[]): Promise<void> => {
  const byKey = new Map(answers.map((answer) => [answer.key.toString('hex'), answer]))
  if (byKey.size === 0) return
  const given = JSON.stringify([...byKey].map(([key, answer]) => ({ ...answer, key })))
  await sql`
    insert into model_answer (tenant_id, key, contact_ids, value, created_at, expires_at)
    select ${tx.tenantId}, decode(a.key, 'hex'), a."contactIds", a.value, to_timestamp(a."createdAt" / 1000.0),
      to_timestamp(a."expiresAt" / 1000.0)
    from jsonb_to_recordset(${given}::jsonb) as a (key text, "contactIds" bigint[], value jsonb, "createdAt" float8,
      "expiresAt" float8)
    where not exists (select from contact c
      where c.tenant_id = ${tx.tenantId} and c.id = any(a."contactIds") and c.erased_at is not null)
    on conflict (tenant_id, key) do update set contact_ids = excluded.contact_ids, value = excluded.value,
      created_at = excluded.created_at, expires_at = excluded.expires_at`.execute(tx)
}

/** The tenant's time zone. */
export const findTimeZone = async (tx: TenantTx): Promise<string> => {
  const { time_zone } = await tx
    .selectFrom('tenant')
    .select('time_zone')
    .where('id', '=', tx.tenantId)
    .executeTakeFirstOrThrow()
  return time_zone
}

/** Writes the setting as a new version, and a meter that knows nothing of the endpoint; what the month took stays taken. */
export const saveSetting = async (
  tx: TenantTx,
  setting: Omit<StoredSetting, 'version'>,
  month: string,
): Promise<void> => {
  const row = {
    mode: setting.mode,
    base_url: setting.baseUrl,
    api_key_sealed: setting.keySealed,
    model: setting.model,
    tokens_per_month: setting.tokensPerMonth,
    per_minute_max: setting.perMinuteMax,
    changed_by: setting.changedBy,
    changed_at: toDate(setting.changedAt),
  }
  await tx
    .insertInto('model_setting')
    .values({ tenant_id: tx.tenantId, ...row })
    .onConflict((c) =>
      c.column('tenant_id').doUpdateSet((e) => ({ ...row, version: e('model_setting.version', '+', 1) })),
    )
    .execute()
  const fresh = { failure_count: 0, failing_since: null, resting_until: null, resting_reason: null, probe_until: null }
  await tx
    .insertInto('model_meter')
    .values({ tenant_id: tx.tenantId, month, minute_at: toDate(0) })
    .onConflict((c) => c.column('tenant_id').doUpdateSet(fresh))
    .execute()
}
