import type { AiHandOver, AnswerFinding, ModelRefusal } from '#contract/words.ts'

import type { CheckedAnswer } from './answer-check.rules.ts'

/** Of a turn's tries, the model had so many; then a person answers. */
export const ATTEMPTS_MAX = 3
/** No more than so many answers of a model in an hour of one conversation. */
export const ANSWERS_PER_HOUR_MAX = 20
/** The same words so often within an hour are no conversation. */
const REPEATS_MAX = 2

/** What the account's rules hold a model's reply against. */
export interface VerdictGround {
  readonly mode: 'hybrid' | 'ai'
  /** 0–1. */
  readonly confidenceMin: number
  /** Answers of a model in this conversation within the last hour, by what they said. */
  readonly recentHashes: readonly number[]
}

/** A reply that came in the right shape, checked. */
export interface CheckedReply {
  readonly checked: CheckedAnswer
  /** 0–1. */
  readonly confidenceRatio: number
  readonly needsHuman: boolean
  readonly hash: number
}

export type AnswerVerdict =
  | { readonly kind: 'send' }
  | { readonly kind: 'draft'; readonly findings: readonly AnswerFinding[] }
  | { readonly kind: 'hand_over'; readonly reason: AiHandOver }
  /** A draft of nothing helps nobody: the conversation waits as it is. */
  | { readonly kind: 'drop' }

/** What becomes of a model's reply. Pure and total: only a text without findings, sure enough and new is sent. */
export const judgeReply = (reply: CheckedReply, ground: VerdictGround): AnswerVerdict => {
  const { findings } = reply.checked
  if (ground.mode === 'hybrid') return findings.includes('empty') ? { kind: 'drop' } : { kind: 'draft', findings }
  if (findings.length > 0) return { kind: 'hand_over', reason: 'check' }
  if (reply.needsHuman) return { kind: 'hand_over', reason: 'model_asked' }
  if (reply.confidenceRatio < ground.confidenceMin) return { kind: 'hand_over', reason: 'low_confidence' }
  if (ground.recentHashes.length >= ANSWERS_PER_HOUR_MAX) return { kind: 'hand_over', reason: 'too_many_answers' }
  const repeats = ground.recentHashes.filter((hash) => hash === reply.hash).length
  return repeats >= REPEATS_MAX ? { kind: 'hand_over', reason: 'going_in_circles' } : { kind: 'send' }
}

/** Refusals that the next try may not meet. */
const PASSING: ReadonlySet<ModelRefusal> = new Set([
  'rate_limited',
  'circuit_open',
  'timeout',
  'unreachable',
  'unusable',
])

const RETRY_MS = 1_500
const RETRY_MAX_MS = 15_000

/** When a model that gave no answer is asked again, in ms from now; null when a person has to answer. Total. */
export const retryModelAfter = (reason: ModelRefusal, attempts: number, retryAfterMs: number | null): number | null => {
  if (!PASSING.has(reason) || attempts >= ATTEMPTS_MAX) return null
  if (retryAfterMs !== null && retryAfterMs > RETRY_MAX_MS) return null
  return Math.max(RETRY_MS * attempts, retryAfterMs ?? 0)
}
