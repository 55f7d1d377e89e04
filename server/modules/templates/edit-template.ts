import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { approveTemplate } from './approve-template.ts'
import { archiveTemplate } from './archive-template.ts'
import { createTemplate } from './create-template.ts'
import type { Template, TemplateInput } from './template.rules.ts'
import { getTemplate } from './template.store.ts'
import { updateTemplate } from './update-template.ts'

const audit = (tx: TenantTx, action: string, id: number, { by, at }: ActingPerson): Promise<void> =>
  recordAudit(tx, { tenantId: tx.tenantId, actor: by, action: `template.${action}`, target: `template:${id}`, at })

/** A person writes a new draft. Audited. Errors: `forbidden/not_allowed` and those of {@link createTemplate}. */
export const writeTemplate = async (tx: TenantTx, input: TemplateInput, actor: ActingPerson): Promise<Template> => {
  requireCan(actor.access, 'templates.edit')
  const template = await createTemplate(tx, input, actor.at)
  await audit(tx, 'created', template.id, actor)
  return template
}

/**
 * A person changes a template; refused when it is no longer what they looked at. What is approved is what people get, so
 * changing it takes the right to approve. Audited. Errors: `forbidden/not_allowed` and those of {@link updateTemplate}.
 */
export const rewriteTemplate = async (
  tx: TenantTx,
  id: number,
  input: TemplateInput,
  expectedVersion: string,
  actor: ActingPerson,
): Promise<Template> => {
  requireCan(actor.access, 'templates.edit')
  const template = await updateTemplate(tx, id, input, expectedVersion)
  if (template.state === 'approved') requireCan(actor.access, 'templates.approve')
  await audit(tx, 'updated', id, actor)
  return template
}

/** A person lets a template be sent. Audited. Errors: `forbidden/not_allowed` and those of {@link approveTemplate}. */
export const releaseTemplate = async (tx: TenantTx, id: number, actor: ActingPerson): Promise<Template> => {
  requireCan(actor.access, 'templates.approve')
  const template = await approveTemplate(tx, id, actor.at)
  await audit(tx, 'approved', id, actor)
  return template
}

/** A person takes a template out of use. Audited. Errors: `forbidden/not_allowed`, `not_found`. */
export const retireTemplate = async (tx: TenantTx, id: number, actor: ActingPerson): Promise<Template> => {
  requireCan(actor.access, 'templates.edit')
  await archiveTemplate(tx, id, actor.at)
  await audit(tx, 'archived', id, actor)
  return getTemplate(tx, id)
}
