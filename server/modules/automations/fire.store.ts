import { sql } from 'kysely'

import type { ConsentPurpose } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { DAY_MS, SECOND_MS } from '#server/base/duration.ts'
import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { FireHistory } from './decide-rules.rules.ts'
import type { Rule } from './rule.rules.ts'

/** One firing, as the ledger keeps it. `at` is epoch ms. */
export interface Fire {
  readonly ruleId: number
  readonly ruleVersion: number
  readonly accountId: number
  readonly contactId: number
  readonly chatId: number
  readonly updateId: number
  readonly deliveryId: number | null
  readonly at: number
}

/** Where and when something happened, as the ledger of firings knows it. */
export type FirePlace = Omit<Fire, 'ruleId' | 'ruleVersion' | 'deliveryId'>

/** Something that happened, and the rules that may do something about it. */
export interface FireQuestion {
  readonly place: FirePlace
  readonly rules: readonly Pick<Rule, 'id' | 'maxPerDay'>[]
}

const NOTHING_BEFORE: FireHistory = {
  rules: new Map(),
  groupAnsweredAt: null,
  groupCooldownMs: 0,
  isRepeated: false,
}

interface HistoryRow {
  readonly n: number
  readonly rule_id: number
  readonly contact_at: Date | null
  readonly chat_at: Date | null
  readonly today: number
  readonly group_at: Date | null
  readonly cooldown_seconds: number
  readonly is_repeated: boolean
}

/**
 * What these rules did before, for the contact and in the chat of each, in one statement and in their order; a day's
 * firings are counted of rules that have a limit to them. To act on it, hold `lockRules`.
 */
export const readFireHistories = async (
  tx: TenantTx,
  questions: readonly FireQuestion[],
): Promise<readonly FireHistory[]> => {
  const asked = questions.flatMap(({ place, rules }, n) => rules.map((rule) => ({ n, rule, place })))
  if (asked.length === 0) return questions.map(() => NOTHING_BEFORE)
  const tenant = tx.tenantId
  const { rows } = await sql<HistoryRow>`
    select q.n, q.rule_id,
      (select max(f.at) from rule_fired f
        where f.tenant_id = ${tenant} and f.rule_id = q.rule_id and f.contact_id = q.contact_id) as contact_at,
      (select max(f.at) from rule_fired f
        where f.tenant_id = ${tenant} and f.rule_id = q.rule_id and f.chat_id = q.chat_id) as chat_at,
      (select count(*)::int from rule_fired f
        where q.is_limited and f.tenant_id = ${tenant} and f.rule_id = q.rule_id and f.at > q.day_before) as today,
      (select max(f.at) from rule_fired f where q.chat_id < 0 and f.tenant_id = ${tenant}
        and f.account_id = q.account_id and f.chat_id = q.chat_id and f.delivery_id is not null) as group_at,
      coalesce((select l.group_post_cooldown_seconds from tenant_limits l where l.tenant_id = ${tenant}), 0)
        as cooldown_seconds,
      exists (select from rule_fired f where f.tenant_id = ${tenant} and f.account_id = q.account_id
        and f.chat_id = q.chat_id and f.update_id = q.update_id) as is_repeated
    from unnest(${asked.map(({ n }) => n)}::int[], ${asked.map(({ rule }) => rule.id)}::bigint[],
      ${asked.map(({ rule }) => rule.maxPerDay !== null)}::boolean[], ${asked.map(({ place }) => place.accountId)}::bigint[],
      ${asked.map(({ place }) => place.contactId)}::bigint[], ${asked.map(({ place }) => place.chatId)}::bigint[],
      ${asked.map(({ place }) => place.updateId)}::bigint[],
      ${asked.map(({ place }) => toDate(place.at - DAY_MS))}::timestamptz[])
      as q (n, rule_id, is_limited, account_id, contact_id, chat_id, update_id, day_before)`.execute(tx)
  const byQuestion = Map.groupBy(rows, (row) => row.n)
  return questions.map((_, n) => toHistory(byQuestion.get(n) ?? []))
}

