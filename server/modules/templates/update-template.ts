import { AppError } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { requireWithinAllowance } from '#server/modules/billing/index.ts'

import { assertLintsClean } from './approve-template.ts'
import { checkTemplate } from './template-input.rules.ts'
import type { Template, TemplateInput } from './template.rules.ts'
import { templateVersion } from './template-version.rules.ts'
import { getTemplate, lockTemplate, rankOwnTemplate, readSenderName, updateTemplateRow } from './template.store.ts'

/**
 * Replaces a template's name, style and wording. A draft may change in every way. An approved template keeps its
 * class for good, and its new wording must lint without errors, since deliveries already planned will use it.
 * A template beyond the package's number is read-only; what is planned with it leaves. Locks the template and the
 * subscription. Errors: `not_found`, `invalid/…` naming the field, `invalid/template_lint`,
 * `conflict/template_name_taken`, `conflict/template_class_fixed`, `conflict/template_archived`,
 * `conflict/template_moved_on` when it is no longer the version that was looked at, `limit_reached/over_limit_read_only`.
 */
export const updateTemplate = async (
  tx: TenantTx,
  id: number,
  input: TemplateInput,
  expectedVersion?: string,
): Promise<Template> => {
  const content = checkTemplate(input)
  await lockTemplate(tx, id)
  await requireWithinAllowance(tx, 'templates', await rankOwnTemplate(tx, id))
  const before = await getTemplate(tx, id)
  if (expectedVersion !== undefined && expectedVersion !== templateVersion(before))
    throw new AppError('conflict', 'template_moved_on', { field: 'expectedVersion', template: id })
  if (before.state === 'archived') throw new AppError('conflict', 'template_archived', { field: 'id', template: id })
  if (before.state === 'approved') {
    if (content.messageClass !== before.messageClass) {
      throw new AppError('conflict', 'template_class_fixed', {
        field: 'messageClass',
        messageClass: before.messageClass,
      })
    }
    assertLintsClean(content, (await readSenderName(tx)).senderName)
  }
  if (!(await updateTemplateRow(tx, id, content))) {
    throw new AppError('conflict', 'template_name_taken', { field: 'name', name: content.name })
  }
  return getTemplate(tx, id)
}
