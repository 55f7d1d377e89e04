import { type GroupAction, GROUP_ACTIONS, type GroupActKind } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import { DAY_MS, MINUTE_MS } from '#server/base/duration.ts'

/** What follows in one group when spam is found there. */
export interface ModerationSettings {
  readonly action: GroupAction
  /** How long `restrict` lasts. */
  readonly restrictMinutes: number
  /** So many findings of one person within a day before anything follows; those before are logged. */
  readonly afterFindings: number
}

/** Before anybody set anything: what is found is logged. The first finding is forgiven once something follows at all. */
export const MODERATION_DEFAULTS: ModerationSettings = { action: 'log', restrictMinutes: 60, afterFindings: 2 }

/** Findings of a person count together within this time. */
export const FINDING_WINDOW_MS = DAY_MS

const whole = (field: string, value: number, min: number, max: number): void => {
  if (!Number.isInteger(value) || value < min || value > max)
    throw invalid('whole_number_expected', field, { given: String(value), min, max })
}

/** Settings as they may be kept. Errors: `invalid` with `unknown_word`, `whole_number_expected`. */
export const checkModeration = (settings: ModerationSettings): ModerationSettings => {
  if (!GROUP_ACTIONS.includes(settings.action))
    throw invalid('unknown_word', 'action', { allowed: GROUP_ACTIONS.join(', ') })
  whole('restrictMinutes', settings.restrictMinutes, 1, 525_600)
  whole('afterFindings', settings.afterFindings, 1, 20)
  return settings
}

/** A finding that is new, and how many its person had in the group within the window, itself included. */
export interface CountedFinding {
  readonly contactId: number
  readonly messageId: number
  readonly pattern: string
  readonly findings: number
  readonly at: number
}

export interface PlannedAct {
  readonly kind: Extract<GroupActKind, 'delete' | 'restrict' | 'hold'>
  readonly contactId: number
  readonly pattern: string
  readonly messageIds: readonly number[]
  readonly untilAt: number | null
  readonly at: number
}

/**
 * What follows from new findings in one group: nothing below the number of findings, and for one person one restriction
 * at a time. A held message stays where it is until a person decides: Telegram has no way to bring one back. Pure.
 */
export const planActs = (
  settings: ModerationSettings,
  findings: readonly CountedFinding[],
  isTrusted: (contactId: number) => boolean,
): readonly PlannedAct[] => {
  const { action } = settings
  if (action === 'log') return []
  const due = findings.filter((found) => found.findings >= settings.afterFindings && !isTrusted(found.contactId))
  return [...Map.groupBy(due, (found) => found.contactId).values()].flatMap((mine): readonly PlannedAct[] => {
    const last = mine.at(-1)
    if (!last) return []
    const { contactId, pattern, at } = last
    const messageIds = [...new Set(mine.map((found) => found.messageId))]
    const untilAt = action === 'restrict' ? at + settings.restrictMinutes * MINUTE_MS : null
    return [{ kind: action, contactId, pattern, messageIds, untilAt, at }]
  })
}

/** The administrator right an act needs, by Telegram's name; null for what needs none. */
export const RIGHT_OF_ACT: Readonly<Record<GroupActKind, string | null>> = {
  delete: 'can_delete_messages',
  restrict: 'can_restrict_members',
  hold: 'can_restrict_members',
  lift: 'can_restrict_members',
  ban: 'can_restrict_members',
  unban: 'can_restrict_members',
  approve: 'can_invite_users',
  decline: 'can_invite_users',
  // Bots take back what they said themselves for 48 hours.
  delete_own: null,
  pin: 'can_pin_messages',
}

/** What takes an act back; null for what cannot be. */
export const UNDO_OF_ACT: Readonly<Partial<Record<GroupActKind, GroupActKind>>> = {
  restrict: 'lift',
  hold: 'lift',
  ban: 'unban',
}

/** Acts that meet a member, and so never an administrator. */
export const MEETS_MEMBER: ReadonlySet<GroupActKind> = new Set(['delete', 'restrict', 'hold', 'ban'])

/** After so many calls that came to nothing, an act has failed. */
export const ACT_ATTEMPTS_MAX = 8

/** A worker that took an act and died is followed by another after this long. */
export const ACT_HOLD_MS = 2 * MINUTE_MS
