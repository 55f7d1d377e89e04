import type { AiHandOver, AnswerFinding } from '#contract/words.ts'

import type { Turn, TurnOutcome } from './turn.rules.ts'

/** What was thought out for a turn, before it is written; whether it still holds is asked again then. */
export type TurnResult =
  /** Telegram HTML, with what is said before it. `hash` is null for a fixed text. */
  | {
      readonly kind: 'send'
      readonly turn: Turn
      readonly html: string
      readonly hash: number | null
      readonly isDisclosing: boolean
      /** How sure the model was, 0–1; null for a fixed text. */
      readonly confidenceRatio: number | null
    }
  | {
      readonly kind: 'draft'
      readonly turn: Turn
      readonly html: string
      readonly findings: readonly AnswerFinding[]
      readonly confidenceRatio: number
      readonly intent: string
      readonly language: string
      readonly model: string
      readonly promptVersion: number
      readonly seenMessageId: number | null
    }
  | { readonly kind: 'ask_consent'; readonly turn: Turn }
  | {
      readonly kind: 'hand_over'
      readonly turn: Turn
      readonly reason: AiHandOver
      /** What a model had written that may not leave. */
      readonly judged?: { readonly confidenceRatio: number; readonly findings: readonly AnswerFinding[] }
    }
  | { readonly kind: 'close'; readonly turn: Turn; readonly outcome: TurnOutcome }
  /** The model is asked again after so long. */
  | { readonly kind: 'retry'; readonly turn: Turn; readonly afterMs: number }
