import type { AnswerFinding, DraftState } from '#contract/words.ts'

/** What a model would answer, and what became of it. Instants are epoch ms. */
export interface Draft {
  readonly id: number
  readonly conversationId: number
  readonly accountId: number
  readonly contactId: number
  readonly state: DraftState
  /** Telegram HTML; null once its retention is over. */
  readonly text: string | null
  /** What a member made of it. */
  readonly editedText: string | null
  readonly language: string
  /** 0–1, by the model's own account. */
  readonly confidenceRatio: number
  readonly intent: string
  /** Why it would not have left by itself. */
  readonly findings: readonly AnswerFinding[]
  /** The contact's newest message that the model had read. */
  readonly seenMessageId: number | null
  readonly createdAt: number
  readonly expiresAt: number
  readonly decidedAt: number | null
  readonly decidedBy: string | null
  readonly deliveryId: number | null
}

export const DRAFT_DECISIONS = ['approve', 'edit', 'reject'] as const
export type DraftDecision = (typeof DRAFT_DECISIONS)[number]

/** The state that a decision leads to. */
export const STATE_OF: Readonly<Record<DraftDecision, DraftState>> = {
  approve: 'approved',
  edit: 'edited',
  reject: 'rejected',
}

/** What a text of a model must not promise, whoever approves it: prices and offers come from the catalogue alone. */
export const PROMISES: ReadonlySet<AnswerFinding> = new Set(['price', 'percentage', 'offer'])

/** Whether the model's own words may leave once a member agrees. */
export const isApprovable = ({ findings }: Pick<Draft, 'findings'>): boolean =>
  !findings.some((finding) => PROMISES.has(finding))
