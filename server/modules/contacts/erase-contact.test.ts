import { beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { DAY_MS } from '#server/base/duration.ts'
import { sql } from 'kysely'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant } from '#server/testing/factories.ts'

import type { ContactActivity } from './contact.rules.ts'
import { eraseContact } from './erase-contact.ts'
import { exportContact } from './export-contact.ts'
import { findContact } from './find-contact.ts'
import { listContacts } from './list-contacts.ts'
import { recordConsent } from './record-consent.ts'
import { recordOptOut } from './record-opt-out.ts'
import { addTags } from './tag-contacts.ts'
import { touchContact } from './touch-contact.ts'

let db: Db
let tenantId: number
let accountId: number
let telegramId = 50_000_000

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(async () => {
  tenantId = await createTenant(db)
  accountId = await createAccount(db, tenantId)
  telegramId += 10
})

const inTx = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
const someone = (more: Partial<ContactActivity> = {}): ContactActivity => ({
  accountId,
  at: NOON,
  kind: 'message',
  messageId: 1,
  text: 'gizli bir söz',
  person: {
    telegramId,
    firstName: 'Şükran',
    lastName: 'Öztürk',
    username: 'sukran_oz',
    isPremium: false,
    isBot: false,
  },
  ...more,
})
const touch = async (a: ContactActivity) => {
  const touched = await inTx((tx) => touchContact(tx, a))
  if (!touched) throw new Error('nobody was touched')
  return touched.contactId
}
const group = { telegramId: -1_009_876_543_210, kind: 'supergroup', title: 'Müşteriler' } as const

describe('exportContact', () => {
  test('holds everything known of the person and nothing of others', async () => {
    const id = await touch(someone())
    await touch(someone({ kind: 'group_message', chat: group, messageId: 8, text: 'grupta' }))
    await touch(
      someone({
        person: { telegramId: telegramId + 1, firstName: 'Başkası', lastName: '', isPremium: false, isBot: false },
      }),
    )
    await inTx((tx) => recordOptOut(tx, { contactId: id, source: 'command', at: NOON }))
    const file = await inTx((tx) => exportContact(tx, id, NOON))
    expect(file.sections.messages.map((m) => m['text'])).toEqual(expect.arrayContaining(['gizli bir söz', 'grupta']))
    expect(file.sections.consentLedger).toHaveLength(2)
    expect(file.sections.contact).toHaveLength(1)
    expect(JSON.stringify(file)).not.toContain('Başkası')
    expect(JSON.stringify(file)).not.toContain('tenant_id')
  })
})

describe('eraseContact', () => {
  /** Every row of every table that is this tenant's or nobody's, as one text. */
  const dump = async (): Promise<string> => {
    const { rows: tables } = await sql<{ name: string }>`
      select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`.execute(
      db,
    )
    const texts = await Promise.all(
      tables.map(
        async ({ name }) =>
          (
            await sql<{
              all: string | null
            }>`select string_agg(to_jsonb(t)::text, ' ') as all from ${sql.table(name)} t where coalesce((to_jsonb(t)->>'tenant_id')::bigint, ${tenantId}) = ${tenantId}`.execute(
              db,
            )
          ).rows[0]?.all,
      ),
    )
    return texts.join(' ')
  }

  const eraseScene = async (): Promise<number> => {
    const id = await touch(someone({ kind: 'started', startPayload: 'kampanya_linki' }))
    await touch(someone({ messageId: 2 }))
    await touch(someone({ kind: 'group_message', chat: group, messageId: 9, text: 'gizli grup sözü' }))
    await inTx((tx) => addTags(tx, { contactIds: [id], tags: ['özel etiket'], at: NOON }))
    await inTx((tx) =>
      recordConsent(tx, {
        contactId: id,
        purpose: 'marketing',
        granted: true,
        textVersion: '1',
        source: 'bot',
        accountId,
        updateId: 77,
        at: NOON,
      }),
    )
    await db
      .insertInto('delivery')
      .values({
        tenant_id: tenantId,
        account_id: accountId,
        contact_id: id,
        chat_id: telegramId,
        source: 'reply',
        message_class: 'reply',
        content: JSON.stringify({ text: 'Sayın Şükran' }),
        is_outreach: false,
        state: 'planned',
        due_at: new Date(NOON),
        dedupe_key: `d${id}`,
        planned_at: new Date(NOON),
      })
      .execute()
    await db
      .insertInto('update_inbox')
      .values({
        tenant_id: tenantId,
        account_id: accountId,
        update_id: 77,
        queue_key: 'c',
        kind: 'message',
        payload: JSON.stringify({ message: { from: { id: telegramId, first_name: 'Şükran' }, text: 'gizli bir söz' } }),
        state: 'done',
        received_at: new Date(NOON),
      })
      .execute()
    return id
  }

  test('leaves no trace of name, ids or words in any table, but the proof of consent and the hash', async () => {
    const id = await eraseScene()
    const traces = ['Şükran', 'Öztürk', 'sukran_oz', String(telegramId), 'gizli', 'kampanya_linki', 'özel etiket']
    const before = await dump()
    for (const trace of traces) expect([trace, before.includes(trace)]).toEqual([trace, true])

    await inTx((tx) => eraseContact(tx, id, { by: 'contact', at: NOON + DAY_MS }))

    const after = await dump()
    for (const trace of traces) expect([trace, after.includes(trace)]).toEqual([trace, false])
    const ledger = await db
      .selectFrom('consent_ledger')
      .select(['purpose', 'granted', 'evidence_update_id'])
      .where('contact_id', '=', id)
      .execute()
    expect(ledger).toEqual([{ purpose: 'marketing', granted: true, evidence_update_id: 77 }])
    const delivery = await db.selectFrom('delivery').selectAll().where('contact_id', '=', id).executeTakeFirstOrThrow()
    expect(delivery).toMatchObject({ state: 'cancelled', reason: 'suppressed', chat_id: 0, content: {} })
    const { n } = await db
      .selectFrom('message')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow()
    expect(n).toBe(1)
    expect((await inTx((tx) => listContacts(tx))).contacts).toEqual([])
    // Whoever comes back is somebody new, and not to be written to.
    const back = await touch(someone({ messageId: 50 }))
    expect(back).not.toBe(id)
    expect((await inTx((tx) => findContact(tx, { id: back })))?.suppressedReason).toBe('erased')
  })

  test('waits for a message that is leaving, and cannot be done twice', async () => {
    const id = await eraseScene()
    await db
      .updateTable('delivery')
      .set({ state: 'reserved', reserved_at: new Date(NOON) })
      .where('contact_id', '=', id)
      .execute()
    await expect(inTx((tx) => eraseContact(tx, id, { by: 'contact', at: NOON }))).rejects.toMatchObject({
      code: 'contact_send_in_flight',
    })
    await db.updateTable('delivery').set({ state: 'planned', reserved_at: null }).where('contact_id', '=', id).execute()
    await inTx((tx) => eraseContact(tx, id, { by: 'contact', at: NOON }))
    await expect(inTx((tx) => eraseContact(tx, id, { by: 'contact', at: NOON }))).rejects.toMatchObject({
      kind: 'not_found',
    })
    const audit = await db
      .selectFrom('audit_log')
      .select(['actor', 'action', 'target'])
      .where('tenant_id', '=', tenantId)
      .execute()
    expect(audit).toEqual([{ actor: 'contact', action: 'contact.erased', target: `contact:${id}` }])
  })
})
