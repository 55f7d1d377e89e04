/** What happened on one day of the tenant. */
export interface DayFigures {
  /** `YYYY-MM-DD`. */
  readonly on: string
  /** Messages that left. */
  readonly sent: number
  /** Answers to them within a day. */
  readonly answered: number
  /** People seen for the first time. */
  readonly joined: number
  /** Withdrawals after a message. */
  readonly stopped: number
}

/** Every day asked for, oldest first; one on which nothing happened is all zero. */
export const fillDays = (days: readonly string[], counted: readonly DayFigures[]): readonly DayFigures[] =>
  days.map((on) => counted.find((row) => row.on === on) ?? { on, sent: 0, answered: 0, joined: 0, stopped: 0 })
