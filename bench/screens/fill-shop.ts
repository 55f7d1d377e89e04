import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import type { Db } from '#server/db/pool.ts'
import { foldActivity } from '#server/modules/analytics/index.ts'
import { foldCampaignFigures } from '#server/modules/delivery/index.ts'
import { recomputeSegments } from '#server/modules/segments/index.ts'
import { createAccount } from '#server/testing/factories.ts'

import { createOffer } from '../rig/campaign.ts'
import { createBenchTenant, type BenchDatabase } from '../rig/rig.ts'
import { POPULATION_AT, asSuperuser, populate } from '../segments/population.ts'

interface ShopSize {
  readonly contacts: number
  readonly messages: number
}

/** A shop whose screens have something to show. */
export interface Shop {
  readonly tenantId: number
  readonly accountId: number
  /** The campaign with most recipients, and who wrote most. */
  readonly campaignId: number
  readonly contactId: number
  readonly conversationId: number
}

const CAMPAIGNS = 60
const at = toDate(POPULATION_AT)

/** So many days before now, for each row its own. */
const ago = (days: string) => sql`${at}::timestamptz - (${sql.raw(days)}) * interval '1 day'`

const nameContacts = async (db: Db, tenantId: number, accountId: number): Promise<void> => {
  await sql`
    update contact set first_name = (array['Ayşe', 'Mehmet', 'Zeynep', 'Ali', 'محمد', 'Elif', 'Иван'])[1 + id % 7],
      last_name = 'Yılmaz ' || id % 1000, username = 'kisi_' || id, last_seen_at = ${ago('mod(abs(hashint8(id)::bigint), 90000) / 1000.0')},
      tags = case when id % 11 = 0 then array['kurs'] when id % 13 = 0 then array['vip'] else '{}' end
    where tenant_id = ${tenantId}`.execute(db)
  await sql`
    insert into contact_account (tenant_id, contact_id, account_id, reachability, started_at, changed_at)
    select tenant_id, id, ${accountId}, 'reachable', ${at}, ${at} from contact where tenant_id = ${tenantId}`.execute(
    db,
  )
}

const addMessages = (db: Db, tenantId: number, accountId: number, size: ShopSize) =>
  sql`
    insert into message (tenant_id, at, contact_id, account_id, chat_id, direction, text, telegram_message_id)
    select ${tenantId}, ${ago('random() * 60')}, c.id, ${accountId}, c.telegram_id, case when n % 3 = 0 then 'out' else 'in' end,
      'Merhaba, ' || n || ' numaralı koli ne zaman yola çıkar?', n
    from generate_series(1, ${size.messages}::integer) n
    join (select id, telegram_id, row_number() over (order by id) - 1 as place from contact where tenant_id = ${tenantId}) c
      on c.place = n % ${size.contacts}::integer`.execute(db)

const addConversations = (db: Db, tenantId: number, accountId: number) =>
  sql`
    insert into conversation (tenant_id, account_id, contact_id, state, opened_at, last_inbound_at, turn, opened_turn,
      last_turn_by, unread_count, answer_due_at, closed_at)
    select ${tenantId}, ${accountId}, id, state, seen, seen, 1, 1, 'contact', id % 4,
      case when state = 'open' then seen + interval '1 hour' end, case when state = 'closed' then seen + interval '1 day' end
    from (select id, last_seen_at as seen, (array['open', 'waiting', 'closed', 'closed', 'closed'])[1 + id % 5] as state
      from contact where tenant_id = ${tenantId} and id % 3 = 0) c`.execute(db)

const addCampaigns = async (db: Db, tenantId: number, accountId: number): Promise<number> => {
  const templateId = await createOffer(db, tenantId)
  let first = 0
  for (let n = 0; n < CAMPAIGNS; n += 1) {
    const startedAt = toDate(POPULATION_AT - (n + 1) * DAY_MS)
    const { id } = await db
      .insertInto('campaign')
      .values({
        tenant_id: tenantId,
        name: `Kampanya ${n}`,
        kind: 'promo',
        state: 'completed',
        account_id: accountId,
        steps: JSON.stringify([{ templateId, afterHours: 0 }]),
        created_at: startedAt,
        started_at: startedAt,
        planned_at: startedAt,
        completed_at: toDate(POPULATION_AT - n * DAY_MS),
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    first ||= id
    // The newest reached everybody; the others their share.
    await sql`
      insert into delivery (tenant_id, account_id, contact_id, chat_id, campaign_id, source, message_class, template_id,
        variant, is_outreach, priority, due_at, planned_at, dedupe_key, state, reserved_at, finished_at, segment,
        telegram_message_id, responded_at)
      select c.tenant_id, ${accountId}, c.id, c.telegram_id, ${id}, 'campaign', 'commercial', ${templateId}, 'a', true, 50,
        ${startedAt}, ${startedAt}, 'campaign:' || ${id} || ':0:' || c.id, 'sent', ${startedAt}, ${startedAt},
        a.primary_segment, c.id, case when c.id % 9 = 0 then ${startedAt}::timestamptz + interval '1 hour' end
      from contact c left join segment_assignment a on a.tenant_id = c.tenant_id and a.contact_id = c.id
      where c.tenant_id = ${tenantId} and (${n} = 0 or c.id % 20 = ${n % 20})`.execute(db)
  }
  return first
}

/** Fills a shop with contacts, what was said, conversations and campaigns; ends with VACUUM ANALYZE, as time would. */
export const fillShop = async (
  { db, superuserConnectionString }: BenchDatabase,
  size: ShopSize,
  onProgress: (line: string) => void,
): Promise<Shop> => {
  const tenantId = await createBenchTenant(db)
  const accountId = await createAccount(db, tenantId)
  await populate(db, superuserConnectionString, tenantId, size.contacts)
  await nameContacts(db, tenantId, accountId)
  const clock = { now: () => POPULATION_AT, sleep: () => Promise.resolve() }
  await recomputeSegments({ db, clock }, tenantId)
  onProgress('contacts are there')
  await addMessages(db, tenantId, accountId, size)
  await addConversations(db, tenantId, accountId)
  onProgress('what was said is there')
  const campaignId = await addCampaigns(db, tenantId, accountId)
  // As the duty of every minute has done by then.
  await foldActivity(db)
  await foldCampaignFigures(db)
  await asSuperuser(superuserConnectionString, 'vacuum analyze')
  const talk = await db
    .selectFrom('conversation')
    .select(['id', 'contact_id'])
    .where('tenant_id', '=', tenantId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  return { tenantId, accountId, campaignId, contactId: talk.contact_id, conversationId: talk.id }
}
