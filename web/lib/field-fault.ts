/** Where something of a form is wrong and what, in words. */
export interface FieldFault {
  /** `name`, `variants[1].text`, `actions[0].texts[0].buttons[0][1].url` … */
  readonly field: string
  readonly detail: string
  readonly isError: boolean
}

/** What is said at a field: errors first. */
export const faultAt = (faults: readonly FieldFault[], field: string): string | undefined =>
  faults.find((fault) => fault.field === field && fault.isError)?.detail
