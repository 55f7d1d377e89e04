/** Filled by the failure table below; one row per way a call can fail. */
export type FailureReason = string
