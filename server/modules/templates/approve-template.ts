import { AppError, invalid } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { requireWithinAllowance } from '#server/modules/billing/index.ts'

import { type LintableTemplate, lintTemplate } from './lint.rules.ts'
import type { Template } from './template.rules.ts'
import { getTemplate, lockTemplate, rankOwnTemplate, readSenderName, setTemplateState } from './template.store.ts'

/** Throws `invalid/template_lint` naming the first error of the lint and how many there are. */
export const assertLintsClean = (template: LintableTemplate, senderName: string): void => {
  const errors = lintTemplate(template, { senderName }).filter((finding) => finding.severity === 'error')
  const [first] = errors
  if (!first) return
  const { code, variant, locale, params } = first
  throw invalid('template_lint', first.field, {
    ...params,
    finding: code,
    variant: variant ?? '-',
    locale: locale ?? '-',
    errors: errors.length,
  })
}

/**
 * Lets a draft be sent and fixes its message class for good. Approving an approved template changes nothing. Locks the
 * template; `at` is epoch ms. Errors: `not_found`, `invalid/template_lint`, `conflict/template_archived`,
 * `limit_reached/over_limit_read_only`.
 */
export const approveTemplate = async (tx: TenantTx, id: number, at: number): Promise<Template> => {
  await lockTemplate(tx, id)
  const template = await getTemplate(tx, id)
  if (template.state === 'archived') throw new AppError('conflict', 'template_archived', { field: 'id', template: id })
  if (template.state === 'approved') return template
  await requireWithinAllowance(tx, 'templates', await rankOwnTemplate(tx, id))
  assertLintsClean(template, (await readSenderName(tx)).senderName)
  await setTemplateState(tx, id, 'approved', at)
  return getTemplate(tx, id)
}
