import { AppError } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { requireEntitlement } from '#server/modules/billing/index.ts'

import { checkTemplate } from './template-input.rules.ts'
import type { Template, TemplateInput } from './template.rules.ts'
import { getTemplate, insertTemplate } from './template.store.ts'

/**
 * Writes a new draft. Its wording may still be wrong: the lint says how, and approval refuses it until it is right.
 * `at` is epoch ms. `draftedBy` names the model that wrote it, if one did. Locks the subscription. Errors: `invalid/…` naming the field,
 * `conflict/template_name_taken`, `limit_reached/templates` and others of `requireEntitlement`.
 */
export const createTemplate = async (
  tx: TenantTx,
  input: TemplateInput,
  at: number,
  draftedBy: string | null = null,
): Promise<Template> => {
  const content = checkTemplate(input)
  await requireEntitlement(tx, 'templates', { at })
  const id = await insertTemplate(tx, content, at, 'own', draftedBy)
  if (id === null) throw new AppError('conflict', 'template_name_taken', { field: 'name', name: content.name })
  return getTemplate(tx, id)
}
