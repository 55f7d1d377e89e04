import { rankByRatio } from '#server/base/interval.ts'

import type { FunnelRow } from './funnel.rules.ts'

/** A wording of a campaign's one message that more people answered than any other. */
export interface Winner {
  readonly templateId: number
  readonly variant: string
}

/** Of a campaign of one message, how its wordings did; `key` is `<step>/<template>:<variant>`. */
type Wording = Pick<FunnelRow, 'key' | 'sent' | 'responded'>

/** Whether a campaign has wordings to compare: several, all of one message. */
export const hasContest = (wordings: readonly Pick<Wording, 'key'>[]): boolean =>
  wordings.length > 1 && new Set(wordings.map(({ key }) => key.slice(0, key.lastIndexOf(':')))).size === 1

/**
 * The wording that is ahead of the second by more than chance, as the report of all wordings has it: Newcombe's 95 % interval
 * of their difference in answers lies above nothing. Null where none is, where there is one wording, or several messages.
 * Pure and total.
 */
export const findWinner = (wordings: readonly Wording[]): Winner | null => {
  if (!hasContest(wordings)) return null
  const { ranked, lead } = rankByRatio(wordings, ({ responded, sent }) => ({ hits: responded, of: sent }))
  const [best] = ranked
  if (!best || lead === null || lead.low <= 0) return null
  const [, templateId, variant] = /^\d+\/(\d+):(.+)$/.exec(best.key) ?? []
  return templateId === undefined || variant === undefined ? null : { templateId: Number(templateId), variant }
}
