import { INVITE_SKIPS, type InviteBatchState, type InviteProposalState, type InviteSkip } from '#contract/words.ts'
import { DAY_MS } from '#server/base/duration.ts'

/** Evidence of one interest: so many messages within so many days. */
export interface InviteReason {
  readonly interest: string
  readonly count: number
  readonly days: number
}

/** A batch that nobody decided in this time tells of yesterday's people. */
export const BATCH_LIFE_MS = 3 * DAY_MS

/** Evidence at which a match is 63 % sure (1 − 1/e); three messages make 45 %. */
export const EVIDENCE_SCALE = 5

/** Below this, a person is not proposed: there is no evidence, or no life in it. */
export const SCORE_MIN = 0.01

/** How many may be proposed now: the tightest of the tenant's number and the package's, less what the last day took. */
export const roomToday = (limits: readonly (number | null)[], taken: number): number => {
  const max = Math.min(...limits.map((limit) => limit ?? Number.POSITIVE_INFINITY))
  return Math.max(0, max - taken)
}

/** The code of a refused invitation as a reason that a proposal was skipped for. */
export const skipReasonOf = (code: string): InviteSkip => INVITE_SKIPS.find((reason) => reason === code) ?? 'other'

export interface InviteBatch {
  readonly id: number
  readonly state: InviteBatchState
  /** Epoch ms. */
  readonly proposedAt: number
  readonly decidedBy: string | null
  readonly people: number
  readonly invited: number
  readonly skipped: number
}

export interface InviteProposal {
  readonly contactId: number
  readonly firstName: string
  readonly chatId: number
  readonly chatTitle: string
  readonly accountId: number
  /** Match × engagement, 0–1. */
  readonly score: number
  /** 0–100. */
  readonly engagement: number
  readonly reasons: readonly InviteReason[]
  readonly state: InviteProposalState
  readonly skipReason: InviteSkip | null
}
