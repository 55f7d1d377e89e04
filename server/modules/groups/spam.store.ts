import { sql } from 'kysely'

import type { GroupAction, PackageName } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { SECOND_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { MODERATION_DEFAULTS, type ModerationSettings } from './moderation.rules.ts'
import type { SpamLevel, SpamTuning } from './spam-level.rules.ts'
import type { SpamPattern } from './spam-text.rules.ts'

/** How a group is protected; all of it as it was set. */
export interface WatchedChat {
  readonly id: number
  readonly telegramId: number
  readonly package: PackageName
  readonly level: SpamLevel
  readonly own: SpamTuning
  readonly words: readonly string[]
  readonly ofChat: SpamTuning
  readonly moderation: ModerationSettings
}

/** The groups of these Telegram ids with what protects them. */
export const listWatchedChats = async (
  tx: TenantTx,
  telegramIds: readonly number[],
): Promise<ReadonlyMap<number, WatchedChat>> => {
  const { rows } = await sql<{
    id: number
    telegram_id: number
    package: PackageName
    level: SpamLevel | null
    own: SpamTuning | null
    words: string[] | null
    of_chat: SpamTuning | null
    action: GroupAction | null
    restrict_minutes: number | null
    after_findings: number | null
  }>`
    select c.id, c.telegram_id, s.package, p.level, p.parameters as own, p.words, k.parameters as of_chat, m.action,
      m.restrict_minutes, m.after_findings
    from chat c
    join subscription s on s.tenant_id = c.tenant_id
    left join protection p on p.tenant_id = c.tenant_id and p.is_current
    left join chat_protection k on k.tenant_id = c.tenant_id and k.chat_id = c.id
    left join moderation_setting m on m.tenant_id = c.tenant_id and m.chat_id = c.id
    where c.tenant_id = ${tx.tenantId} and c.telegram_id = any(${telegramIds}::bigint[])`.execute(tx)
  return new Map(
    rows.map((row) => [
      row.telegram_id,
      {
        id: row.id,
        telegramId: row.telegram_id,
        package: row.package,
        level: row.level ?? 'basic',
        own: row.own ?? {},
        words: row.words ?? [],
        ofChat: row.of_chat ?? {},
        moderation: {
          action: row.action ?? MODERATION_DEFAULTS.action,
          restrictMinutes: row.restrict_minutes ?? MODERATION_DEFAULTS.restrictMinutes,
          afterFindings: row.after_findings ?? MODERATION_DEFAULTS.afterFindings,
        },
      },
    ]),
  )
}

/** One person in one group, and the span in which their messages count. */
export interface SenderSpan {
  readonly contactId: number
  readonly chatTelegramId: number
  readonly since: number
  readonly until: number
}

/** More than this within a window is a burst whatever the rest is. */
const INSTANTS_MAX = 200

/**
 * When each of these people wrote, in the order given: one probe a person, in the order of one index. The group is
 * looked at afterwards: else a database without statistics walks all that the group says for each of them.
 */
export const listInstants = async (
  tx: TenantTx,
  spans: readonly SenderSpan[],
): Promise<readonly (readonly number[])[]> => {
  if (spans.length === 0) return []
  const [first, last] = [Math.min(...spans.map((s) => s.since)), Math.max(...spans.map((s) => s.until))]
  const column = <T>(pick: (span: SenderSpan) => T): T[] => spans.map(pick)
  const { rows } = await sql<{ instants: Date[] }>`
    select array(
      select w.at from (
        select m.at, m.chat_id, m.direction from message m
        where m.tenant_id = ${tx.tenantId} and m.contact_id = g.contact_id and m.at > g.since and m.at <= g.until
          and m.at > ${toDate(first)} and m.at <= ${toDate(last)}
        order by m.at desc limit ${INSTANTS_MAX} offset 0
      ) w where w.chat_id = g.chat_id and w.direction = 'in'
    ) as instants
    from unnest(${column((s) => s.contactId)}::bigint[], ${column((s) => s.chatTelegramId)}::bigint[],
      ${column((s) => toDate(s.since))}::timestamptz[], ${column((s) => toDate(s.until))}::timestamptz[])
      with ordinality as g(contact_id, chat_id, since, until, n)
    order by g.n`.execute(tx)
  return rows.map((row) => row.instants.map((at) => at.getTime()))
}

export interface NewFinding {
  readonly chatId: number
  readonly contactId: number
  readonly pattern: SpamPattern
  readonly messageId: number
  readonly accountId: number
  readonly updateId: number
  readonly measure: number
  readonly at: number
  /** A finding of the same kind this close before makes it one and the same; 0 for none. */
  readonly onceInSeconds: number
}

/**
 * Keeps findings, each once, however often its update is applied and however many accounts saw it. Returns those that
 * are new.
 */
export const insertFindings = async (tx: TenantTx, found: readonly NewFinding[]): Promise<readonly NewFinding[]> => {
  if (found.length === 0) return []
  const column = <T>(pick: (row: NewFinding) => T): T[] => found.map(pick)
  const { rows } = await sql<{ chat_id: number; contact_id: number; pattern: string; message_id: number }>`
    insert into spam_finding (tenant_id, chat_id, contact_id, pattern, message_id, account_id, update_id, measure, at)
    select ${tx.tenantId}, g.chat_id, g.contact_id, g.pattern, g.message_id, g.account_id, g.update_id, g.measure, g.at
    from unnest(${column((f) => f.chatId)}::bigint[], ${column((f) => f.contactId)}::bigint[],
      ${column((f) => f.pattern)}::text[], ${column((f) => f.messageId)}::bigint[],
      ${column((f) => f.accountId)}::bigint[], ${column((f) => f.updateId)}::bigint[],
      ${column((f) => f.measure)}::integer[], ${column((f) => toDate(f.at))}::timestamptz[],
      ${column((f) => toDate(f.at - f.onceInSeconds * SECOND_MS))}::timestamptz[])
      as g(chat_id, contact_id, pattern, message_id, account_id, update_id, measure, at, since)
    where not exists (
      select from spam_finding b
      where b.tenant_id = ${tx.tenantId} and b.chat_id = g.chat_id and b.contact_id = g.contact_id
        and b.pattern = g.pattern and g.since < g.at and b.at > g.since and b.at <= g.at
    )
    on conflict do nothing
    returning chat_id, contact_id, pattern, message_id`.execute(tx)
  const keyOf = (chat: number, contact: number, pattern: string, message: number) =>
    `${chat}:${contact}:${pattern}:${message}`
  const fresh = new Set(rows.map((row) => keyOf(row.chat_id, row.contact_id, row.pattern, row.message_id)))
  return found.filter((f) => fresh.has(keyOf(f.chatId, f.contactId, f.pattern, f.messageId)))
}

/** What was found in one group. */
export interface SpamCount {
  readonly chatId: number
  readonly title: string
  readonly pattern: SpamPattern
  readonly findings: number
  readonly people: number
  readonly lastAt: number
}

/** Findings in [since, until) by group and pattern, the most first. */
export const countFindings = async (
  tx: TenantTx,
  { since, until, chatId }: { readonly since: number; readonly until: number; readonly chatId?: number },
): Promise<readonly SpamCount[]> => {
  const { rows } = await sql<{
    chat_id: number
    title: string
    pattern: SpamPattern
    findings: number
    people: number
    last_at: Date
  }>`
    select f.chat_id, c.title, f.pattern, count(*)::integer as findings, count(distinct f.contact_id)::integer as people,
      max(f.at) as last_at
    from spam_finding f join chat c on c.tenant_id = f.tenant_id and c.id = f.chat_id
    where f.tenant_id = ${tx.tenantId} and f.at >= ${toDate(since)} and f.at < ${toDate(until)}
      and (${chatId ?? null}::bigint is null or f.chat_id = ${chatId ?? null})
    group by f.chat_id, c.title, f.pattern order by findings desc, f.chat_id, f.pattern`.execute(tx)
  return rows.map((row) => ({
    chatId: row.chat_id,
    title: row.title,
    pattern: row.pattern,
    findings: row.findings,
    people: row.people,
    lastAt: row.last_at.getTime(),
  }))
}
