import type { Locale } from '#contract/words.ts'
import { translatorsOf } from '#server/base/translate.ts'
import type { LintFinding } from '#server/modules/templates/index.ts'

const lintTexts = translatorsOf('lint')

/** What the lint found, in the words of a language. */
export const showFinding =
  (locale: Locale) =>
  ({ params, ...finding }: LintFinding) => ({ ...finding, detail: lintTexts(locale)(finding.code, params) })
