import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'

import type { ConsentPurpose, Reachability, Segment } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { DB } from '#server/db/schema.generated.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { masksWith } from './held-masks.store.ts'

/** A contact as lists and screens show it. Instants are epoch ms. */
export interface Contact {
  readonly id: number
  readonly telegramId: number | null
  readonly username: string | null
  readonly firstName: string
  readonly lastName: string
  readonly languageCode: string | null
  readonly isPremium: boolean
  readonly timeZone: string | null
  readonly tags: readonly string[]
  readonly source: string | null
  readonly suppressedAt: number | null
  readonly suppressedReason: string | null
  readonly mergedIntoId: number | null
  readonly erasedAt: number | null
  readonly firstSeenAt: number
  readonly lastSeenAt: number | null
}

const COLUMNS = [
  'c.id',
  'c.telegram_id',
  'c.username',
  'c.first_name',
  'c.last_name',
  'c.language_code',
  'c.is_premium',
  'c.time_zone',
  'c.tags',
  'c.source',
  'c.suppressed_at',
  'c.suppressed_reason',
  'c.merged_into_id',
  'c.erased_at',
  'c.first_seen_at',
  'c.last_seen_at',
] as const

interface ContactRow {
  readonly id: number
  readonly telegram_id: number | null
  readonly username: string | null
  readonly first_name: string
  readonly last_name: string
  readonly language_code: string | null
  readonly is_premium: boolean
  readonly time_zone: string | null
  readonly tags: string[]
  readonly source: string | null
  readonly suppressed_at: Date | null
  readonly suppressed_reason: string | null
  readonly merged_into_id: number | null
  readonly erased_at: Date | null
  readonly first_seen_at: Date
  readonly last_seen_at: Date | null
}

const toContact = (row: ContactRow): Contact => ({
  id: row.id,
  telegramId: row.telegram_id,
  username: row.username,
  firstName: row.first_name,
  lastName: row.last_name,
  languageCode: row.language_code,
  isPremium: row.is_premium,
  timeZone: row.time_zone,
  tags: row.tags,
  source: row.source,
  suppressedAt: row.suppressed_at?.getTime() ?? null,
  suppressedReason: row.suppressed_reason,
  mergedIntoId: row.merged_into_id,
  erasedAt: row.erased_at?.getTime() ?? null,
  firstSeenAt: row.first_seen_at.getTime(),
  lastSeenAt: row.last_seen_at?.getTime() ?? null,
})

const contacts = (tx: TenantTx) => tx.selectFrom('contact as c').select(COLUMNS).where('c.tenant_id', '=', tx.tenantId)

/** One contact by row id, whatever became of it. */
export const findContactRow = async (tx: TenantTx, id: number): Promise<Contact | null> => {
  const row = await contacts(tx).where('c.id', '=', id).executeTakeFirst()
  return row ? toContact(row) : null
}

/** The living contact with this Telegram id. */
export const findByTelegramId = async (tx: TenantTx, telegramId: number): Promise<Contact | null> => {
  const row = await contacts(tx)
    .where('c.telegram_id', '=', telegramId)
    .where('c.merged_into_id', 'is', null)
    .executeTakeFirst()
  return row ? toContact(row) : null
}

/** The living contact seen last under this user name (without @, any case). */
export const findByUsername = async (tx: TenantTx, username: string): Promise<Contact | null> => {
  const row = await contacts(tx)
    .where('c.username_key', '=', username.toLowerCase())
    .where('c.merged_into_id', 'is', null)
    .orderBy('c.last_seen_at', (order) => order.desc().nullsLast())
    .orderBy('c.id')
    .limit(1)
    .executeTakeFirst()
  return row ? toContact(row) : null
}

/** An audience that a higher module knows, as a condition on the number of a contact. */
export type ContactTest = (contactId: RawBuilder<unknown>) => RawBuilder<boolean>

/** What a list is narrowed to; all conditions hold together. */
export interface ContactFilter {
  readonly segment?: Segment
  readonly tag?: string
  /** The beginning of a first name, last name, full name or user name, or a whole Telegram id. */
  readonly text?: string
  /** Through at least one account, or through `accountId`. */
  readonly reachability?: Reachability
  readonly accountId?: number
  readonly consent?: ConsentPurpose
  readonly fits?: ContactTest
}

