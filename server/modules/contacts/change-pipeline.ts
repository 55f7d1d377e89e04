import { AppError, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { type Pipeline, checkPipelineName, checkStages } from './crm.rules.ts'
import {
  countStanding,
  deletePipeline,
  deleteStages,
  insertPipeline,
  lockPipeline,
  renameStage,
  saveStages,
} from './pipeline.store.ts'

const requirePipeline = async (tx: TenantTx, id: number): Promise<Pipeline> => {
  const pipeline = await lockPipeline(tx, id)
  if (!pipeline) throw notFound('pipeline', id)
  return pipeline
}

const audit = (tx: TenantTx, action: string, id: number, { by, at }: ActingPerson, detail = {}): Promise<void> =>
  recordAudit(tx, { tenantId: tx.tenantId, actor: by, action, target: `pipeline:${id}`, detail, at })

/**
 * A tenant's own pipeline with its stages in order. Audited. Errors: `forbidden/not_allowed`, `invalid/text_length`,
 * `invalid/pipeline_stages`, `conflict/pipeline_name_taken`.
 */
export const createPipeline = async (
  tx: TenantTx,
  given: { readonly name: string; readonly stages: readonly string[] },
  actor: ActingPerson,
): Promise<Pipeline> => {
  requireCan(actor.access, 'settings.edit')
  const [name, stages] = [checkPipelineName(given.name), checkStages(given.stages)]
  const id = await insertPipeline(tx, name, actor.at)
  if (id === null) throw new AppError('conflict', 'pipeline_name_taken', { field: 'name', name })
  await saveStages(tx, id, stages)
  await audit(tx, 'pipeline.created', id, actor, { stages: stages.length })
  return requirePipeline(tx, id)
}

/**
 * Puts other stages, or the same in another order. Stages at which contacts stand or stood cannot be left out. Locks the
 * pipeline. Audited. Errors: as {@link createPipeline}, `not_found`, `conflict/pipeline_stage_used`.
 */
export const setPipelineStages = async (
  tx: TenantTx,
  given: { readonly id: number; readonly stages: readonly string[] },
  actor: ActingPerson,
): Promise<Pipeline> => {
  requireCan(actor.access, 'settings.edit')
  const stages = checkStages(given.stages)
  const pipeline = await requirePipeline(tx, given.id)
  const gone = pipeline.stages.filter((stage) => !stages.includes(stage.name))
  const standing = await countStanding(
    tx,
    gone.map((stage) => stage.id),
  )
  for (const stage of gone) {
    const count = standing.get(stage.id)
    if (count !== undefined) throw new AppError('conflict', 'pipeline_stage_used', { stage: stage.name, count })
  }
  await deleteStages(
    tx,
    gone.map((stage) => stage.id),
  )
  await saveStages(tx, given.id, stages)
  await audit(tx, 'pipeline.stages_changed', given.id, actor, { before: pipeline.stages.length, after: stages.length })
  return requirePipeline(tx, given.id)
}

/**
 * Gives a stage another name; who stands there stays. Locks the pipeline. Audited. Errors: as {@link setPipelineStages}.
 */
export const renamePipelineStage = async (
  tx: TenantTx,
  given: { readonly id: number; readonly stage: string; readonly name: string },
  actor: ActingPerson,
): Promise<Pipeline> => {
  requireCan(actor.access, 'settings.edit')
  const pipeline = await requirePipeline(tx, given.id)
  const stage = pipeline.stages.find((found) => found.name === given.stage)
  if (!stage) throw notFound('stage', given.stage)
  const name = given.name.trim()
  checkStages(pipeline.stages.map((found) => (found.id === stage.id ? name : found.name)))
  await renameStage(tx, stage.id, name)
  await audit(tx, 'pipeline.stage_renamed', given.id, actor, { stage: stage.id })
  return requirePipeline(tx, given.id)
}

/**
 * Takes a pipeline away, and with it where contacts stand and stood in it. Locks the pipeline. Audited.
 * Errors: `forbidden/not_allowed`, `not_found`.
 */
export const removePipeline = async (tx: TenantTx, id: number, actor: ActingPerson): Promise<void> => {
  requireCan(actor.access, 'settings.edit')
  await requirePipeline(tx, id)
  await deletePipeline(tx, id)
  await audit(tx, 'pipeline.removed', id, actor)
}
