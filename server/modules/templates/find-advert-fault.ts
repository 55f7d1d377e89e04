import type { TenantTx } from '#server/db/tenant-scope.ts'

import { hasLintErrors, lintTemplate } from './lint.rules.ts'
import type { LintFinding } from './lint-finding.rules.ts'
import { getTemplate, readSenderName } from './template.store.ts'

/**
 * What keeps a template from being sent as advertising: no label, no sender, or anything else the lint calls an error;
 * null when nothing does. Errors: `not_found`.
 */
export const findAdvertFault = async (tx: TenantTx, templateId: number): Promise<LintFinding | null> => {
  const template = await getTemplate(tx, templateId)
  const { senderName } = await readSenderName(tx)
  const findings = lintTemplate(template, { senderName, isAdvert: true })
  return findings.find((finding) => hasLintErrors([finding])) ?? null
}