/** Where a page begins: after this contact in the order of {@link selectContacts}. */
export interface ContactCursor {
  readonly lastSeenAt: number | null
  readonly id: number
}

type ContactQuery = SelectQueryBuilder<DB & { c: DB['contact'] }, 'c', ContactRow>

/** Sorts after every text that begins with what stands before it. */
const LAST_CHARACTER = '\u{10ffff}'

const starts = (column: 'c.first_name_key' | 'c.last_name_key' | 'c.username_key', prefix: string) => {
  const key = sql.ref(column)
  // A beginning as a range: of the operators that could say it, these may use an index under row-level security.
  return sql<boolean>`(${key} ~>=~ fold_name(${prefix}) and ${key} ~<~ (fold_name(${prefix}) || ${LAST_CHARACTER}) and ${key} <> '')`
}

const matchText = (query: ContactQuery, text: string): ContactQuery => {
  const wanted = text.trim().replace(/^@/, '')
  const words = wanted.split(/\s+/)
  const first = words.slice(0, -1).join(' ')
  return query.where((eb) =>
    eb.or([
      starts('c.first_name_key', wanted),
      starts('c.last_name_key', wanted),
      starts('c.username_key', wanted),
      ...(first === ''
        ? []
        : [eb.and([starts('c.first_name_key', first), starts('c.last_name_key', words.at(-1) ?? '')])]),
      ...(/^\d{1,15}$/.test(wanted) ? [eb('c.telegram_id', '=', Number(wanted))] : []),
    ]),
  )
}

const narrow = (tx: TenantTx, filter: ContactFilter): ContactQuery => {
  let query: ContactQuery = contacts(tx).where('c.merged_into_id', 'is', null).where('c.erased_at', 'is', null)
  const { segment, tag, text, reachability, accountId, consent, fits } = filter
  if (segment !== undefined) {
    query = query.where((eb) =>
      eb.exists(
        eb
          .selectFrom('segment_assignment as s')
          .select('s.contact_id')
          .where('s.tenant_id', '=', tx.tenantId)
          .whereRef('s.contact_id', '=', 'c.id')
          .where('s.held', '=', sql<number>`any(${masksWith(tx.tenantId, segment)})`),
      ),
    )
  }
  if (tag !== undefined) query = query.where(sql<boolean>`c.tags @> array[${tag}]::text[]`)
  if (text !== undefined && text.trim() !== '') query = matchText(query, text)
  if (reachability !== undefined || accountId !== undefined) {
    query = query.where((eb) => {
      let reach = eb
        .selectFrom('contact_account as a')
        .select('a.contact_id')
        .where('a.tenant_id', '=', tx.tenantId)
        .whereRef('a.contact_id', '=', 'c.id')
      if (reachability !== undefined) reach = reach.where('a.reachability', '=', reachability)
      if (accountId !== undefined) reach = reach.where('a.account_id', '=', accountId)
      return eb.exists(reach)
    })
  }
  if (consent !== undefined) {
    query = query.where((eb) =>
      eb.exists(
        eb
          .selectFrom('contact_consent as k')
          .select('k.contact_id')
          .where('k.tenant_id', '=', tx.tenantId)
          .whereRef('k.contact_id', '=', 'c.id')
          .where('k.purpose', '=', consent)
          .where('k.granted', '=', true),
      ),
    )
  }
  if (fits !== undefined) query = query.where(fits(sql.ref('c.id')))
  return query
}

/** Up to `limit` living contacts after `cursor`: last seen first, never seen at the end, then by id. */
export const selectContacts = async (
  tx: TenantTx,
  filter: ContactFilter,
  cursor: ContactCursor | null,
  limit: number,
): Promise<Contact[]> => {
  let query = narrow(tx, filter)
  if (cursor) {
    const { id, lastSeenAt } = cursor
    query = query.where((eb) =>
      lastSeenAt === null
        ? eb.and([eb('c.last_seen_at', 'is', null), eb('c.id', '>', id)])
        : eb.or([
            eb('c.last_seen_at', '<', toDate(lastSeenAt)),
            eb.and([eb('c.last_seen_at', '=', toDate(lastSeenAt)), eb('c.id', '>', id)]),
            eb('c.last_seen_at', 'is', null),
          ]),
    )
  }
  const rows = await query
    .orderBy('c.last_seen_at', (order) => order.desc().nullsLast())
    .orderBy('c.id')
    .limit(limit)
    .execute()
  return rows.map(toContact)
}
