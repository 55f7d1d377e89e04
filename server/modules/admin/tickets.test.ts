import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type OperatorTx, asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { addOperator, addOwner } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'

import { addTicketMessage, answerTicket, assignTicket, closeTicket } from './answer-ticket.ts'
import { removeOldSupportTexts } from './claim-notices.ts'
import { getTicket, listTickets, noticeOverdueTickets, reportSupport } from './list-tickets.ts'
import { openTicket } from './open-ticket.ts'
import { supportTermsOf } from './ticket.rules.ts'

const SUPPORT = { by: 'operator:501', access: { kind: 'operator', role: 'support' }, at: NOON } as const
const NOBODY = { by: 'telegram:9', access: { kind: 'nobody' }, at: NOON } as const

let db: Db
let tenant: number
let asker = 9_000
let serial = 0

const tx = <T>(work: (tx: OperatorTx) => Promise<T>) => asOperator(db, 'test', work)
const ref = () => `panel:1:${(serial += 1)}`
const ask = (over: Partial<Parameters<typeof openTicket>[1]> = {}, at = NOON) =>
  tx((inner) =>
    openTicket(
      inner,
      {
        telegramId: asker,
        tenantId: tenant,
        kind: 'support',
        text: 'Bot durdu\nYardım edin',
        reference: ref(),
        ...over,
      },
      at,
    ),
  )
const notices = (kind: string) =>
  db.selectFrom('panel_notice').select(['recipient', 'params']).where('kind', '=', kind).orderBy('id').execute()

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
  await tx(async (inner) => {
    await addOperator(inner, { telegramId: 500, name: 'İşletmeci', role: 'operator' }, { by: 'test', at: NOON })
    await addOperator(inner, { telegramId: 501, name: 'Destek', role: 'support' }, { by: 'test', at: NOON })
  })
})

beforeEach(async () => {
  asker += 1
  tenant = await createTenant(db, { package: 'starter' })
  await inTenant(db, tenant, (inner) => addOwner(inner, { telegramId: asker, name: 'Ayşe' }, { by: 'test', at: NOON }))
  await db.deleteFrom('panel_notice').execute()
  await db.deleteFrom('ticket').execute()
})

describe('openTicket', () => {
  it('opens a ticket that names its first line, times the first answer and tells everybody who answers', async () => {
    const ticket = await ask()
    expect(ticket).toMatchObject({
      tenantId: tenant,
      subject: 'Bot durdu',
      state: 'open',
      priority: 'normal',
      firstResponseDueAt: NOON + 24 * HOUR_MS,
    })
    const told = await notices('ticket_opened')
    expect(told.map((row) => row.recipient)).toEqual([500, 501])
    expect(JSON.stringify(told)).not.toContain('durdu')
    const audit = await db.selectFrom('audit_log').selectAll().where('action', '=', 'ticket.opened').execute()
    expect(audit).toMatchObject([{ tenant_id: tenant, actor: `telegram:${asker}`, target: `ticket:${ticket.id}` }])
    expect(JSON.stringify(audit)).not.toContain('durdu')
  })

  it('gives a package with priority a shorter timer and the first place', async () => {
    const plain = await ask()
    const rich = await createTenant(db, { package: 'enterprise' })
    await inTenant(db, rich, (inner) => addOwner(inner, { telegramId: asker, name: 'A' }, { by: 'test', at: NOON }))
    const urgent = await ask({ tenantId: rich }, NOON + MINUTE_MS)
    expect(urgent).toMatchObject({ priority: 'high', firstResponseDueAt: NOON + MINUTE_MS + 4 * HOUR_MS })
    const { tickets, total } = await tx((inner) => listTickets(inner, SUPPORT))
    expect([total, tickets.map((row) => row.id)]).toEqual([2, [urgent.id, plain.id]])
  })

  it('opens one ticket for one update, however often it is applied', async () => {
    const reference = ref()
    const [first, second] = await Promise.all([ask({ reference }), ask({ reference })])
    expect(second.id).toBe(first.id)
    expect((await tx((inner) => getTicket(inner, first.id, SUPPORT))).messages).toHaveLength(1)
    expect(await notices('ticket_opened')).toHaveLength(2)
  })

  it('allows three open tickets a person, also to one who asks for many at once', async () => {
    const ends = await Promise.allSettled([ask(), ask(), ask(), ask(), ask()])
    expect(ends.filter((end) => end.status === 'fulfilled')).toHaveLength(3)
    await expect(ask()).rejects.toMatchObject({ code: 'tickets_open', params: { limit: 3, used: 3 } })
  })

  it('keeps a stranger out of other people’s tenants, and lets them ask about buying', async () => {
    await expect(ask({ telegramId: 77 })).rejects.toMatchObject({ kind: 'forbidden', code: 'not_allowed' })
    await expect(ask({ telegramId: 77, tenantId: null })).rejects.toMatchObject({ code: 'ticket_needs_customer' })
    const sales = await ask({ telegramId: 77, tenantId: null, kind: 'sales', text: 'Kurumsal paket istiyorum' })
    expect(sales).toMatchObject({ tenantId: null, firstResponseDueAt: NOON + 24 * HOUR_MS })
  })

  it('refuses an empty and an endless text', async () => {
    await expect(ask({ text: '  ' })).rejects.toMatchObject({ code: 'text_length', params: { field: 'text' } })
    await expect(ask({ text: 'x'.repeat(4_001) })).rejects.toMatchObject({ code: 'text_length' })
  })
})

