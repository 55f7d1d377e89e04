import type { DeliveryState, GroupPostFault, GroupPostState } from '#contract/words.ts'
import { HOUR_MS } from '#server/base/duration.ts'
import { invalid } from '#server/base/errors.ts'
import { type Template, lintTemplate } from '#server/modules/templates/index.ts'

import type { PostSchedule } from './schedule.rules.ts'

/** What is posted: an approved template, or a text of its own in Telegram HTML. */
export type PostContent = { readonly templateId: number } | { readonly text: string }

/** A post by schedule. Instants are epoch ms, days `YYYY-MM-DD` of the tenant's time zone. */
export interface GroupPost {
  readonly id: number
  readonly chatId: number
  readonly accountId: number
  readonly name: string
  readonly content: PostContent
  readonly schedule: PostSchedule
  readonly startsOn: string
  readonly endsOn: string | null
  readonly anchorAt: number
  /** Pinned once it was posted. */
  readonly pins: boolean
  readonly state: GroupPostState
  readonly pauseReason: string | null
  readonly nextSlotAt: number | null
  readonly createdBy: string
  readonly createdAt: number
}

/** What happened at one slot. */
export interface PostRun {
  readonly slotAt: number
  /** Null when nothing was posted. */
  readonly deliveryId: number | null
  /** Where the delivery stands; null without one. */
  readonly state: DeliveryState | null
  /** Why nothing was posted, or why the delivery waits or ended as it did. */
  readonly reason: string | null
  readonly skipped: number
}

/** A slot that was found this late is not made up for. */
const LATE_MAX_MS = 6 * HOUR_MS

/** What is of no use after the next slot, or after a day. */
export const POST_LIFE_MS = 24 * HOUR_MS

export const POSTS_PER_CHAT_MAX = 50

/** Why a text cannot be posted by schedule; nothing when it can. Errors: `invalid/post_text` naming the rule. */
export const checkPostText = (text: string, senderName: string): void => {
  const variant = { name: 'a', locale: 'tr', text, media: null, buttons: [], weight: 1 } as const
  const error = lintTemplate({ messageClass: 'transactional', variants: [variant] }, { senderName }).find(
    (finding) => finding.severity === 'error',
  )
  const variable = /\{\{\s*([^{}|]*)/.exec(text)?.[1]
  if (variable !== undefined)
    throw invalid('post_text', 'text', { rule: 'variable_unknown', variable: variable.trim() })
  if (error) throw invalid('post_text', 'text', { ...error.params, rule: error.code })
}

/** The arm of a template that is posted: the heaviest, the first by name among equals. Null when none may be chosen. */
export const postVariant = (template: Pick<Template, 'variants'>): string | null => {
  const [heaviest] = [...template.variants]
    .filter((variant) => variant.weight > 0)
    .sort((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1))
  return heaviest?.name ?? null
}

/** What is known when a slot comes. */
export interface SlotFacts {
  readonly isPostingOn: boolean
  readonly isInChat: boolean
  /** An administrator of the chat added the account, or made it one. */
  readonly isInstalled: boolean
  readonly slotAt: number
  readonly now: number
}

/** Why nothing is posted at a slot; null when it is. Pure. */
export const faultOfSlot = ({ isPostingOn, isInChat, isInstalled, slotAt, now }: SlotFacts): GroupPostFault | null => {
  if (!isInChat) return 'chat_left'
  if (!isPostingOn) return 'posting_off'
  if (!isInstalled) return 'not_installed'
  return now - slotAt > LATE_MAX_MS ? 'too_late' : null
}

/** Refusals after which the next try would be refused as well: the post waits for a person. */
export const PAUSING_REASONS: ReadonlySet<string> = new Set([
  'kicked',
  'not_a_member',
  'chat_deleted',
  'chat_not_found',
  'chat_refused',
  'chat_left',
  'no_send_right',
  'no_admin_right',
  'no_right_to_post',
  'markup_broken',
  'text_too_long',
  'text_empty',
])
