import type { GuardReason, MessageClass } from '#contract/words.ts'

/** Deliveries of one step that share a fate. */
export interface PreviewGroup {
  readonly step: number
  readonly messageClass: MessageClass
  /** The first standing objection, or null. */
  readonly refusedBy: GuardReason | null
  /** The cap of the contact that holds the delivery longest, or null. */
  readonly heldBy: GuardReason | null
  /** Until when the last of the group is held, epoch ms; null when none is. */
  readonly heldUntil: number | null
  readonly isOutreach: boolean
  /** Null is the tenant's. */
  readonly timeZone: string | null
  readonly hasNightConsent: boolean
  readonly count: number
}
