import type { TenantTx } from '#server/db/tenant-scope.ts'

/** One account's way to the contact. Instants are epoch ms. */
export interface ContactReach {
  readonly accountId: number
  readonly reachability: string
  readonly startedAt: number | null
  readonly startPayload: string | null
  readonly lastInboundAt: number | null
}

/** The contact in one chat of the tenant. */
export interface ContactMembership {
  readonly chatId: number
  readonly title: string
  readonly status: string
  readonly joinedAt: number | null
  readonly lastActiveAt: number | null
  readonly messageCount: number
}

/** The word in force on one purpose, and what proves it. */
export interface ContactConsent {
  readonly purpose: string
  readonly granted: boolean
  readonly changedAt: number
  /** Where it was said: `bot`, `member:12`, … */
  readonly source: string
  /** Of the text the person was shown. */
  readonly textVersion: string
}

/** All accounts that know the contact. */
export const selectReach = async (tx: TenantTx, contactId: number): Promise<ContactReach[]> => {
  const rows = await tx
    .selectFrom('contact_account')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .orderBy('account_id')
    .execute()
  return rows.map((row) => ({
    accountId: row.account_id,
    reachability: row.reachability,
    startedAt: row.started_at?.getTime() ?? null,
    startPayload: row.start_payload,
    lastInboundAt: row.last_inbound_at?.getTime() ?? null,
  }))
}

/** All chats the contact is or was in, busiest first. */
export const selectMemberships = async (tx: TenantTx, contactId: number): Promise<ContactMembership[]> => {
  const rows = await tx
    .selectFrom('contact_chat as m')
    .innerJoin('chat as c', (join) => join.onRef('c.tenant_id', '=', 'm.tenant_id').onRef('c.id', '=', 'm.chat_id'))
    .select(['m.chat_id', 'c.title', 'm.status', 'm.joined_at', 'm.last_active_at', 'm.message_count'])
    .where('m.tenant_id', '=', tx.tenantId)
    .where('m.contact_id', '=', contactId)
    .orderBy('m.message_count', 'desc')
    .orderBy('m.chat_id')
    .execute()
  return rows.map((row) => ({
    chatId: row.chat_id,
    title: row.title,
    status: row.status,
    joinedAt: row.joined_at?.getTime() ?? null,
    lastActiveAt: row.last_active_at?.getTime() ?? null,
    messageCount: row.message_count,
  }))
}

/** The words in force, by purpose. */
export const selectConsents = async (tx: TenantTx, contactId: number): Promise<ContactConsent[]> => {
  const rows = await tx
    .selectFrom('contact_consent as c')
    .innerJoin('consent_ledger as l', (join) =>
      join.onRef('l.tenant_id', '=', 'c.tenant_id').onRef('l.id', '=', 'c.ledger_id'),
    )
    .select(['c.purpose', 'c.granted', 'c.changed_at', 'l.source', 'l.text_version'])
    .where('c.tenant_id', '=', tx.tenantId)
    .where('c.contact_id', '=', contactId)
    .orderBy('c.purpose')
    .execute()
  return rows.map((row) => ({
    purpose: row.purpose,
    granted: row.granted,
    changedAt: row.changed_at.getTime(),
    source: row.source,
    textVersion: row.text_version,
  }))
}

/** Counters that others keep for the contact. */
export const selectCounters = (tx: TenantTx, contactId: number) =>
  tx
    .selectFrom('contact_feature')
    .select(['outbound_count', 'response_count', 'order_count', 'revenue_minor', 'last_paid_at', 'account_count'])
    .select(['member_since', 'chat_active_at'])
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .executeTakeFirst()
