import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS, MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type OperatorTx, asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { addOperator, addOwner } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'

import { confirmAnnouncement, draftAnnouncement } from './announce.ts'
import { claimNotices, endOldNotices, findNoticeText, nextNoticeAt, recordNoticeEnd } from './claim-notices.ts'
import { GROUPING_MS } from './notice.rules.ts'
import { recordPanelPerson, setPanelBlocked, setPanelMuted } from './panel-person.store.ts'
import { listOpenFaults, noticeDatabaseBack, recordFaults } from './record-faults.ts'
import { noticeMembers, noticeOperators, noticePerson } from './record-notices.ts'

let db: Db
const tx = <T>(work: (tx: OperatorTx) => Promise<T>) => asOperator(db, 'test', work)
const person = (telegramId: number, at = NOON) =>
  tx((inner) =>
    recordPanelPerson(
      inner,
      { telegramId, chatId: telegramId, locale: 'tr', username: `u${telegramId}`, name: 'A' },
      at,
    ),
  )
const claimed = (payment: number, at = NOON) =>
  tx((inner) =>
    noticeOperators(inner, { kind: 'payment_claimed', dedupeKey: `claim:${payment}`, params: { payment } }, at),
  )
const DUE = NOON + GROUPING_MS
const OPERATOR = { by: 'operator:500', access: { kind: 'operator', role: 'operator' }, at: NOON } as const

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
  await tx((inner) =>
    addOperator(inner, { telegramId: 500, name: 'İşletmeci', role: 'operator' }, { by: 'test', at: NOON }),
  )
})

beforeEach(async () => {
  await db.deleteFrom('panel_notice').execute()
  await db.deleteFrom('fault_alert').execute()
  await db.deleteFrom('panel_person').execute()
  await person(500)
})

describe('claimNotices', () => {
  it('makes one group of what comes within the window, and nothing before the window is over', async () => {
    await claimed(1)
    await claimed(2, NOON + SECOND_MS)
    await claimed(3, NOON + 2 * SECOND_MS)
    expect(await claimNotices(db, DUE - 1, 10)).toEqual([])
    const groups = await claimNotices(db, DUE, 10)
    expect(groups).toMatchObject([{ recipient: 500, chatId: 500, locale: 'tr', kind: 'payment_claimed' }])
    expect(groups[0]?.notices.map((notice) => notice.params)).toEqual([{ payment: 1 }, { payment: 2 }, { payment: 3 }])
    expect(await claimNotices(db, DUE, 10)).toEqual([])
  })

  it('gives each notice to one of many senders who look at the same time', async () => {
    for (let i = 0; i < 40; i += 1) {
      await person(1_000 + i)
      await tx((inner) => noticePerson(inner, 1_000 + i, { kind: 'ticket_closed', dedupeKey: `t${i}` }, NOON))
    }
    const taken = await Promise.all(Array.from({ length: 8 }, () => claimNotices(db, DUE, 50)))
    const ids = taken.flat().flatMap((group) => group.notices.map((notice) => notice.id))
    expect(ids).toHaveLength(40)
    expect(new Set(ids).size).toBe(40)
  })

  it('tells a cause once, however often it is noticed, also after it was told', async () => {
    expect([await claimed(1), await claimed(1)]).toEqual([1, 0])
    const [group] = await claimNotices(db, DUE, 10)
    if (group) await recordNoticeEnd(db, group, { kind: 'sent' }, DUE)
    expect(await claimed(1, DUE)).toBe(0)
    expect(await claimNotices(db, DUE + DAY_MS, 10)).toEqual([])
  })

  it('waits for people who never started the bot or have stopped it', async () => {
    await tx((inner) => noticePerson(inner, 42, { kind: 'ticket_closed', dedupeKey: 'a' }, NOON))
    expect(await claimNotices(db, DUE, 10)).toEqual([])
    expect(await nextNoticeAt(db)).toBeNull()
    await person(42)
    expect(await nextNoticeAt(db)).toBe(DUE)
    await tx((inner) => setPanelBlocked(inner, 42, NOON))
    expect(await claimNotices(db, DUE, 10)).toEqual([])
    await person(42)
    expect(await claimNotices(db, DUE, 10)).toHaveLength(1)
  })
})

