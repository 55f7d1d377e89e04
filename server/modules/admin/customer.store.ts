import { sql } from 'kysely'

import type { OnboardingState, PackageName, SubscriptionState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

/** One line of the list of customers. Instants are epoch ms. */
export interface Customer {
  readonly tenantId: number
  readonly slug: string
  readonly name: string
  readonly state: 'active' | 'suspended'
  readonly sendingStopped: string | null
  readonly package: PackageName | null
  readonly subscriptionState: SubscriptionState | null
  /** Null for no end. */
  readonly periodEndsAt: number | null
  /** Accounts that are not disconnected, the panel's own left out, and how many of them work. */
  readonly accounts: number
  readonly workingAccounts: number
  /** User names of the owners who have spoken with the panel bot. */
  readonly owners: readonly string[]
}

interface CustomerRow {
  readonly id: number
  readonly slug: string
  readonly name: string
  readonly state: 'active' | 'suspended'
  readonly sending_stopped_reason: string | null
  readonly package: PackageName | null
  readonly subscription_state: SubscriptionState | null
  readonly period_ends_at: Date | null
  readonly accounts: number
  readonly working: number
  readonly owners: readonly string[] | null
  readonly total: number
}

const toCustomer = (row: CustomerRow): Customer => ({
  tenantId: row.id,
  slug: row.slug,
  name: row.name,
  state: row.state,
  sendingStopped: row.sending_stopped_reason,
  package: row.package,
  subscriptionState: row.subscription_state,
  periodEndsAt: row.period_ends_at?.getTime() ?? null,
  accounts: row.accounts,
  workingAccounts: row.working,
  owners: row.owners ?? [],
})

/** Every person of a tenant whose user name begins so, and every bot. */
const byUsername = (pattern: string) => sql`(
  exists (select from member m join panel_person p on p.telegram_id = m.telegram_id
    where m.tenant_id = t.id and m.removed_at is null and p.username like ${pattern})
  or exists (select from account a where a.tenant_id = t.id and a.state <> 'disconnected' and lower(a.username) like ${pattern}))`

const escapeLike = (text: string): string => text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)

export interface CustomerSearch {
  /** `@user` for people and bots, digits for a Telegram number, else part of a name or slug. Null for all. */
  readonly text: string | null
}

const matching = (text: string | null) => {
  if (text === null) return sql`true`
  const given = text.trim().toLowerCase()
  if (given.startsWith('@')) return byUsername(`${escapeLike(given.slice(1))}%`)
  const part = `%${escapeLike(given)}%`
  const named = sql`(lower(t.name) like ${part} or t.slug like ${part})`
  if (!/^\d{5,16}$/.test(given)) return named
  return sql`(${named} or exists (select from member m
    where m.tenant_id = t.id and m.removed_at is null and m.telegram_id = ${Number(given)}))`
}

export interface CustomerPage {
  readonly customers: readonly Customer[]
  readonly total: number
}

