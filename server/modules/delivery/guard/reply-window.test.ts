import { beforeAll, describe, expect, it } from 'vitest'

import type { MessageClass } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { DAY_MS, MINUTE_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import {
  NOON,
  createAccount,
  createBusinessAccount,
  createContact,
  createDelivery,
  createTenant,
} from '#server/testing/factories.ts'

import { auditGuard } from './audit-guard.ts'
import { explainNotSent } from './explain-not-sent.ts'
import { reserveSlots } from './reserve-slots.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const scene = async (rights: readonly string[] = ['can_reply']) => {
  const tenantId = await createTenant(db)
  const botId = await createAccount(db, tenantId)
  const accountId = await createBusinessAccount(db, tenantId, { viaAccountId: botId, rights })
  const contactId = await createContact(db, tenantId, { accountId, consents: ['marketing'] })
  const said = (at: number, over: { accountId?: number; direction?: 'in' | 'out'; chatId?: number } = {}) =>
    db
      .insertInto('message')
      .values({
        tenant_id: tenantId,
        at: toDate(at),
        contact_id: contactId,
        account_id: over.accountId ?? accountId,
        chat_id: over.chatId ?? contactId,
        direction: over.direction ?? 'in',
        text: 'Selam',
      })
      .execute()
  const due = (messageClass: MessageClass, over: { contactId?: number | null; chatId?: number; text?: string } = {}) =>
    createDelivery(db, tenantId, {
      accountId,
      contactId: over.contactId === undefined ? contactId : over.contactId,
      chatId: over.chatId ?? contactId,
      messageClass,
      dueAt: NOON - MINUTE_MS,
      ...(over.text !== undefined && { text: over.text }),
    })
  const reserve = (now = NOON) => inTenant(db, tenantId, (tx) => reserveSlots(tx, { accountId, now, limit: 10 }))
  const read = (id: number) =>
    db.selectFrom('delivery').select(['state', 'reason']).where('id', '=', id).executeTakeFirstOrThrow()
  return { tenantId, botId, accountId, contactId, said, due, reserve, read }
}

const CLASSES = ['reply', 'transactional', 'commercial'] as const
const CLOSED = { state: 'refused', reason: 'business_window_closed' }

describe('the reply window of a business account', () => {
  it.each(CLASSES)('lets a %s message out within 24 hours after the person wrote, and the audit agrees', async (c) => {
    const { tenantId, said, due, reserve, read } = await scene()
    await said(NOON - DAY_MS + 1)
    const id = await due(c)
    await reserve()
    expect(await read(id)).toMatchObject({ state: 'reserved' })
    expect((await auditGuard(db, tenantId)).findings).toEqual([])
  })

  it.each(CLASSES)('refuses a %s message once 24 hours are over', async (messageClass) => {
    const { said, due, reserve, read } = await scene()
    await said(NOON - DAY_MS)
    const id = await due(messageClass)
    await reserve()
    expect(await read(id)).toEqual(CLOSED)
  })

  it('refuses a commercial first contact, however reachable and willing the person is', async () => {
    const { due, reserve, read } = await scene()
    const id = await due('commercial')
    await reserve()
    expect(await read(id)).toEqual(CLOSED)
  })

  it('counts neither what the owner wrote, nor words to another account, nor words in a group', async () => {
    const { botId, said, due, reserve, read } = await scene()
    await said(NOON - MINUTE_MS, { direction: 'out' })
    await said(NOON - MINUTE_MS, { accountId: botId })
    await said(NOON - MINUTE_MS, { chatId: -100 })
    const id = await due('reply')
    await reserve()
    expect(await read(id)).toEqual(CLOSED)
  })

  it('refuses everything while the right to reply is missing', async () => {
    const { said, due, reserve, read } = await scene(['can_read_messages'])
    await said(NOON - MINUTE_MS)
    const id = await due('reply')
    await reserve()
    expect(await read(id)).toEqual(CLOSED)
  })

  it('refuses posts into groups', async () => {
    const { due, reserve, read } = await scene()
    const id = await due('transactional', { contactId: null, chatId: -100 })
    await reserve()
    expect(await read(id)).toEqual(CLOSED)
  })

  it('is said beforehand to whoever asks why nothing was sent', async () => {
    const { tenantId, contactId, said, due } = await scene()
    await said(NOON - DAY_MS)
    await due('reply')
    const [row] = await inTenant(db, tenantId, (tx) => explainNotSent(tx, contactId, NOON))
    expect(row?.nowSays).toMatchObject({ kind: 'refuse', reason: 'business_window_closed' })
  })

  it('is checked again over the ledger', async () => {
    const { tenantId, accountId, contactId, botId, said } = await scene()
    const sent = (account: number, sentAt: number) =>
      createDelivery(db, tenantId, { accountId: account, contactId, chatId: contactId, messageClass: 'reply', sentAt })
    const rules = async () => (await auditGuard(db, tenantId)).findings.map(({ rule }) => rule)
    await said(NOON - DAY_MS)
    await sent(accountId, NOON - MINUTE_MS)
    await sent(botId, NOON + DAY_MS)
    expect(await rules()).toEqual([])
    await sent(accountId, NOON)
    expect(await rules()).toEqual(['business_window_closed'])
  })
})
