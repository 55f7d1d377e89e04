import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'

import { POPULATION_AT } from '../segments/population.ts'
import type { Shop } from './fill-shop.ts'

/** The lists of the panel, by name; `session` is what every call does before it reads. */
export const listPaths = ({ campaignId, contactId, conversationId }: Shop): Readonly<Record<string, string>> => ({
  session: 'session',
  overview: 'analytics/days?days=30',
  contacts: 'contacts?limit=50',
  segment: 'contacts?limit=50&segment=NEW_USER',
  tag: 'contacts?limit=50&tag=kurs',
  name: 'contacts?limit=50&text=Zey',
  timeline: `contacts/${contactId}/timeline`,
  segments: 'segments/report?days=30',
  inbox: 'conversations?limit=50',
  overdue: 'conversations?limit=50&only=overdue',
  inboxCounts: 'conversations/counts',
  history: `conversations/${conversationId}`,
  campaigns: 'campaigns?limit=20',
  report: `campaigns/${campaignId}/report`,
  recipients: `campaigns/${campaignId}/recipients?limit=50`,
})

const PERSON = 'c.id, c.telegram_id, c.username, c.first_name, c.last_name, c.tags, c.last_seen_at, c.first_seen_at'

/** The least SQL for the same rows, from the tables as they are: no roles, no row-level security, nothing beside the page. */
export const bareQueries = (shop: Shop): Readonly<Record<string, string>> => {
  const { tenantId: tenant, campaignId, contactId } = shop
  const since = `'${toDate(POPULATION_AT - 30 * DAY_MS).toISOString()}'::timestamptz`
  const newest = 'order by c.last_seen_at desc nulls last, c.id limit 51'
  const living = `c.tenant_id = ${tenant} and c.merged_into_id is null and c.erased_at is null`
  const person = `select ${PERSON} from contact c where ${living}`
  const counts = `count(*) filter (where state = 'sent'), count(responded_at), count(clicked_at), count(converted_at)`
  const sums = `sum(f.responded), sum(f.clicked), sum(f.converted)`
  return {
    session: `select * from web_session where token_hash = '\\x00'`,
    overview: `select date_trunc('day', starts_at), sum(sent), sum(answered), sum(joined), sum(stopped) from activity_quarter
      where tenant_id = ${tenant} and starts_at >= ${since} group by 1`,
    contacts: `${person} ${newest}`,
    segment: `select ${PERSON} from segment_assignment a join contact c on c.tenant_id = a.tenant_id and c.id = a.contact_id
      where a.tenant_id = ${tenant} and a.new_user is not null and ${living} ${newest}`,
    tag: `${person} and c.tags @> array['kurs'] ${newest}`,
    name: `${person} and c.first_name_key ~>=~ 'zey' and c.first_name_key ~<~ 'zez' ${newest}`,
    timeline: `select at, direction, text from message where tenant_id = ${tenant} and contact_id = ${contactId} order by at desc limit 51`,
    segments: `select segment, ${counts} from delivery where tenant_id = ${tenant} and state = 'sent' and segment is not null and reserved_at >= ${since} group by 1`,
    inbox: `select v.*, ${PERSON} from conversation v join contact c on c.tenant_id = v.tenant_id and c.id = v.contact_id
      where v.tenant_id = ${tenant} order by v.last_inbound_at desc, v.id desc limit 51`,
    overdue: `select v.*, ${PERSON} from conversation v join contact c on c.tenant_id = v.tenant_id and c.id = v.contact_id
      where v.tenant_id = ${tenant} and v.answer_due_at < '${toDate(POPULATION_AT).toISOString()}' order by v.answer_due_at, v.id limit 51`,
    inboxCounts: `select state, count(*), count(*) filter (where assigned_to is null), count(*) filter (where unread_count > 0) from conversation where tenant_id = ${tenant} group by 1`,
    history: `select at, direction, text from message where tenant_id = ${tenant} and contact_id = ${contactId} order by at desc limit 51`,
    campaigns: `select p.id, p.name, sum(f.deliveries) filter (where f.state = 'sent'), ${sums} from (select * from campaign where tenant_id = ${tenant} order by id desc limit 21) p
      left join campaign_figure f on f.tenant_id = p.tenant_id and f.campaign_id = p.id group by 1, 2`,
    report: `select (select count(distinct contact_id) from delivery where tenant_id = ${tenant} and campaign_id = ${campaignId}) as people,
      segment, campaign_step, arm, state, reason, sent_quarter, sum(deliveries), ${sums} from campaign_figure f
      where tenant_id = ${tenant} and campaign_id = ${campaignId} group by 2, 3, 4, 5, 6, 7`,
    recipients: `select d.id, d.state, d.reason, d.finished_at, ${PERSON} from delivery d
      join contact c on c.tenant_id = d.tenant_id and c.id = d.contact_id
      where d.tenant_id = ${tenant} and d.campaign_id = ${campaignId} order by d.id limit 51`,
  }
}