const toHistory = (rows: readonly HistoryRow[]): FireHistory => ({
  rules: new Map(
    rows.map((row) => [
      row.rule_id,
      {
        contactFiredAt: row.contact_at?.getTime() ?? null,
        chatFiredAt: row.chat_at?.getTime() ?? null,
        firedToday: row.today,
      },
    ]),
  ),
  groupAnsweredAt: rows[0]?.group_at?.getTime() ?? null,
  groupCooldownMs: (rows[0]?.cooldown_seconds ?? 0) * SECOND_MS,
  isRepeated: rows[0]?.is_repeated ?? false,
})

/** Writes firings down. */
export const insertFires = async (tx: TenantTx, fires: readonly Fire[]): Promise<void> => {
  if (fires.length === 0) return
  await tx
    .insertInto('rule_fired')
    .values(
      fires.map((fire) => ({
        tenant_id: tx.tenantId,
        rule_id: fire.ruleId,
        rule_version: fire.ruleVersion,
        account_id: fire.accountId,
        contact_id: fire.contactId,
        chat_id: fire.chatId,
        update_id: fire.updateId,
        delivery_id: fire.deliveryId,
        at: toDate(fire.at),
      })),
    )
    .execute()
}

/** What rules and their texts ask of a contact. */
export interface RuleContact {
  /** Their private chat; 0 where Telegram never named them. */
  readonly telegramId: number
  readonly firstName: string
  readonly lastName: string
  readonly username: string | null
  readonly languageCode: string | null
  readonly tags: readonly string[]
  readonly attributes: Readonly<Record<string, unknown>>
  readonly consents: readonly ConsentPurpose[]
}

/** By contact. Errors: `not_found`. */
export const readRuleContacts = async (
  tx: TenantTx,
  contactIds: readonly number[],
): Promise<ReadonlyMap<number, RuleContact>> => {
  const rows = await tx
    .selectFrom('contact as c')
    .select(['c.id', 'c.telegram_id', 'c.first_name', 'c.last_name', 'c.username', 'c.language_code'])
    .select(['c.tags', 'c.attributes'])
    .select(
      sql<ConsentPurpose[]>`array(select purpose from contact_consent k
        where k.tenant_id = c.tenant_id and k.contact_id = c.id and k.granted order by purpose)`.as('consents'),
    )
    .where('c.tenant_id', '=', tx.tenantId)
    .where(sql<boolean>`c.id = any(${[...contactIds]}::bigint[])`)
    .execute()
  const found = new Map(
    rows.map((row) => [
      row.id,
      {
        telegramId: row.telegram_id ?? 0,
        firstName: row.first_name,
        lastName: row.last_name,
        username: row.username,
        languageCode: row.language_code,
        tags: row.tags,
        attributes: row.attributes as Readonly<Record<string, unknown>>,
        consents: row.consents,
      },
    ]),
  )
  const lost = contactIds.find((id) => !found.has(id))
  if (lost !== undefined) throw notFound('contact', lost)
  return found
}

/** Firings of one rule on one day of the tenant's calendar (`2026-06-01`), and how they ended for whom. */
export interface FireDay {
  readonly ruleId: number
  readonly day: string
  readonly fired: number
  readonly answers: number
  readonly contacts: number
}

/** Firings of the account's rules by rule and local day since `since`, oldest first. */
export const countFires = async (
  tx: TenantTx,
  { accountId, since, timeZone }: { readonly accountId: number; readonly since: number; readonly timeZone: string },
): Promise<readonly FireDay[]> => {
  const { rows } = await sql<FireDay>`
    select rule_id as "ruleId", to_char(at at time zone ${timeZone}, 'YYYY-MM-DD') as day, count(*)::int as fired,
      count(delivery_id)::int as answers, count(distinct contact_id)::int as contacts
    from rule_fired
    where tenant_id = ${tx.tenantId} and account_id = ${accountId} and at >= ${toDate(since)}
    group by 1, 2 order by 2, 1`.execute(tx)
  return rows
}
