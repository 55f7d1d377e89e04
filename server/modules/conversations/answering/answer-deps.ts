import type { Locale } from '#contract/words.ts'
import type { Clock } from '#server/base/clock.ts'
import type { Translate } from '#server/base/translate.ts'
import type { Db } from '#server/db/pool.ts'
import type { AskModel } from '#server/modules/llm/index.ts'

export interface AnswerDeps {
  readonly db: Db
  readonly clock: Clock
  readonly askModel: AskModel
  /** Fixed texts of the catalogue `bot`. */
  readonly translator: (locale: Locale) => Translate
  readonly log: AnswerLog
  /** Shows a contact that an answer is under way, where the kind of account can; never throws and never waits. */
  readonly preview?: (accountId: number, chatId: number) => void
}

/** Ids and words of ours only: nothing that people or models wrote passes here. */
export interface AnswerLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}
