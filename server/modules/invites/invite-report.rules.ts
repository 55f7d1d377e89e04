import { type Interval, wilsonInterval } from '#server/base/interval.ts'

export const REPORT_KEYS = ['chat', 'campaign', 'batch', 'person'] as const
export type ReportKey = (typeof REPORT_KEYS)[number]

/** The steps of invitations, each a count of invitations (of people, for a campaign's links). */
export interface InviteCounts {
  readonly invited: number
  readonly yes: number
  readonly no: number
  readonly linked: number
  readonly requested: number
  readonly joined: number
  /** Joined at least seven days ago, and of those who were still in after seven days. */
  readonly settled: number
  readonly stayed: number
}

/** A share with its 95 % interval; null where there is nothing to take a share of. */
export type Share = ({ readonly ratio: number } & Interval) | null

const shareOf = (hits: number, total: number): Share =>
  total === 0 ? null : { ratio: hits / total, ...wilsonInterval(hits, total) }

export interface InviteShares {
  /** Of the invited. */
  readonly yesShare: Share
  readonly joinShare: Share
  /** Of those whose seven days are over. */
  readonly stayShare: Share
}

/** The shares that a funnel of invitations is judged by. */
export const sharesOf = (counts: InviteCounts): InviteShares => ({
  yesShare: shareOf(Math.min(counts.yes, counts.invited), counts.invited),
  joinShare: shareOf(Math.min(counts.joined, counts.invited), counts.invited),
  stayShare: shareOf(counts.stayed, counts.settled),
})
