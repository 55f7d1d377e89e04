import { type Difference, type Interval, rankByRatio, wilsonInterval } from '#server/base/interval.ts'

/** How far messages came. Each figure counts messages of the period, whenever what came of them happened. */
export interface SendingFunnel {
  /** Handed to Telegram, whatever it said. */
  readonly tried: number
  /** Telegram took it. Whether somebody read it a bot is never told. */
  readonly delivered: number
  readonly clicked: number
  readonly answered: number
  readonly converted: number
  readonly optedOut: number
  readonly blocked: number
}

export const EMPTY_SENDING: SendingFunnel = {
  tried: 0,
  delivered: 0,
  clicked: 0,
  answered: 0,
  converted: 0,
  optedOut: 0,
  blocked: 0,
}

/** What was sent with one wording of a template. */
export interface VariantCounts extends SendingFunnel {
  readonly templateId: number
  readonly template: string
  readonly variant: string
}

export interface VariantPerformance extends VariantCounts {
  /** Answers per message that arrived, with 95 % confidence. */
  readonly answerInterval: Interval
  /** Of the best of its template: how far it is ahead of the second, 95 %; null for all others. */
  readonly lead: Difference | null
  /** The lead is more than chance. */
  readonly isProven: boolean
}

/**
 * The wordings of each template, the best by answers first, and whether it is ahead by more than chance. Counts what was
 * sent to whomever it was sent to: where the planner favours a wording, the comparison is of unequal groups.
 */
export const compareVariants = (counts: readonly VariantCounts[]): readonly VariantPerformance[] =>
  [...Map.groupBy(counts, ({ templateId }) => templateId).values()].flatMap((rows) => {
    const { ranked, lead } = rankByRatio(rows, ({ answered, delivered }) => ({ hits: answered, of: delivered }))
    const [best] = ranked
    return ranked.map((row) => ({
      ...row,
      answerInterval: wilsonInterval(row.answered, row.delivered),
      lead: row === best ? lead : null,
      isProven: row === best && lead !== null && lead.low > 0,
    }))
  })

/** What was sent within a clock hour of a weekday, in the tenant's time zone. */
export interface SlotFigures {
  /** ISO: 1 is Monday. */
  readonly weekday: number
  readonly hour: number
  readonly delivered: number
  readonly answered: number
}