const selectWhere = async (
  tx: OperatorTx,
  condition: ReturnType<typeof matching>,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<CustomerPage> => {
  const { rows } = await sql<CustomerRow>`
    select t.id, t.slug, t.name, t.state, t.sending_stopped_reason, s.package, s.state as subscription_state, s.period_ends_at,
      a.accounts, a.working, o.owners, count(*) over ()::int as total
    from tenant t
    left join subscription s on s.tenant_id = t.id
    cross join lateral (
      select count(*)::int as accounts,
        count(*) filter (where state = 'active' and health <> 'stopped' and sending_stopped_reason is null)::int as working
      from account where tenant_id = t.id and state <> 'disconnected' and purpose = 'contacts') a
    cross join lateral (
      select array_agg(p.username order by m.id) as owners from member m
      join panel_person p on p.telegram_id = m.telegram_id and p.username is not null
      where m.tenant_id = t.id and m.role = 'owner' and m.removed_at is null) o
    where ${condition}
    order by s.period_ends_at nulls last, t.id limit ${limit} offset ${offset}`.execute(tx)
  return { customers: rows.map(toCustomer), total: rows[0]?.total ?? 0 }
}

/** Whose time ends soonest comes first. */
export const selectCustomers = (
  tx: OperatorTx,
  search: CustomerSearch,
  page: { readonly limit: number; readonly offset: number },
): Promise<CustomerPage> => selectWhere(tx, matching(search.text), page)

/** Who is exactly meant: `@user` of a member or of a bot, a member's Telegram number, or a slug. */
export const selectMeant = async (tx: OperatorTx, given: string, limit: number): Promise<readonly Customer[]> => {
  const word = given.trim().toLowerCase()
  const condition = word.startsWith('@')
    ? byUsername(escapeLike(word.slice(1)))
    : /^\d{5,16}$/.test(word)
      ? sql`(t.slug = ${word} or exists (select from member m
          where m.tenant_id = t.id and m.removed_at is null and m.telegram_id = ${Number(word)}))`
      : sql`t.slug = ${word}`
  return (await selectWhere(tx, condition, { limit, offset: 0 })).customers
}

export interface RecentFailures {
  /** Deliveries that failed or ended unknown since then, by reason, most first. */
  readonly byReason: readonly { readonly reason: string; readonly count: number }[]
  readonly sent: number
}

/** How sends ended since an instant: of the tenant, or of all. */
export const selectFailures = async (tx: OperatorTx | TenantTx, since: number): Promise<RecentFailures> => {
  const { rows } = await sql<{ reason: string; count: number; is_sent: boolean }>`
    select coalesce(reason, 'sent') as reason, state = 'sent' as is_sent, count(*)::int as count from delivery
    where state in ('sent', 'failed', 'unknown') and finished_at >= ${toDate(since)}
    group by 1, 2 order by 3 desc, 1`.execute(tx)
  return {
    byReason: rows.filter((row) => !row.is_sent).map(({ reason, count }) => ({ reason, count })),
    sent: rows.filter((row) => row.is_sent).reduce((sum, row) => sum + row.count, 0),
  }
}

/** Where the tenant's newest onboarding stands; null when there is none. */
export const selectOnboardingState = async (
  tx: OperatorTx,
  tenantId: number,
): Promise<{ readonly state: OnboardingState; readonly enteredAt: number } | null> => {
  const row = await tx
    .selectFrom('onboarding')
    .select(['state', 'step_entered_at'])
    .where('tenant_id', '=', tenantId)
    .orderBy('id', 'desc')
    .executeTakeFirst()
  return row ? { state: row.state as OnboardingState, enteredAt: row.step_entered_at.getTime() } : null
}

export interface InstallationFigures {
  readonly tenants: { readonly active: number; readonly suspended: number }
  readonly accounts: {
    readonly working: number
    readonly paused: number
    readonly stopped: number
    readonly disconnected: number
  }
  readonly paymentsWaiting: number
  readonly updatesWaiting: number
  readonly updatesParked: number
  readonly deliveriesWaiting: number
  readonly eventsParked: number
  readonly noticesWaiting: number
}

/** Counts of the whole installation, from partial indexes where the tables are large. */
export const selectInstallation = async (tx: OperatorTx): Promise<InstallationFigures> => {
  const { rows } = await sql<Record<string, number>>`
    select
      (select count(*)::int from tenant where state = 'active') as tenants_active,
      (select count(*)::int from tenant where state = 'suspended') as tenants_suspended,
      (select count(*)::int from account where state = 'active' and health <> 'stopped') as working,
      (select count(*)::int from account where state = 'paused') as paused,
      (select count(*)::int from account where state = 'active' and health = 'stopped') as stopped,
      (select count(*)::int from account where state = 'disconnected') as disconnected,
      (select count(*)::int from payment where state = 'claimed' or review_reason is not null) as payments,
      (select count(*)::int from update_inbox where state = 'new') as updates,
      (select count(*)::int from update_inbox where state = 'parked') as updates_parked,
      (select count(*)::int from delivery where state in ('planned', 'deferred')) as deliveries,
      (select count(*)::int from event_retry where parked_at is not null) as events_parked,
      (select count(*)::int from panel_notice where claimed_at is null and outcome is null) as notices`.execute(tx)
  const [row = {}] = rows
  const count = (name: string): number => row[name] ?? 0
  return {
    tenants: { active: count('tenants_active'), suspended: count('tenants_suspended') },
    accounts: {
      working: count('working'),
      paused: count('paused'),
      stopped: count('stopped'),
      disconnected: count('disconnected'),
    },
    paymentsWaiting: count('payments'),
    updatesWaiting: count('updates'),
    updatesParked: count('updates_parked'),
    deliveriesWaiting: count('deliveries'),
    eventsParked: count('events_parked'),
    noticesWaiting: count('notices'),
  }
}