describe('recordNoticeEnd', () => {
  it('tries again later what provably was not said, no sooner than asked, and gives up in the end', async () => {
    await claimed(1)
    let at = DUE
    const [first] = await claimNotices(db, at, 10)
    if (first) await recordNoticeEnd(db, first, { kind: 'retry', afterMs: 60_000 }, at)
    expect(await claimNotices(db, at + 59_999, 10)).toEqual([])
    let tries = 1
    for (;;) {
      at += DAY_MS / 24
      const [group] = await claimNotices(db, at, 10)
      if (!group) break
      tries += 1
      await recordNoticeEnd(db, group, { kind: 'retry', afterMs: 0 }, at)
    }
    expect(tries).toBe(8)
  })

  it('never repeats what may have been said, and leaves a person alone who stopped the bot', async () => {
    await claimed(1)
    await claimed(2, DUE)
    const [first] = await claimNotices(db, DUE, 10)
    if (first) await recordNoticeEnd(db, first, { kind: 'unknown' }, DUE)
    expect(await claimNotices(db, DUE + DAY_MS, 10)).toEqual([])
    await claimed(3)
    const [second] = await claimNotices(db, DUE, 10)
    if (second) await recordNoticeEnd(db, second, { kind: 'blocked' }, DUE)
    await claimed(4)
    expect(await claimNotices(db, DUE + DAY_MS, 10)).toEqual([])
  })
})

describe('endOldNotices', () => {
  it('leaves what a killed sender had claimed as unknown, and lets old news go', async () => {
    await claimed(1)
    await claimNotices(db, DUE, 10)
    await tx((inner) => noticePerson(inner, 42, { kind: 'ticket_closed', dedupeKey: 'a' }, NOON))
    expect(await endOldNotices(db, DUE + 4 * MINUTE_MS)).toEqual({ interrupted: 0, expired: 0 })
    expect(await endOldNotices(db, DUE + 5 * MINUTE_MS)).toEqual({ interrupted: 1, expired: 0 })
    expect(await endOldNotices(db, NOON + 3 * DAY_MS)).toEqual({ interrupted: 0, expired: 1 })
    expect(await claimNotices(db, NOON + 4 * DAY_MS, 10)).toEqual([])
  })
})

describe('noticeMembers', () => {
  it('tells those whose role lets them act on it, and nobody of another tenant', async () => {
    const [tenant, other] = [await createTenant(db), await createTenant(db)]
    const owner = { by: 'system', access: { kind: 'operator', role: 'operator' }, at: NOON } as const
    await inTenant(db, tenant, (inner) => addOwner(inner, { telegramId: 71, name: 'Sahip' }, owner))
    await inTenant(db, other, (inner) => addOwner(inner, { telegramId: 72, name: 'Başka' }, owner))
    const agent = { tenant_id: tenant, telegram_id: 73, role: 'agent', name: 'Temsilci', invited_by: 'test' }
    await db
      .insertInto('member')
      .values({ ...agent, joined_at: toDate(NOON) })
      .execute()
    const tell = (kind: 'payment_approved' | 'tenant_suspended') =>
      tx((inner) => noticeMembers(inner, tenant, { kind, dedupeKey: `${kind}:${tenant}` }, NOON))
    expect([await tell('payment_approved'), await tell('tenant_suspended')]).toEqual([1, 2])
    const rows = await db.selectFrom('panel_notice').select(['recipient', 'kind']).orderBy('id').execute()
    expect(rows).toEqual([
      { recipient: 71, kind: 'payment_approved' },
      { recipient: 71, kind: 'tenant_suspended' },
      { recipient: 73, kind: 'tenant_suspended' },
    ])
  })
})

