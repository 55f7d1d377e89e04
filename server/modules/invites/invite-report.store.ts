import { type RawBuilder, sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { InviteCounts, ReportKey } from './invite-report.rules.ts'

/** Who stayed so long, stays. */
const STAY_MS = 7 * DAY_MS

export interface CountRow extends InviteCounts {
  readonly key: number
  /** A chat's title, a campaign's or person's name; null for a batch. */
  readonly name: string | null
}

interface Span {
  /** Epoch ms; `until` is outside. */
  readonly since: number
  readonly until: number
  readonly now: number
}

const stays = (now: number) => ({
  settled: sql`j.joined_at <= ${toDate(now - STAY_MS)}`,
  stayed: sql`j.joined_at <= ${toDate(now - STAY_MS)}
    and (j.left_at is null or j.left_at - j.joined_at >= ${`${STAY_MS} milliseconds`}::interval)`,
})

const KEYS: Readonly<
  Record<Exclude<ReportKey, 'campaign'>, { readonly key: RawBuilder<unknown>; readonly name: RawBuilder<unknown> }>
> = {
  chat: { key: sql`coalesce(heir.id, c.id)`, name: sql`min(coalesce(heir.title, c.title))` },
  person: { key: sql`d.contact_id`, name: sql`min(p.first_name)` },
  batch: { key: sql`b.batch_id`, name: sql`null::text` },
}

/** What came of the invitations of the span, by chat, person or batch; those shown in answers are among them. */
export const countInvitations = async (
  tx: TenantTx,
  by: Exclude<ReportKey, 'campaign'>,
  { since, until, now }: Span,
): Promise<readonly CountRow[]> => {
  const { settled, stayed } = stays(now)
  const { key, name } = KEYS[by]
  const { rows } = await sql<CountRow>`
    select ${key} as key, ${name} as name,
      count(distinct d.id) filter (where d.state = 'sent')::int as invited,
      count(distinct d.id) filter (where a.delivery_id is not null)::int as yes,
      count(distinct d.id) filter (where exists (select from invite_refusal r where r.tenant_id = d.tenant_id
        and r.contact_id = d.contact_id and r.chat_id = coalesce(heir.id, c.id) and r.refused_at >= d.planned_at))::int as no,
      count(distinct l.id) filter (where l.made_at is not null)::int as linked,
      count(distinct d.id) filter (where j.requested_at is not null)::int as requested,
      count(distinct d.id) filter (where j.joined_at is not null)::int as joined,
      count(distinct d.id) filter (where ${settled})::int as settled,
      count(distinct d.id) filter (where ${stayed})::int as stayed
    from delivery d
    join chat c on c.tenant_id = d.tenant_id and c.id = d.invite_chat_id
    left join chat heir on heir.tenant_id = c.tenant_id and heir.telegram_id = c.migrated_to_id
    left join contact p on p.tenant_id = d.tenant_id and p.id = d.contact_id
    left join invite_proposal b on b.tenant_id = d.tenant_id and b.delivery_id = d.id
    left join invite_answer a on a.tenant_id = d.tenant_id and a.delivery_id = d.id
    left join invite_link l on l.tenant_id = d.tenant_id and l.delivery_id = d.id
    left join invite_join j on j.tenant_id = d.tenant_id and j.delivery_id = d.id
    where d.tenant_id = ${tx.tenantId} and d.invite_chat_id is not null and d.planned_at >= ${toDate(since)}
      and d.planned_at < ${toDate(until)} and ${key} is not null
    group by ${key} order by joined desc, invited desc, key`.execute(tx)
  return rows
}

/** What came of the links that campaigns handed out; they invite nobody by name. */
export const countCampaignLinks = async (tx: TenantTx, { since, until, now }: Span): Promise<readonly CountRow[]> => {
  const { settled, stayed } = stays(now)
  const { rows } = await sql<CountRow>`
    select k.id as key, min(k.name) as name, 0 as invited, 0 as yes, 0 as no,
      count(distinct l.id) filter (where l.made_at is not null)::int as linked,
      count(distinct j.id) filter (where j.requested_at is not null)::int as requested,
      count(distinct j.id) filter (where j.joined_at is not null)::int as joined,
      count(distinct j.id) filter (where ${settled})::int as settled,
      count(distinct j.id) filter (where ${stayed})::int as stayed
    from invite_link l
    join campaign k on k.tenant_id = l.tenant_id and k.id = l.campaign_id
    left join invite_join j on j.tenant_id = l.tenant_id and j.link_id = l.id
    where l.tenant_id = ${tx.tenantId} and l.wanted_at >= ${toDate(since)} and l.wanted_at < ${toDate(until)}
    group by k.id order by joined desc, k.id`.execute(tx)
  return rows
}
