import { JOIN_ADMISSIONS, type JoinAdmission } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'

export const JOIN_OTHERWISE = ['leave', 'decline'] as const

/** How requests to join one chat are answered. */
export interface JoinRule {
  /** Whose requests are granted without a person. */
  readonly admit: JoinAdmission
  /** What happens to all others: `leave` them for a person, or `decline` them. */
  readonly otherwise: (typeof JOIN_OTHERWISE)[number]
}

/** Before anybody set anything, every request waits for a person. */
export const JOIN_DEFAULTS: JoinRule = { admit: 'nobody', otherwise: 'leave' }

/** A rule as it may be kept. Errors: `invalid/unknown_word`. */
export const checkJoinRule = (rule: JoinRule): JoinRule => {
  if (!JOIN_ADMISSIONS.includes(rule.admit))
    throw invalid('unknown_word', 'admit', { allowed: JOIN_ADMISSIONS.join(', ') })
  if (!JOIN_OTHERWISE.includes(rule.otherwise))
    throw invalid('unknown_word', 'otherwise', { allowed: JOIN_OTHERWISE.join(', ') })
  return rule
}

/** Who asks, as far as a rule looks. */
export interface Applicant {
  /** Wants no messages, blocked the account, or was put out of this chat before. */
  readonly isBarred: boolean
  /** Wrote to one of the tenant's accounts in private before. */
  readonly isContact: boolean
  readonly isPremium: boolean
  /** Came by a link that was made here. */
  readonly isViaOwnLink: boolean
  /** Said yes to an invitation, and came by the link that was made for them alone. */
  readonly isInvited: boolean
}

export interface JoinDecision {
  readonly decision: 'approve' | 'decline' | 'leave'
  /** A word of `words:groupReason` or `words:reason`. */
  readonly reason: 'rule' | 'suppressed' | 'personal_link' | 'ask'
}

/**
 * What becomes of a request. Whoever is barred is left for a person, whatever the rule says; whoever was
 * invited and comes by their own link is let in; a link that was made here is
 * never declined by rule, since whoever it was made for may be let in by it. Pure and total.
 */
export const decideJoin = (rule: JoinRule, applicant: Applicant): JoinDecision => {
  if (applicant.isBarred) return { decision: 'leave', reason: 'suppressed' }
  if (applicant.isInvited) return { decision: 'approve', reason: 'personal_link' }
  const admits: Readonly<Record<JoinAdmission, boolean>> = {
    nobody: false,
    all: true,
    contacts: applicant.isContact,
    own_link: applicant.isViaOwnLink,
    premium: applicant.isPremium,
  }
  if (admits[rule.admit]) return { decision: 'approve', reason: 'rule' }
  if (applicant.isViaOwnLink) return { decision: 'leave', reason: 'personal_link' }
  return rule.otherwise === 'decline' ? { decision: 'decline', reason: 'rule' } : { decision: 'leave', reason: 'ask' }
}
