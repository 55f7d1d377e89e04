import {
  type ContactStage,
  type ContactTask,
  addContactNote,
  addTask,
  changeTask,
  findPipeline,
  listContactNotes,
  listContactStages,
  listTasks,
  moveContact,
  removeContactNote,
} from '#server/modules/contacts/index.ts'
import { notFound } from '#server/base/errors.ts'

import { MEMBER_OPTION, actingMember, readMember } from '../acting-member.ts'
import { type AnyCommand, command } from '../command.ts'
import type { CliContext } from '../context.ts'
import { manyLines, renderTable } from '../present/table.ts'
import { readWhen } from '../read-when.ts'
import { resolveContact } from '../resolve-contact.ts'

const ID_MAX = Number.MAX_SAFE_INTEGER
const CONTACT = [{ name: 'contact' }] as const

/** Notes of a contact; with `--text` keeps one more, with `--remove` takes one away. */
const note = command({
  name: 'note',
  args: CONTACT,
  options: [{ name: 'text', value: 'text' }, { name: 'remove-note', value: 'id' }, MEMBER_OPTION],
  run: (context, input) =>
    context.change(async (tx) => {
      const actor = await actingMember(tx, context, input)
      const { id: contactId } = await resolveContact(tx, input.arg('contact'))
      const [text, gone] = [input.text('text'), input.whole('remove-note', 1, ID_MAX)]
      if (text !== null) await addContactNote(tx, { contactId, text }, actor)
      if (gone !== null) await removeContactNote(tx, gone, actor)
      return listContactNotes(tx, contactId, actor)
    }),
  render: async (context, notes) => {
    const { timeZone } = await context.tenant()
    if (notes.length === 0) return context.t('crmNotes.none')
    return notes
      .map(
        ({ id, at, writtenBy, text }) =>
          `${id} · ${context.formats.instant(at, timeZone)} · ${writtenBy}\n  ${manyLines(text)}`,
      )
      .join('\n\n')
  },
})

const renderTasks = async (context: CliContext, tasks: readonly ContactTask[]): Promise<string> => {
  const { t, terminal, formats, now } = context
  const { timeZone } = await context.tenant()
  return renderTable(
    terminal,
    [
      { title: t('column.id'), value: (row) => row.id, align: 'right' },
      { title: t('column.contact'), value: (row) => row.contactId, align: 'right' },
      { title: t('crmTasks.title'), value: (row) => row.title },
      {
        title: t('column.due'),
        value: (row) => (row.dueAt === null ? '–' : formats.instant(row.dueAt, timeZone)),
        style: (row) => (row.doneAt === null && row.dueAt !== null && row.dueAt <= now() ? 'red' : null),
      },
      { title: t('inbox.assigned'), value: (row) => row.assignedTo ?? '–' },
      { title: t('crmTasks.done'), value: (row) => (row.doneAt === null ? '' : formats.instant(row.doneAt, timeZone)) },
    ],
    tasks,
    t('crmTasks.none'),
  )
}

const tasks = command({
  name: 'tasks',
  options: [
    { name: 'contact-id', value: 'id' },
    { name: 'assigned', value: 'me|nobody|id' },
    { name: 'late' },
    { name: 'done' },
    { name: 'limit', value: 'n' },
    MEMBER_OPTION,
  ],
  run: (context, input) =>
    context.read(async (tx) => {
      const actor = await actingMember(tx, context, input)
      const [contactId, assigned] = [input.whole('contact-id', 1, ID_MAX), readMember(input.text('assigned'), actor)]
      const filter = {
        ...(contactId !== null && { contactId }),
        ...(assigned !== null && { assignedTo: assigned.id }),
        ...(input.isOn('late') && { overdueAt: actor.at }),
        ...(input.isOn('done') && { isDone: true }),
      }
      return listTasks(tx, filter, { limit: input.whole('limit', 1, 200) ?? 50 }, actor)
    }),
  render: renderTasks,
})

const task = command({
  name: 'task',
  args: CONTACT,
  options: [
    { name: 'title', value: 'text', required: true },
    { name: 'due', value: 'when' },
    { name: 'assigned', value: 'me|nobody|id' },
    MEMBER_OPTION,
  ],
  run: (context, input) =>
    context.change(async (tx) => {
      const actor = await actingMember(tx, context, input)
      const { id: contactId } = await resolveContact(tx, input.arg('contact'))
      const [due, assigned] = [input.text('due'), readMember(input.text('assigned'), actor)]
      const dueAt = due === null ? null : readWhen('--due', due, actor.at)
      const title = input.text('title') ?? ''
      return addTask(tx, { contactId, title, dueAt, assignedTo: assigned?.id ?? null }, actor)
    }),
  render: (context, made) => renderTasks(context, [made]),
})

const changeOne = command({
  name: 'task-change',
  args: [{ name: 'task' }],
  options: [
    { name: 'title', value: 'text' },
    { name: 'due', value: 'when' },
    { name: 'assigned', value: 'me|nobody|id' },
    { name: 'done' },
    { name: 'undone' },
    MEMBER_OPTION,
  ],
  run: (context, input) =>
    context.change(async (tx) => {
      const actor = await actingMember(tx, context, input)
      const [title, due] = [input.text('title'), input.text('due')]
      const assigned = readMember(input.text('assigned'), actor)
      const change = {
        ...(title !== null && { title }),
        ...(due !== null && { dueAt: readWhen('--due', due, actor.at) }),
        ...(assigned !== null && { assignedTo: assigned.id }),
        ...(input.isOn('done') && { isDone: true }),
        ...(input.isOn('undone') && { isDone: false }),
      }
      return changeTask(tx, { id: input.id('task'), ...change }, actor)
    }),
  render: (context, changed) => renderTasks(context, [changed]),
})

const renderStages = async (context: CliContext, stages: readonly ContactStage[]): Promise<string> => {
  const { t, terminal, formats } = context
  const { timeZone } = await context.tenant()
  return renderTable(
    terminal,
    [
      { title: t('pipelines.pipeline'), value: (row) => row.pipeline },
      { title: t('pipelines.stage'), value: (row) => row.stage },
      { title: t('contacts.since'), value: (row) => formats.instant(row.since, timeZone) },
      { title: t('pipelines.until'), value: (row) => (row.until === null ? '' : formats.instant(row.until, timeZone)) },
      { title: t('column.changed'), value: (row) => row.movedBy },
    ],
    stages,
    t('pipelines.nowhere'),
  )
}

/** Where a contact stands and stood; with a stage, moves them there, with `-` out of the pipeline. */
const stage = command({
  name: 'stage',
  args: [...CONTACT, { name: 'stage', optional: true }],
  options: [{ name: 'pipeline', value: 'name' }, MEMBER_OPTION],
  run: (context, input) =>
    context.change(async (tx) => {
      const actor = await actingMember(tx, context, input)
      const { id: contactId } = await resolveContact(tx, input.arg('contact'))
      const wanted = input.findArg('stage')
      if (wanted !== null) {
        const pipeline = await findPipeline(tx, input.text('pipeline'))
        const found = pipeline.stages.find((row) => row.name === wanted || String(row.id) === wanted)
        if (!found && wanted !== '-') throw notFound('stage', wanted)
        await moveContact(tx, { contactId, pipelineId: pipeline.id, stageId: found?.id ?? null }, actor)
      }
      return listContactStages(tx, contactId, actor)
    }),
  render: renderStages,
})

/** What members keep of a contact: notes, tasks, stages. */
export const contactKeeping: readonly AnyCommand[] = [note, tasks, task, changeOne, stage]
