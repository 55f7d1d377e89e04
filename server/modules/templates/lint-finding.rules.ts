import type { Locale } from '#contract/words.ts'
import type { ErrorParams } from '#server/base/errors.ts'

export type LintSeverity = 'error' | 'warning'

/** What each finding means and how much it weighs: errors stop approval, warnings are for a person to judge. */
export const LINT_CODES = {
  text_empty: 'error',
  html_invalid: 'error',
  text_too_long: 'error',
  variable_unknown: 'error',
  variable_in_tag: 'error',
  opt_out_missing: 'error',
  sender_missing: 'error',
  ad_label_missing: 'error',
  unacceptable_use: 'error',
  weight_zero: 'error',
  locale_weights_differ: 'error',
  media_source: 'error',
  slot_fallback: 'error',
  slot_place: 'error',
  slots_too_many: 'error',
  button_text_empty: 'error',
  button_text_long: 'error',
  button_url: 'error',
  button_variable_host: 'error',
  button_action: 'error',
  buttons_too_many: 'error',
  fallback_missing: 'warning',
  slot_without_brief: 'warning',
  brief_without_slot: 'warning',
  entity_unknown: 'warning',
  link_ignored: 'warning',
  claim_to_confirm: 'warning',
} as const satisfies Readonly<Record<string, LintSeverity>>
export type LintCode = keyof typeof LINT_CODES

export interface LintFinding {
  readonly code: LintCode
  readonly severity: LintSeverity
  /** Where: `text`, `media`, `buttons[0][1].url` … */
  readonly field: string
  /** Null for a finding about the template as a whole. */
  readonly variant: string | null
  readonly locale: Locale | null
  readonly params: ErrorParams
}

/** A finding before it knows whose it is. */
export type Complain = (code: LintCode, field: string, params?: ErrorParams) => void