describe('confirmAnnouncement', () => {
  it('tells reachable owners who want announcements, once, also when two confirm at the same time', async () => {
    const tenant = await createTenant(db)
    const owner = { by: 'system', access: { kind: 'operator', role: 'operator' }, at: NOON } as const
    for (const telegramId of [81, 82, 83])
      await inTenant(db, tenant, (inner) => addOwner(inner, { telegramId, name: 'Sahip' }, owner))
    await person(81)
    await person(82)
    await tx((inner) => setPanelMuted(inner, 82, NOON))
    const input = { tenantId: tenant, text: 'Bakım var', authorId: 500, reference: 'panel:1:900' }
    const draft = await tx((inner) => draftAnnouncement(inner, input, OPERATOR))
    expect(draft.audience).toEqual({ recipients: [81], unreachable: 1, muted: 1 })
    expect(await db.selectFrom('panel_notice').selectAll().execute()).toEqual([])
    const { id } = draft.announcement
    const ends = await Promise.all([1, 2].map(() => tx((inner) => confirmAnnouncement(inner, id, OPERATOR))))
    expect(ends.map((end) => end.told).toSorted((a, b) => a - b)).toEqual([0, 1])
    expect(await findNoticeText(db, { announcementId: id })).toBe('Bakım var')
    const rows = await db.selectFrom('panel_notice').selectAll().execute()
    expect(rows).toMatchObject([{ recipient: 81, params: { announcement: id } }])
    const audit = await db.selectFrom('audit_log').selectAll().where('action', '=', 'announcement.sent').execute()
    expect(audit).toMatchObject([{ actor: 'operator:500', tenant_id: tenant, detail: { recipients: 1 } }])
  })

  it('is for operators alone, and says when nobody can be reached', async () => {
    const tenant = await createTenant(db)
    const input = { tenantId: tenant, text: 'a', authorId: 501, reference: 'panel:1:901' }
    const support = { ...OPERATOR, access: { kind: 'operator', role: 'support' } } as const
    await expect(tx((inner) => draftAnnouncement(inner, input, support))).rejects.toMatchObject({ kind: 'forbidden' })
    await expect(tx((inner) => confirmAnnouncement(inner, 1, support))).rejects.toMatchObject({ kind: 'forbidden' })
    await expect(tx((inner) => draftAnnouncement(inner, input, OPERATOR))).rejects.toMatchObject({
      code: 'announcement_nobody',
    })
  })
})

describe('recordFaults', () => {
  const fault = { cause: 'part:sending:a', what: 'part', params: { part: 'sending' } } as const
  const told = async (kind: string) =>
    (await db.selectFrom('panel_notice').select('dedupe_key').where('kind', '=', kind).execute()).length
  const look = (faults: readonly (typeof fault)[], at: number) => tx((inner) => recordFaults(inner, faults, at))

  it('tells of a cause once while it lasts, of its end after ten quiet minutes, and again when it is back', async () => {
    for (let minute = 0; minute < 5; minute += 1) await look([fault], NOON + minute * MINUTE_MS)
    expect([await told('fault_opened'), await told('fault_closed')]).toEqual([1, 0])
    const quiet = NOON + 4 * MINUTE_MS
    expect(await look([], quiet + 9 * MINUTE_MS)).toEqual({ opened: 0, closed: 0 })
    expect(await look([fault], quiet + 9 * MINUTE_MS)).toEqual({ opened: 0, closed: 0 })
    expect(await look([], quiet + 19 * MINUTE_MS)).toEqual({ opened: 0, closed: 1 })
    expect(await tx((inner) => listOpenFaults(inner))).toEqual([])
    expect(await look([fault], quiet + 20 * MINUTE_MS)).toEqual({ opened: 1, closed: 0 })
    expect([await told('fault_opened'), await told('fault_closed')]).toEqual([2, 1])
  })

  it('tells once when several processes see the same cause at the same time', async () => {
    await Promise.all(Array.from({ length: 6 }, () => look([fault], NOON)))
    expect(await told('fault_opened')).toBe(1)
  })

  it('shows no secret of what went wrong', async () => {
    const text = 'cannot reach postgres://app:geheim@db/x\n at stack'
    await look([{ ...fault, params: { part: 'sending', detail: text } } as never], NOON)
    const [alert] = await tx((inner) => listOpenFaults(inner))
    expect(alert?.params['detail']).toBe('cannot reach postgres://app:[secret]@db/x')
  })

  it('tells once that the database was away', async () => {
    await tx((inner) => noticeDatabaseBack(inner, NOON, NOON + MINUTE_MS))
    await tx((inner) => noticeDatabaseBack(inner, NOON, NOON + MINUTE_MS))
    expect(await told('fault_closed')).toBe(1)
  })
})