describe('addTicketMessage', () => {
  it('opens an answered ticket again and tells the operator who took it alone', async () => {
    const { id } = await ask()
    await tx((inner) => answerTicket(inner, { ticketId: id, text: 'Bakıyoruz', reference: ref() }, SUPPORT))
    const message = { ticketId: id, telegramId: asker, text: 'Teşekkürler', reference: ref() }
    expect(await tx((inner) => addTicketMessage(inner, message, NOON))).toMatchObject({ state: 'open' })
    await tx((inner) => addTicketMessage(inner, message, NOON))
    expect((await notices('ticket_message')).map((row) => row.recipient)).toEqual([501])
  })

  it('keeps others out as if there were no such ticket, and a closed one shut', async () => {
    const { id } = await ask()
    const message = { ticketId: id, telegramId: 77, text: 'Ben de', reference: ref() }
    await expect(tx((inner) => addTicketMessage(inner, message, NOON))).rejects.toMatchObject({ kind: 'not_found' })
    await expect(tx((inner) => getTicket(inner, id, { telegramId: 77 }))).rejects.toMatchObject({ kind: 'not_found' })
    await tx((inner) => closeTicket(inner, id, { telegramId: asker, at: NOON }))
    const late = { ...message, telegramId: asker }
    await expect(tx((inner) => addTicketMessage(inner, late, NOON))).rejects.toMatchObject({ code: 'ticket_closed' })
  })

  it('takes twenty messages an hour from one person', async () => {
    const { id } = await ask()
    const say = (at: number) =>
      tx((inner) => addTicketMessage(inner, { ticketId: id, telegramId: asker, text: 'a', reference: ref() }, at))
    for (let i = 1; i < 20; i += 1) await say(NOON)
    await expect(say(NOON)).rejects.toMatchObject({ kind: 'rate_limited', code: 'ticket_messages' })
    expect(await say(NOON + HOUR_MS)).toMatchObject({ id })
  })
})

describe('answerTicket', () => {
  it('stops the timer once, takes the ticket, tells the asker, and writes no text into audit or notice', async () => {
    const { id } = await ask()
    const words = { ticketId: id, text: 'Gizli yanıt', reference: ref() }
    const answered = await tx((inner) => answerTicket(inner, words, { ...SUPPORT, at: NOON + HOUR_MS }))
    expect(answered).toMatchObject({ state: 'answered', assignedTo: 501, firstResponseAt: NOON + HOUR_MS })
    await tx((inner) => answerTicket(inner, words, { ...SUPPORT, at: NOON + 2 * HOUR_MS }))
    const later = { ...words, reference: ref() }
    const again = await tx((inner) => answerTicket(inner, later, { ...SUPPORT, at: NOON + 2 * HOUR_MS }))
    expect(again.firstResponseAt).toBe(NOON + HOUR_MS)
    const told = await notices('ticket_answered')
    expect(told.map((row) => row.recipient)).toEqual([asker, asker])
    const lines = await db.selectFrom('audit_log').selectAll().where('target', '=', `ticket:${id}`).execute()
    const audit = lines.filter((line) => line.action === 'ticket.answered')
    expect(audit).toMatchObject([
      { actor: 'operator:501', detail: { before: 'open', after: 'answered', first: true } },
      { detail: { before: 'answered', first: false } },
    ])
    expect(JSON.stringify([told, audit])).not.toContain('Gizli')
  })

  it('is for those who answer: a stranger neither reads, answers, assigns nor closes', async () => {
    const { id } = await ask()
    const attempts: readonly ((inner: OperatorTx) => Promise<unknown>)[] = [
      (inner) => listTickets(inner, NOBODY),
      (inner) => getTicket(inner, id, NOBODY),
      (inner) => answerTicket(inner, { ticketId: id, text: 'a', reference: ref() }, NOBODY),
      (inner) => assignTicket(inner, { ticketId: id, to: 501 }, NOBODY),
      (inner) => closeTicket(inner, id, NOBODY),
    ]
    for (const attempt of attempts) await expect(tx(attempt)).rejects.toMatchObject({ kind: 'forbidden' })
  })
})

