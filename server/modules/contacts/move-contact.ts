import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'

import { lockLivingContact } from './lock-living-contact.ts'
import type { Pipeline, PipelineStage } from './crm.rules.ts'
import {
  type ContactStage,
  countBoard,
  endStage,
  insertContactStage,
  selectContactStages,
  selectPipelines,
} from './pipeline.store.ts'

/** One of a tenant's pipelines by name or number, or its only one. Errors: `not_found`. */
export const findPipeline = async (tx: TenantTx, reference: string | null): Promise<Pipeline> => {
  const pipelines = await selectPipelines(tx)
  const found =
    reference === null
      ? pipelines.length === 1
        ? pipelines[0]
        : undefined
      : pipelines.find((row) => row.name === reference || String(row.id) === reference)
  if (!found) throw notFound('pipeline', reference ?? '–')
  return found
}

/**
 * Moves a contact to a stage of a pipeline, or with null out of it; where they stood stays as history. Returns whether
 * they moved. Locks the contact. Errors: `forbidden/not_allowed`, `not_found` (contact, pipeline or stage).
 */
export const moveContact = async (
  tx: TenantTx,
  move: { readonly contactId: number; readonly pipelineId: number; readonly stageId: number | null },
  { by, access, at }: ActingPerson,
): Promise<boolean> => {
  requireCan(access, 'contacts.edit')
  const { pipelineId, stageId } = move
  const pipeline = await findPipeline(tx, String(pipelineId))
  if (stageId !== null && !pipeline.stages.some((stage) => stage.id === stageId)) throw notFound('stage', stageId)
  const contactId = await lockLivingContact(tx, move.contactId)
  const stages = await selectContactStages(tx, contactId)
  const now = stages.find((stage) => stage.pipelineId === pipelineId && stage.until === null)
  if ((now?.stageId ?? null) === stageId) return false
  await endStage(tx, contactId, pipelineId, at)
  if (stageId !== null) {
    const since = Math.max(at, now?.since ?? at)
    await insertContactStage(tx, { contactId, pipelineId, stageId, at: since, by })
  }
  return true
}

/** Where a contact stands and stood, newest first. Errors: `forbidden/not_allowed`. */
export const listContactStages = (
  tx: TenantTx,
  contactId: number,
  { access }: Pick<ActingPerson, 'access'>,
): Promise<readonly ContactStage[]> => {
  requireCan(access, 'contacts.view')
  return selectContactStages(tx, contactId)
}

export interface Board {
  readonly id: number
  readonly name: string
  readonly stages: readonly (PipelineStage & { readonly contacts: number })[]
}

/** How many contacts stand where in a pipeline. Errors: `forbidden/not_allowed`, `not_found`. */
export const showBoard = async (
  tx: TenantTx,
  reference: string | null,
  { access }: Pick<ActingPerson, 'access'>,
): Promise<Board> => {
  requireCan(access, 'contacts.view')
  const { id, name, stages } = await findPipeline(tx, reference)
  const counts = await countBoard(tx, id)
  return { id, name, stages: stages.map((stage) => ({ ...stage, contacts: counts.get(stage.id) ?? 0 })) }
}
