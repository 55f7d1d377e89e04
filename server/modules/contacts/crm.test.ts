import { describe, expect, it } from 'vitest'

import type { MemberRole } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import type { ActingPerson } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

import { addTask, changeTask, listTasks } from './change-task.ts'
import { createPipeline, removePipeline, renamePipelineStage, setPipelineStages } from './change-pipeline.ts'
import { eraseContact } from './erase-contact.ts'
import { exportContact } from './export-contact.ts'
import { mergeContacts } from './merge-contacts.ts'
import { findPipeline, listContactStages, moveContact, showBoard } from './move-contact.ts'
import { addContactNote, listContactNotes, removeContactNote } from './note-contact.ts'
import { unassignTasks } from './task.store.ts'
import { tickTasks } from './tick-tasks.ts'

const database = await createTestDatabase()
const db = createDb(database.pool)

const acting = (role: MemberRole, at = NOON): ActingPerson => ({ by: 'member:1', access: { kind: 'member', role }, at })
const agent = acting('agent')
const admin = acting('admin')
const analyst = acting('analyst')
const forbidden = { kind: 'forbidden' }
const missing = { kind: 'not_found' }

const createCrmWorld = async () => {
  const tenantId = await createTenant(db)
  const accountId = await createAccount(db, tenantId)
  const contactId = await createContact(db, tenantId, { accountId })
  const { id: memberId } = await db
    .insertInto('member')
    .values({
      tenant_id: tenantId,
      telegram_id: 5,
      role: 'agent',
      name: 'Ayla',
      invited_by: 'test',
      joined_at: toDate(NOON),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const within = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
  const pipeline = () =>
    within((tx) => createPipeline(tx, { name: 'Satış', stages: ['Yeni', 'Teklif', 'Kazanıldı'] }, admin))
  return { tenantId, accountId, contactId, memberId, within, pipeline }
}

describe('addContactNote', () => {
  it('keeps notes, newest first, until somebody removes them', async () => {
    const { contactId, within } = await createCrmWorld()
    const note = (text: string, actor = agent) => within((tx) => addContactNote(tx, { contactId, text }, actor))
    const first = await note(' VIP müşteri ')
    await note('Fatura ister', { ...agent, at: NOON + 1 })
    const list = () => within((tx) => listContactNotes(tx, contactId, agent))
    expect((await list()).map((row) => row.text)).toEqual(['Fatura ister', 'VIP müşteri'])
    await within((tx) => removeContactNote(tx, first, agent))
    expect(await list()).toHaveLength(1)
    await expect(within((tx) => removeContactNote(tx, first, agent))).rejects.toMatchObject(missing)
    await expect(note('')).rejects.toMatchObject({ code: 'text_length' })
    await expect(note('x', analyst)).rejects.toMatchObject(forbidden)
    const other = await createCrmWorld()
    await expect(other.within((tx) => addContactNote(tx, { contactId, text: 'x' }, agent))).rejects.toMatchObject(
      missing,
    )
    expect(await other.within((tx) => listContactNotes(tx, contactId, agent))).toEqual([])
  })
})

describe('addTask', () => {
  it('is given to somebody, done, opened again, and listed by when it is due', async () => {
    const { contactId, memberId, within } = await createCrmWorld()
    const add = (title: string, dueAt: number | null, assignedTo: number | null = null) =>
      within((tx) => addTask(tx, { contactId, title, dueAt, assignedTo }, agent))
    await add('Bir gün ara', null)
    const late = await add('Teklif yolla', NOON - HOUR_MS, memberId)
    await add('Yarın ara', NOON + DAY_MS)
    const list = (filter: Parameters<typeof listTasks>[1]) =>
      within(async (tx) => (await listTasks(tx, filter, { limit: 10 }, agent)).map((task) => task.title))
    expect(await list({ contactId })).toEqual(['Teklif yolla', 'Yarın ara', 'Bir gün ara'])
    expect(await list({ overdueAt: NOON })).toEqual(['Teklif yolla'])
    expect(await list({ assignedTo: memberId })).toEqual(['Teklif yolla'])
    expect(await list({ assignedTo: null })).toEqual(['Yarın ara', 'Bir gün ara'])
    const done = await within((tx) => changeTask(tx, { id: late.id, isDone: true }, agent))
    expect(done).toMatchObject({ doneAt: NOON, doneBy: 'member:1' })
    expect(await list({ isDone: true })).toEqual(['Teklif yolla'])
    expect(await within((tx) => changeTask(tx, { id: late.id, isDone: false }, agent))).toMatchObject({ doneAt: null })
    await expect(add('x', null, 999_999)).rejects.toMatchObject({ code: 'assignee' })
    await expect(add('x', NOON * 3)).rejects.toMatchObject({ code: 'task_due' })
    await expect(within((tx) => addTask(tx, { contactId, title: 'x' }, analyst))).rejects.toMatchObject(forbidden)
    expect(await within((tx) => unassignTasks(tx, memberId))).toBe(1)
    expect(await list({ assignedTo: memberId })).toEqual([])
  })
})

describe('tickTasks', () => {
  it('tells of an overdue task once, and again after it got another time', async () => {
    const { tenantId, contactId, within } = await createCrmWorld()
    const { id } = await within((tx) => addTask(tx, { contactId, title: 'Ara', dueAt: NOON }, agent))
    const told = async (at: number) => {
      await tickTasks({ db }, at)
      const rows = await db
        .selectFrom('domain_event')
        .select('payload')
        .where('tenant_id', '=', tenantId)
        .where('type', '=', 'task.overdue')
        .execute()
      return rows.length
    }
    expect(await told(NOON - 1)).toBe(0)
    expect(await told(NOON)).toBe(1)
    expect(await told(NOON + 1)).toBe(1)
    await within((tx) => changeTask(tx, { id, dueAt: NOON + HOUR_MS }, agent))
    expect(await told(NOON + HOUR_MS)).toBe(2)
    await within((tx) => changeTask(tx, { id, dueAt: NOON + 2 * HOUR_MS, isDone: true }, agent))
    expect(await told(NOON + 3 * HOUR_MS)).toBe(2)
  })
})

describe('moveContact', () => {
  it('moves along the stages, keeps where they stood, and counts the board', async () => {
    const { contactId, within, pipeline } = await createCrmWorld()
    const { id: pipelineId, stages } = await pipeline()
    const move = (index: number | null, at: number, actor = agent) =>
      within((tx) =>
        moveContact(
          tx,
          { contactId, pipelineId, stageId: index === null ? null : (stages[index]?.id ?? 0) },
          { ...actor, at },
        ),
      )
    expect(await move(0, NOON)).toBe(true)
    expect(await move(0, NOON + 1)).toBe(false)
    await move(2, NOON + DAY_MS)
    const board = async () => {
      const found = await within((tx) => showBoard(tx, 'Satış', agent))
      return found.stages.map((stage) => `${stage.name} ${stage.contacts}`)
    }
    expect(await board()).toEqual(['Yeni 0', 'Teklif 0', 'Kazanıldı 1'])
    const history = await within((tx) => listContactStages(tx, contactId, agent))
    expect(history.map(({ stage, since, until }) => [stage, since, until])).toEqual([
      ['Kazanıldı', NOON + DAY_MS, null],
      ['Yeni', NOON, NOON + DAY_MS],
    ])
    await expect(move(1, NOON, analyst)).rejects.toMatchObject(forbidden)
    await expect(
      within((tx) => moveContact(tx, { contactId, pipelineId, stageId: 999_999 }, agent)),
    ).rejects.toMatchObject(missing)
    await move(null, NOON + 2 * DAY_MS)
    expect(await board()).toEqual(['Yeni 0', 'Teklif 0', 'Kazanıldı 0'])
  })

  it('lets a contact stand at one stage of a pipeline whoever moves them at the same moment', async () => {
    const { contactId, within, pipeline } = await createCrmWorld()
    const { id: pipelineId, stages } = await pipeline()
    await Promise.all(
      Array.from({ length: 9 }, (_, i) =>
        within((tx) => moveContact(tx, { contactId, pipelineId, stageId: stages[i % 3]?.id ?? 0 }, agent)),
      ),
    )
    const { stages: counted } = await within((tx) => showBoard(tx, null, agent))
    expect(counted.reduce((sum, stage) => sum + stage.contacts, 0)).toBe(1)
  })
})

describe('setPipelineStages', () => {
  it('puts stages in another order and gives them names, but takes none away that somebody stood at', async () => {
    const { contactId, within, pipeline } = await createCrmWorld()
    const { id, stages } = await pipeline()
    const offer = stages[1]?.id ?? 0
    await within((tx) => moveContact(tx, { contactId, pipelineId: id, stageId: offer }, agent))
    const set = (names: readonly string[], actor = admin) =>
      within((tx) => setPipelineStages(tx, { id, stages: names }, actor))
    const names = (found: Awaited<ReturnType<typeof set>>) => found.stages.map((stage) => stage.name)
    expect(names(await set(['Teklif', 'Görüşme', 'Yeni']))).toEqual(['Teklif', 'Görüşme', 'Yeni'])
    await expect(set(['Yeni'])).rejects.toMatchObject({
      code: 'pipeline_stage_used',
      params: { stage: 'Teklif', count: 1 },
    })
    const renamed = await within((tx) => renamePipelineStage(tx, { id, stage: 'Teklif', name: 'Fiyat' }, admin))
    expect(names(renamed)).toEqual(['Fiyat', 'Görüşme', 'Yeni'])
    expect(renamed.stages[0]?.id).toBe(offer)
    for (const bad of [[], ['a', 'A'], [''], Array.from({ length: 31 }, (_, i) => `s${i}`)])
      await expect(set(bad)).rejects.toMatchObject({ code: 'pipeline_stages' })
    await expect(set(['Yeni'], agent)).rejects.toMatchObject(forbidden)
    await expect(pipeline()).rejects.toMatchObject({ code: 'pipeline_name_taken' })
    await within((tx) => removePipeline(tx, id, admin))
    await expect(within((tx) => findPipeline(tx, 'Satış'))).rejects.toMatchObject(missing)
  })
})

describe('a contact’s conversations, notes, tasks, stages and ratings', () => {
  const fill = async (world: Awaited<ReturnType<typeof createCrmWorld>>, contactId: number, stage: number) => {
    const { tenantId, accountId, within } = world
    const pipeline = await within((tx) => findPipeline(tx, 'Satış'))
    const { id } = await db
      .insertInto('conversation')
      .values({
        tenant_id: tenantId,
        account_id: accountId,
        contact_id: contactId,
        opened_at: toDate(NOON),
        last_inbound_at: toDate(NOON),
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    await db
      .insertInto('conversation_event')
      .values({
        tenant_id: tenantId,
        conversation_id: id,
        contact_id: contactId,
        at: toDate(NOON),
        kind: 'note',
        by: 'cli',
        text: `gizli ${contactId}`,
      })
      .execute()
    await db
      .insertInto('conversation_rating')
      .values({
        tenant_id: tenantId,
        contact_id: contactId,
        conversation_id: id,
        account_id: accountId,
        delivery_id: contactId,
        scale: 'points',
        asked_at: toDate(NOON),
        answered_by: 'human',
        value: 4,
        rated_at: toDate(NOON),
        comment: 'gizli yorum',
      })
      .execute()
    await within((tx) => addContactNote(tx, { contactId, text: 'gizli not' }, agent))
    await within((tx) => addTask(tx, { contactId, title: 'gizli görev' }, agent))
    const stageId = pipeline.stages[stage]?.id ?? 0
    await within((tx) => moveContact(tx, { contactId, pipelineId: pipeline.id, stageId }, agent))
  }
  const sections = ['conversations', 'conversationEvents', 'ratings', 'notes', 'tasks', 'stages'] as const

  it('are exported and erased whole; of a rating the figure stays', async () => {
    const world = await createCrmWorld()
    await world.pipeline()
    await fill(world, world.contactId, 0)
    const exported = await world.within((tx) => exportContact(tx, world.contactId, NOON))
    for (const section of sections) expect(exported.sections[section]).toHaveLength(1)
    await world.within((tx) => eraseContact(tx, world.contactId, { by: 'test', at: NOON }))
    const left = await world.within((tx) => exportContact(tx, world.contactId, NOON))
    for (const section of sections) expect(left.sections[section]).toEqual([])
    const ratings = await db
      .selectFrom('conversation_rating')
      .selectAll()
      .where('tenant_id', '=', world.tenantId)
      .execute()
    expect(ratings).toMatchObject([{ value: 4, contact_id: null, conversation_id: null, comment: null }])
  })

  it('go along when two records become one', async () => {
    const world = await createCrmWorld()
    await world.pipeline()
    const goneId = await createContact(db, world.tenantId, { accountId: world.accountId })
    await db.updateTable('contact').set({ telegram_id: null }).where('id', '=', goneId).execute()
    await fill(world, world.contactId, 0)
    await fill(world, goneId, 2)
    await world.within((tx) => mergeContacts(tx, world.contactId, goneId, NOON))
    const { sections: kept } = await world.within((tx) => exportContact(tx, world.contactId, NOON))
    expect(sections.map((section) => kept[section].length)).toEqual([1, 2, 2, 2, 2, 2])
    const board = await world.within((tx) => showBoard(tx, null, agent))
    expect(board.stages.map((stage) => stage.contacts)).toEqual([1, 0, 0])
  })
})
