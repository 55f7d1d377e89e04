import type { AccountKind, Reachability } from '#contract/words.ts'
import { HOUR_MS } from '#server/base/duration.ts'
import type { CallResult } from '#server/gateways/telegram/call-result.ts'
import type { LoginRefusal } from '#server/gateways/telegram/login.ts'

import type { Account } from './account.rules.ts'

export type CheckState = 'ok' | 'warning' | 'fault' | 'unknown'

/** What was looked at, in the order it is shown. */
export const CHECK_IDS = [
  'state',
  'token',
  'updates',
  'group_messages',
  'groups',
  'business',
  'rights',
  'session',
  'owner',
] as const
export type CheckId = (typeof CHECK_IDS)[number]

/** What each finding can be; its text is `words:accountCheck.<code>`. */
export const CHECK_CODES = {
  account_active: 'ok',
  account_paused: 'warning',
  account_disconnected: 'fault',
  token_works: 'ok',
  token_refused: 'fault',
  token_unchecked: 'unknown',
  updates_polled: 'ok',
  updates_by_webhook: 'ok',
  updates_off: 'warning',
  webhook_missing: 'fault',
  webhook_elsewhere: 'fault',
  webhook_failing: 'fault',
  polled_elsewhere: 'fault',
  updates_unchecked: 'unknown',
  group_messages_all: 'ok',
  group_messages_private: 'warning',
  groups_open: 'ok',
  groups_closed: 'warning',
  business_open: 'ok',
  business_closed: 'warning',
  may_reply: 'ok',
  may_not_reply: 'fault',
  session_works: 'ok',
  session_kept: 'ok',
  session_held: 'unknown',
  session_unchecked: 'unknown',
  session_lost: 'fault',
  session_refused: 'fault',
  user_accounts_off: 'fault',
  owner_reachable: 'ok',
  owner_not_started: 'warning',
  owner_unreachable: 'fault',
  owner_unknown: 'warning',
} as const satisfies Readonly<Record<string, CheckState>>
export type CheckCode = keyof typeof CHECK_CODES

export interface CheckFinding {
  readonly id: CheckId
  readonly state: CheckState
  readonly code: CheckCode
  readonly params: Readonly<Record<string, string | number>>
}

/** Everything known about whether a linked account works. */
export interface AccountCheck {
  readonly accountId: number
  readonly kind: AccountKind
  readonly checkedAt: number
  /** Nothing is at fault; what could not be looked at does not count. */
  readonly isWorking: boolean
  readonly findings: readonly CheckFinding[]
  /** What the owner opens so that the bot may write to them; null where it may, or is no bot. */
  readonly startLink: string | null
}

/** What a bot's profile says about what it may do. */
interface BotFacts {
  readonly username: string
  readonly canJoinGroups: boolean
  readonly readsAllGroupMessages: boolean
  readonly canConnectToBusiness: boolean
}

/** Where Telegram sends updates, and how that went. */
interface WebhookFacts {
  readonly url: string | null
  readonly pendingUpdates: number
  readonly lastError: { readonly at: number; readonly message: string } | null
}

export const finding = (id: CheckId, code: CheckCode, params: CheckFinding['params'] = {}): CheckFinding => ({
  id,
  state: CHECK_CODES[code],
  code,
  params,
})

/** Says the same link to everybody: who presses it is known by their own number. */
export const startLinkOf = (username: string): string => `https://t.me/${username}?start=test`

export const stateFinding = ({ state, stateReason }: Account): CheckFinding => {
  if (state === 'active') return finding('state', 'account_active')
  const code = state === 'paused' ? 'account_paused' : 'account_disconnected'
  return finding('state', code, { reason: stateReason ?? '' })
}

/** What a bot's own profile tells. */
export const profileFindings = (answer: CallResult<BotFacts>): readonly CheckFinding[] => {
  if (answer.kind === 'account_lost' || answer.kind === 'rejected')
    return [finding('token', 'token_refused', { reason: answer.reason })]
  if (answer.kind !== 'done') return [finding('token', 'token_unchecked')]
  const { username, canJoinGroups, readsAllGroupMessages, canConnectToBusiness } = answer.value
  return [
    finding('token', 'token_works', { username }),
    finding('group_messages', readsAllGroupMessages ? 'group_messages_all' : 'group_messages_private'),
    finding('groups', canJoinGroups ? 'groups_open' : 'groups_closed'),
    finding('business', canConnectToBusiness ? 'business_open' : 'business_closed'),
  ]
}

/** A failed delivery older than this says nothing of now. */
const RECENT_MS = HOUR_MS

/** Whether updates come as the account's mode says. `ownUrl` is where its webhook should be. */
export const updatesFinding = (
  account: Account,
  answer: CallResult<WebhookFacts>,
  ownUrl: string | null,
  at: number,
): CheckFinding => {
  if (account.updateMode === 'off') return finding('updates', 'updates_off')
  if (answer.kind !== 'done') return finding('updates', 'updates_unchecked')
  const { url, lastError, pendingUpdates } = answer.value
  if (account.updateMode === 'polling') {
    if (url !== null) return finding('updates', 'webhook_elsewhere')
    return finding('updates', account.stateReason === 'polled_elsewhere' ? 'polled_elsewhere' : 'updates_polled')
  }
  if (url === null) return finding('updates', 'webhook_missing')
  if (url !== ownUrl) return finding('updates', 'webhook_elsewhere')
  const isFailing = lastError !== null && pendingUpdates > 0 && lastError.at > at - RECENT_MS
  return isFailing
    ? finding('updates', 'webhook_failing', { message: lastError.message, waiting: pendingUpdates })
    : finding('updates', 'updates_by_webhook')
}

/** Whether the first test message can go to whoever linked the bot; null reachability: never seen. */
export const ownerFinding = (ownerTelegramId: number | null, reachability: Reachability | null): CheckFinding => {
  if (ownerTelegramId === null) return finding('owner', 'owner_unknown')
  if (reachability === 'reachable') return finding('owner', 'owner_reachable')
  const isNew = reachability === null || reachability === 'not_started' || reachability === 'unknown'
  return finding('owner', isNew ? 'owner_not_started' : 'owner_unreachable', { reason: reachability ?? '' })
}

export const rightsFinding = (rights: readonly string[] | null): CheckFinding =>
  rights?.includes('can_reply')
    ? finding('rights', 'may_reply', { rights: rights.join(', ') })
    : finding('rights', 'may_not_reply', { rights: (rights ?? []).join(', ') })

/** What Telegram's answer about a person's own session says; null: it was answered. */
export const sessionFinding = (refusal: LoginRefusal | 'held_elsewhere' | null): CheckFinding => {
  switch (refusal) {
    case null:
      return finding('session', 'session_works')
    case 'held_elsewhere':
      return finding('session', 'session_held')
    case 'session_lost':
    case 'session_duplicated':
    case 'session_unknown':
      return finding('session', 'session_lost')
    case 'account_banned':
    case 'account_frozen':
    case 'api_id_invalid':
      return finding('session', 'session_refused', { reason: refusal })
    default:
      return finding('session', 'session_unchecked', { reason: refusal })
  }
}
