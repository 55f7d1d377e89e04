import { expect } from 'vitest'

import type { MemberRole, Reachability } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { MINUTE_MS } from '#server/base/duration.ts'
import type { Db } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { eraseContact } from '#server/modules/contacts/index.ts'
import { createReply } from '#server/modules/delivery/index.ts'
import type { ActingPerson } from '#server/modules/tenancy/index.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

import { findConversationOf, lockConversation } from './conversation.store.ts'
import { type AccountInboxSettings, ACCOUNT_INBOX_DEFAULTS } from './inbox-setting.rules.ts'
import { saveAccountInboxSettings } from './inbox-setting.store.ts'
import { replyAsMember } from './reply-as-member.ts'
import { upsertInbound } from './upsert-inbound.ts'

export const minutes = (count: number): number => count * MINUTE_MS

interface TestMember {
  readonly id: number
  readonly role: MemberRole
  readonly telegramId: number
}

const createMember = async (db: Db, tenantId: number, name: string, role: MemberRole): Promise<TestMember> => {
  const telegramId = tenantId * 1_000 + name.length * 7 + name.charCodeAt(0)
  const { id } = await db
    .insertInto('member')
    .values({ tenant_id: tenantId, telegram_id: telegramId, role, name, invited_by: 'test', joined_at: toDate(NOON) })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { id, role, telegramId }
}

/** A tenant with two agents, one account and one contact who can write to it. */
export const createInboxWorld = async (db: Db) => {
  let at = NOON
  const tenantId = await createTenant(db)
  const accountId = await createAccount(db, tenantId)
  const contactId = await createContact(db, tenantId, { accountId })
  const { telegram_id: telegramId } = await db
    .selectFrom('contact')
    .select('telegram_id')
    .where('id', '=', contactId)
    .executeTakeFirstOrThrow()
  const ayla = await createMember(db, tenantId, 'Ayla', 'agent')
  const burak = await createMember(db, tenantId, 'Burak', 'agent')
  const within = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
  const now = () => at
  const asMember = ({ id, role }: TestMember): ActingPerson => ({
    by: `member:${id}`,
    access: { kind: 'member', role },
    at,
  })
  const actor = () => asMember(ayla)
  const find = () => within((tx) => findConversationOf(tx, accountId, contactId))
  let serial = 0
  return {
    tenantId,
    accountId,
    contactId,
    telegramId,
    ayla,
    burak,
    now,
    within,
    asMember,
    actor,
    find,
    advance: (ms: number) => void (at += ms),
    /** The contact writes. */
    write: async (text = 'Merhaba') => {
      serial += 1
      await db
        .insertInto('message')
        .values({
          tenant_id: tenantId,
          at: toDate(at),
          contact_id: contactId,
          account_id: accountId,
          chat_id: telegramId ?? 0,
          direction: 'in',
          telegram_message_id: serial,
          text,
        })
        .execute()
      return within((tx) => upsertInbound(tx, { accountId, contactId, messageId: serial, at }))
    },
    reply: (
      conversationId: number,
      text: string,
      {
        actor: who = actor(),
        ...more
      }: { readonly seenTurn?: number; readonly isSure?: boolean; readonly actor?: ActingPerson } = {},
    ) => within((tx) => replyAsMember(tx, { conversationId, text, ...more }, who)),
    aiReply: async (state: 'planned' | 'reserved') => {
      serial += 1
      const id = await within((tx) =>
        createReply(tx, {
          accountId,
          contactId,
          chatId: telegramId ?? 0,
          text: 'Yapay zekâ yanıtı',
          source: 'reply',
          messageClass: 'reply',
          isAi: true,
          dedupeKey: `ai:${serial}`,
          at,
        }),
      )
      if (state === 'reserved')
        await db
          .updateTable('delivery')
          .set({ state, reserved_at: toDate(at) })
          .where('id', '=', id ?? 0)
          .execute()
      return id
    },
    /** How a delivery ended. */
    endDelivery: (id: number, state: 'sent' | 'refused' | 'failed', reason: string | null = null) =>
      db
        .updateTable('delivery')
        .set({
          state,
          reason,
          reserved_at: toDate(at),
          finished_at: toDate(at),
          ...(state === 'sent' && { telegram_message_id: 500 + id }),
        })
        .where('id', '=', id)
        .execute(),
    setAccount: (change: Partial<AccountInboxSettings>) =>
      within((tx) =>
        saveAccountInboxSettings(tx, accountId, { ...ACCOUNT_INBOX_DEFAULTS, ...change }, { by: 'test', at }),
      ),
    setReach: (reachability: Reachability) =>
      db.updateTable('contact_account').set({ reachability }).where('contact_id', '=', contactId).execute(),
    suppress: () =>
      db
        .updateTable('contact')
        .set({ suppressed_at: toDate(at), suppressed_reason: 'opted_out' })
        .where('id', '=', contactId)
        .execute(),
    erase: async () => {
      await db
        .updateTable('delivery')
        .set({ state: 'cancelled', reason: 'suppressed', finished_at: toDate(at) })
        .where('tenant_id', '=', tenantId)
        .where('state', '=', 'planned')
        .execute()
      await within((tx) => eraseContact(tx, contactId, { by: 'test', at }))
    },
    deliveries: () => db.selectFrom('delivery').selectAll().where('tenant_id', '=', tenantId).orderBy('id').execute(),
    read: async (id: number) => {
      const found = await within((tx) => lockConversation(tx, id))
      expect(found).not.toBeNull()
      return found as NonNullable<typeof found>
    },
    eventKinds: async (id: number) => {
      const rows = await db
        .selectFrom('conversation_event')
        .select('kind')
        .where('tenant_id', '=', tenantId)
        .where('conversation_id', '=', id)
        .orderBy('id')
        .execute()
      return rows.map((row) => row.kind)
    },
    emitted: async (type: string) => {
      const rows = await db
        .selectFrom('domain_event')
        .select('payload')
        .where('tenant_id', '=', tenantId)
        .where('type', '=', type)
        .orderBy('id')
        .execute()
      return rows.map((row) => row.payload)
    },
  }
}
