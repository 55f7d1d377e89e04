import type { Problem } from '../../api/client.ts'
import type { FieldFault } from '../../lib/field-fault.ts'
import type { Preview, TemplateDraft } from './template-draft.ts'

/** What the server found in the wordings, each at the place of the form where it is mended. */
export const findingsOf = ({ variants }: TemplateDraft, { findings }: Preview): readonly FieldFault[] =>
  findings.map(({ field, variant, locale, detail, severity }) => {
    const i = variants.findIndex((wording) => wording.name === variant && wording.locale === locale)
    return { field: i < 0 ? field : `variants[${i}].${field}`, detail, isError: severity === 'error' }
  })

/** What the server refused to save or approve, at its place. */
export const refusalOf = ({ variants }: TemplateDraft, problem: Problem | null): FieldFault | null => {
  if (problem?.field === undefined) return null
  const { variant, locale } = problem.params ?? {}
  const i = variants.findIndex((wording) => wording.name === variant && wording.locale === locale)
  const isLint = problem.code === 'template_lint' && i >= 0
  return { field: isLint ? `variants[${i}].${problem.field}` : problem.field, detail: problem.detail, isError: true }
}
