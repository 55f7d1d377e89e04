import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { reserveSlots } from '#server/modules/delivery/guard/reserve-slots.ts'
import { approveTemplate, createTemplate } from '#server/modules/templates/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

import { type InviteInput, answerInvite, createInvite, findInviteOffer, recordInviteRefusal } from './index.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const LABELS = { yes: 'Evet', no: 'Hayır', stop: 'Mesajları durdur' }
const TEXT = 'Deneme: müşteri grubumuza katılır mısınız?'

const scene = async () => {
  const tenantId = await createTenant(db)
  const accountId = await createAccount(db, tenantId)
  const contactId = await createContact(db, tenantId, { accountId, consents: ['marketing'] })
  const { id: chatId } = await db
    .insertInto('chat')
    .values({
      tenant_id: tenantId,
      telegram_id: -100,
      kind: 'group',
      title: 'Müşteriler',
      username: 'musteriler',
      added_at: toDate(NOON),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const run = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
  const invite = (more: Partial<InviteInput> = {}) =>
    run((tx) => createInvite(tx, { contactId, chatId, accountId, at: NOON, text: TEXT, labels: LABELS, ...more }))
  const refuse = (at = NOON) => run((tx) => recordInviteRefusal(tx, { contactId, chatId, at }))
  const reserve = (now = NOON) => run((tx) => reserveSlots(tx, { accountId, now, limit: 10 }))
  const read = (id: number) => db.selectFrom('delivery').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  return { tenantId, accountId, contactId, chatId, run, invite, refuse, reserve, read }
}

/** The group has become a supergroup; returns the row of its heir. */
const migrate = async (tenantId: number, chatId: number): Promise<number> => {
  const { id } = await db
    .insertInto('chat')
    .values({ tenant_id: tenantId, telegram_id: -1_000_777, kind: 'supergroup', title: 'M', added_at: toDate(NOON) })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db.updateTable('chat').set({ migrated_to_id: -1_000_777 }).where('id', '=', chatId).execute()
  return id
}

describe('createInvite', () => {
  it('queues an invitation with a yes, a no and a way out, and the guard lets it leave', async () => {
    const { chatId, invite, reserve, read } = await scene()
    const id = await invite()
    expect(await read(id)).toMatchObject({ message_class: 'commercial', is_outreach: true, invite_chat_id: chatId })
    const { reserved } = await reserve()
    expect(reserved[0]?.content).toEqual({
      text: TEXT,
      buttons: [
        [
          { text: 'Evet', action: 'invite_yes' },
          { text: 'Hayır', action: 'invite_no' },
        ],
        [{ text: 'Mesajları durdur', action: 'stop' }],
      ],
    })
  })

  it('invites with an approved commercial template that has both buttons', async () => {
    const { run, invite, reserve } = await scene()
    const template = (name: string, actions: readonly string[]) =>
      run(async (tx) => {
        const { id } = await createTemplate(
          tx,
          {
            name,
            messageClass: 'commercial',
            variants: [
              {
                name: 'a',
                locale: 'tr',
                text: '{{sender}}: gruba gelir misiniz? {{opt_out}}',
                buttons: [actions.map((action) => ({ text: action, action }))],
              },
            ],
          },
          NOON,
        )
        return id
      })
    const whole = await template('davet', ['invite_yes', 'invite_no'])
    const half = await template('yarım', ['invite_yes'])
    await expect(invite({ templateId: whole })).rejects.toMatchObject({ code: 'invite_template_state' })
    for (const id of [whole, half]) await run((tx) => approveTemplate(tx, id, NOON))
    await expect(invite({ templateId: half })).rejects.toMatchObject({
      kind: 'invalid',
      code: 'invite_button_missing',
      params: { field: 'templateId', action: 'invite_no' },
    })
    await invite({ templateId: whole })
    expect((await reserve()).reserved[0]?.content.text).toContain('Deneme: gruba gelir misiniz?')
  })

  const faults = [
    ['an unnamed sender', { text: 'Grubumuza gelin' }, 'sender_missing'],
    ['a variable', { text: 'Deneme: {{first_name}}, gelin' }, 'variable_unknown'],
    ['HTML that Telegram refuses', { text: 'Deneme: <b>gelin' }, 'html_invalid'],
    ['a text that is too long', { text: `Deneme ${'x'.repeat(4_100)}` }, 'text_too_long'],
  ] as const
  it.each(faults)('refuses a text with %s', async (_what, more, rule) => {
    const { invite } = await scene()
    await expect(invite(more)).rejects.toMatchObject({
      kind: 'invalid',
      code: 'invite_text',
      params: { field: 'text', rule },
    })
  })

  it('refuses somebody who is there, and invites who left', async () => {
    const { tenantId, contactId, chatId, invite } = await scene()
    const membership = { tenant_id: tenantId, contact_id: contactId, chat_id: chatId, checked_at: toDate(NOON) }
    await db.insertInto('contact_chat').values(membership).execute()
    await expect(invite()).rejects.toMatchObject({ kind: 'conflict', code: 'already_member' })
    await db.updateTable('contact_chat').set({ status: 'left' }).where('contact_id', '=', contactId).execute()
    expect(await invite()).toBeGreaterThan(0)
  })

  it('invites once in thirty days, whichever account asks, also when both ask at once', async () => {
    const { tenantId, contactId, invite, reserve } = await scene()
    const other = await createAccount(db, tenantId)
    const answers = await Promise.allSettled([
      invite(),
      invite({ accountId: other }),
      invite(),
      invite({ accountId: other }),
    ])
    expect(answers.filter((a) => a.status === 'fulfilled')).toHaveLength(1)
    await expect(invite({ at: NOON + DAY_MS })).rejects.toMatchObject({
      kind: 'conflict',
      code: 'already_invited',
      params: { contact: contactId, days: 29 },
    })
    await reserve()
    expect(await invite({ at: NOON + 31 * DAY_MS })).toBeGreaterThan(0)
  })

  it('names what does not exist', async () => {
    const { invite } = await scene()
    for (const more of [{ contactId: 9e9 }, { chatId: 9e9 }, { accountId: 9e9 }, { templateId: 9e9 }])
      await expect(invite(more)).rejects.toMatchObject({ kind: 'not_found', params: { id: 9e9 } })
  })
})

describe('recordInviteRefusal', () => {
  it('ends invitations into that chat for good, from every account, and cancels what waits', async () => {
    const { tenantId, invite, refuse, read } = await scene()
    const waiting = await invite()
    await refuse()
    await refuse(NOON + DAY_MS)
    expect(await read(waiting)).toMatchObject({ state: 'cancelled', reason: 'invite_refused' })
    const other = await createAccount(db, tenantId)
    const years = NOON + 3_650 * DAY_MS
    await expect(invite({ accountId: other, at: years })).rejects.toMatchObject({ code: 'invite_refused' })
  })

  it('is remembered when the group becomes a supergroup, by either of its names', async () => {
    const { tenantId, chatId, invite, refuse } = await scene()
    await refuse()
    const heir = await migrate(tenantId, chatId)
    for (const id of [heir, chatId])
      await expect(invite({ chatId: id, at: NOON + 90 * DAY_MS })).rejects.toMatchObject({ code: 'invite_refused' })
  })

  it('is obeyed by the guard for an invitation that slipped in', async () => {
    const { tenantId, contactId, chatId, invite, reserve, read } = await scene()
    const id = await invite()
    await db
      .insertInto('invite_refusal')
      .values({ tenant_id: tenantId, contact_id: contactId, chat_id: chatId, refused_at: toDate(NOON) })
      .execute()
    await reserve()
    expect(await read(id)).toMatchObject({ state: 'refused', reason: 'invite_refused' })
  })

  it('names what does not exist', async () => {
    const { run, contactId, chatId } = await scene()
    const refuse = (c: number, g: number) => run((tx) => recordInviteRefusal(tx, { contactId: c, chatId: g, at: NOON }))
    await expect(refuse(contactId, 9e9)).rejects.toMatchObject({ kind: 'not_found', params: { what: 'chat' } })
    await expect(refuse(9e9, chatId)).rejects.toMatchObject({ kind: 'not_found', params: { what: 'contact' } })
  })
})

describe('answerInvite', () => {
  it('gives the link on a yes and remembers a no', async () => {
    const { tenantId, contactId, run, invite } = await scene()
    const deliveryId = await invite()
    const answer = (action: 'invite_yes' | 'invite_no') =>
      run((tx) => answerInvite(tx, { contactId, deliveryId, action, at: NOON }))
    const refusals = () => db.selectFrom('invite_refusal').selectAll().where('tenant_id', '=', tenantId).execute()
    expect(await answer('invite_yes')).toEqual({ kind: 'link', link: 'https://t.me/musteriler' })
    expect(await refusals()).toEqual([])
    await answer('invite_no')
    expect(await refusals()).toHaveLength(1)
  })

  it('knows nothing of a delivery that invited nobody, or somebody else', async () => {
    const { tenantId, accountId, run, invite } = await scene()
    const deliveryId = await invite()
    const stranger = await createContact(db, tenantId, { accountId })
    const answer = { contactId: stranger, deliveryId, action: 'invite_no', at: NOON } as const
    expect(await run((tx) => answerInvite(tx, answer))).toBeNull()
  })
})

describe('findInviteOffer', () => {
  const administer = (tenantId: number, accountId: number, chatId: number) =>
    db
      .insertInto('chat_account')
      .values({
        tenant_id: tenantId,
        account_id: accountId,
        chat_id: chatId,
        status: 'administrator',
        changed_at: toDate(NOON),
      })
      .execute()
  const offering = async () => {
    const s = await scene()
    await administer(s.tenantId, s.accountId, s.chatId)
    const offer = (at = NOON) =>
      s.run((tx) => findInviteOffer(tx, { accountId: s.accountId, contactId: s.contactId, at }))
    return { ...s, offer }
  }

  it('finds the group that the account administers, and none for an account that does not', async () => {
    const { tenantId, contactId, chatId, offer, run } = await offering()
    expect(await offer()).toEqual({ chatId, title: 'Müşteriler', link: 'https://t.me/musteriler' })
    const other = await createAccount(db, tenantId)
    expect(await run((tx) => findInviteOffer(tx, { accountId: other, contactId, at: NOON }))).toBeNull()
  })

  it('waits thirty days after an invitation of any kind, and for one that has not left yet', async () => {
    const { invite, offer, reserve } = await offering()
    await invite()
    expect(await offer()).toBeNull()
    await reserve()
    expect(await offer(NOON + 29 * DAY_MS)).toBeNull()
    expect(await offer(NOON + 31 * DAY_MS)).not.toBeNull()
  })

  it('obeys a no to the group by either of its names, and the removal of somebody', async () => {
    const { tenantId, accountId, contactId, chatId, refuse, offer } = await offering()
    const kicked = { tenant_id: tenantId, contact_id: contactId, chat_id: chatId, checked_at: toDate(NOON) }
    await db
      .insertInto('contact_chat')
      .values({ ...kicked, status: 'kicked' })
      .execute()
    expect(await offer()).toBeNull()
    await db.deleteFrom('contact_chat').where('contact_id', '=', contactId).execute()
    await refuse()
    const heir = await migrate(tenantId, chatId)
    await db.updateTable('chat').set({ username: 'musteriler' }).where('id', '=', heir).execute()
    await administer(tenantId, accountId, heir)
    expect(await offer()).toBeNull()
    await db.deleteFrom('invite_refusal').where('contact_id', '=', contactId).execute()
    expect(await offer()).toMatchObject({ chatId: heir })
  })

  it('shows nothing to who may not be written to, and nothing of another tenant', async () => {
    const { tenantId, accountId, contactId, offer } = await offering()
    const stranger = await createTenant(db)
    const look = (tx: TenantTx) => findInviteOffer(tx, { accountId, contactId, at: NOON })
    expect(await inTenant(db, stranger, look)).toBeNull()
    const suppressed = { suppressed_at: toDate(NOON), suppressed_reason: 'opted_out' } as const
    await db.updateTable('contact').set(suppressed).where('id', '=', contactId).execute()
    expect(await offer()).toBeNull()
    await db
      .updateTable('contact')
      .set({ suppressed_at: null, suppressed_reason: null })
      .where('id', '=', contactId)
      .execute()
    await db.updateTable('contact_consent').set({ granted: false }).where('tenant_id', '=', tenantId).execute()
    expect(await offer()).toBeNull()
  })
})
