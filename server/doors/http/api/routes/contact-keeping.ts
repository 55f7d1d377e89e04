import type { Api } from '#contract/api.ts'
import {
  type ContactTask,
  addContactNote,
  addTask,
  changeTask,
  listContactNotes,
  listContactStages,
  listPipelines,
  listTasks,
  moveContact,
} from '#server/modules/contacts/index.ts'

import type { RoomHandlers } from '../call.ts'
import { given } from '../given.ts'
import { getPerson } from './living-contact.ts'

type Keeping = 'listNotes' | 'addNote' | 'listTasks' | 'addTask' | 'changeTask' | 'listStages' | 'moveStage'

const TASKS_SHOWN = 200

const presentTask = ({ id, title, dueAt, assignedTo, createdBy, createdAt, doneAt, doneBy }: ContactTask) => ({
  id,
  title,
  dueAt,
  assignedTo,
  createdBy,
  createdAt,
  doneAt,
  doneBy,
})

/** What members note about contacts, what is to be done about them, and how far along they are. */
export const KEEPING: Pick<RoomHandlers<Api['contacts']>, Keeping> = {
  listNotes: ({ inTenant, actor, params }) =>
    inTenant(async (tx) => {
      const { id } = await getPerson(tx, params.id)
      const notes = await listContactNotes(tx, id, actor)
      return { items: notes.map(({ id: noteId, text, writtenBy, at }) => ({ id: noteId, text, writtenBy, at })) }
    }),
  addNote: ({ inTenant, actor, params, body: { text } }) =>
    inTenant(async (tx) => {
      const { id } = await getPerson(tx, params.id)
      return { id: await addContactNote(tx, { contactId: id, text }, actor) }
    }),
  listTasks: ({ inTenant, actor, params, query: { which } }) =>
    inTenant(async (tx) => {
      const { id: contactId } = await getPerson(tx, params.id)
      const tasks = await listTasks(tx, { contactId, isDone: which === 'done' }, { limit: TASKS_SHOWN }, actor)
      return { items: tasks.map(presentTask) }
    }),
  addTask: ({ inTenant, actor, params, body: { title, ...rest } }) =>
    inTenant(async (tx) => {
      const { id: contactId } = await getPerson(tx, params.id)
      return presentTask(await addTask(tx, { contactId, title, ...given(rest) }, actor))
    }),
  changeTask: ({ inTenant, actor, params: { id }, body }) =>
    inTenant(async (tx) => presentTask(await changeTask(tx, { id, ...given(body) }, actor))),
  listStages: ({ inTenant, actor, params }) =>
    inTenant(async (tx) => {
      const { id: contactId } = await getPerson(tx, params.id)
      const standing = (await listContactStages(tx, contactId, actor)).filter(({ until }) => until === null)
      const pipelines = await listPipelines(tx)
      return {
        pipelines: pipelines.map(({ id, name, stages }) => {
          const now = standing.find(({ pipelineId }) => pipelineId === id)
          const standsAt = now ? { stageId: now.stageId, since: now.since, movedBy: now.movedBy } : null
          return { id, name, stages, standsAt }
        }),
      }
    }),
  moveStage: ({ inTenant, actor, params: { id, pipelineId }, body: { stageId } }) =>
    inTenant(async (tx) => {
      const { id: contactId } = await getPerson(tx, id)
      return { hasMoved: await moveContact(tx, { contactId, pipelineId, stageId }, actor) }
    }),
}