describe('assignTicket', () => {
  it('gives a ticket to an operator, with before and after in the audit log', async () => {
    const { id } = await ask()
    const to500 = await tx((inner) => assignTicket(inner, { ticketId: id, to: 500 }, SUPPORT))
    expect(to500.assignedTo).toBe(500)
    await expect(tx((inner) => assignTicket(inner, { ticketId: id, to: 404 }, SUPPORT))).rejects.toMatchObject({
      kind: 'not_found',
    })
    const audit = await db.selectFrom('audit_log').selectAll().where('action', '=', 'ticket.assigned').execute()
    expect(audit).toMatchObject([{ detail: { before: null, after: 500 } }])
  })
})

describe('reportSupport', () => {
  it('counts by state and gives the median of the first answers and the share in time', async () => {
    for (const [hours, text] of [
      [1, 'bir'],
      [3, 'iki'],
      [30, 'üç'],
    ] as const) {
      const { id } = await ask({ text }, NOON)
      const at = NOON + hours * HOUR_MS
      await tx((inner) => answerTicket(inner, { ticketId: id, text: 'ok', reference: ref() }, { ...SUPPORT, at }))
      if (hours === 1) await tx((inner) => closeTicket(inner, id, { ...SUPPORT, at }))
    }
    expect(await tx((inner) => reportSupport(inner, { from: NOON, at: NOON + 2 * DAY_MS }))).toEqual({
      open: 0,
      answered: 2,
      closed: 1,
      overdue: 0,
      medianFirstResponseMs: 3 * HOUR_MS,
      inTimeRatio: 2 / 3,
    })
  })
})

describe('noticeOverdueTickets', () => {
  it('tells once of each ticket whose first answer is overdue, from its instant on', async () => {
    const { id } = await ask()
    const due = NOON + 24 * HOUR_MS
    expect(await tx((inner) => noticeOverdueTickets(inner, due - 1))).toBe(0)
    expect(await tx((inner) => noticeOverdueTickets(inner, due))).toBe(1)
    expect(await tx((inner) => noticeOverdueTickets(inner, due + DAY_MS))).toBe(0)
    expect(await notices('ticket_overdue')).toMatchObject([
      { recipient: 500, params: { ticket: id } },
      { recipient: 501 },
    ])
  })
})

describe('supportTermsOf', () => {
  it('says what each package promises', () => {
    const since = { periodStartsAt: NOON }
    expect(supportTermsOf({ ...since, package: 'starter' })).toEqual({
      channels: ['whatsapp'],
      priority: 'normal',
      firstResponseMs: 24 * HOUR_MS,
      includedUntil: NOON + 7 * DAY_MS,
    })
    expect(supportTermsOf({ ...since, package: 'professional' })).toMatchObject({
      channels: ['telegram', 'whatsapp'],
      includedUntil: NOON + 15 * DAY_MS,
    })
    expect(supportTermsOf({ ...since, package: 'enterprise' })).toMatchObject({ priority: 'high', includedUntil: null })
    expect(supportTermsOf(null)).toMatchObject({ firstResponseMs: 24 * HOUR_MS, priority: 'normal' })
  })
})

describe('removeOldSupportTexts', () => {
  it('drops what people wrote after ninety days and keeps the rows', async () => {
    const { id } = await ask()
    await removeOldSupportTexts(db, NOON + 89 * DAY_MS)
    expect((await tx((inner) => getTicket(inner, id, SUPPORT))).messages[0]?.text).toContain('durdu')
    await removeOldSupportTexts(db, NOON + 91 * DAY_MS)
    const { ticket, messages } = await tx((inner) => getTicket(inner, id, SUPPORT))
    expect([ticket.subject, messages[0]?.text]).toEqual(['–', null])
  })
})
