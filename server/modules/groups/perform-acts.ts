import type { Clock } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import type { ActResult } from '#server/gateways/telegram/call-result.ts'
import type { TelegramDirectory } from '#server/gateways/telegram/directory.ts'
import type { TelegramModeration } from '#server/gateways/telegram/moderation.ts'
import type { TelegramAccount } from '#server/gateways/telegram/telegram-account.ts'

import { type TakenAct, endAct, putOffAct, takeDueActs } from './act.store.ts'
import { endJoinRequest } from './join-request.store.ts'
import { ACT_ATTEMPTS_MAX, ACT_HOLD_MS, MEETS_MEMBER } from './moderation.rules.ts'

/** What a job needs to ask Telegram for something in a group. */
export interface GroupDeps {
  readonly db: Db
  readonly clock: Clock
  readonly moderation: TelegramModeration
  readonly directory: TelegramDirectory
  openAccount(accountId: number): Promise<TelegramAccount>
}

const AT_ONCE = 50

type ActEnd =
  | { readonly state: 'done' | 'spared' | 'failed'; readonly reason: string | null }
  | { readonly state: 'later'; readonly afterMs: number }

/**
 * Does what is wanted in the tenant's groups and due, in order. Each act is called for with no transaction open and is
 * harmless when repeated: one whose worker died is done again. Returns how many were tried.
 */
export const performGroupActs = async (deps: GroupDeps, tenantId: number, signal?: AbortSignal): Promise<number> => {
  let tried = 0
  for (;;) {
    const taken = await inTenant(deps.db, tenantId, (tx) =>
      takeDueActs(tx, { now: deps.clock.now(), holdMs: ACT_HOLD_MS, limit: AT_ONCE }),
    )
    for (const act of taken) {
      if (signal?.aborted) return tried
      tried += 1
      await recordEnd(deps, tenantId, act, await perform(deps, act))
    }
    if (taken.length < AT_ONCE) return tried
  }
}

const recordEnd = async (deps: GroupDeps, tenantId: number, act: TakenAct, end: ActEnd): Promise<void> => {
  const at = deps.clock.now()
  await inTenant(deps.db, tenantId, async (tx) => {
    const isLast = end.state === 'later' && act.attempt >= ACT_ATTEMPTS_MAX
    if (end.state === 'later' && !isLast)
      return putOffAct(tx, act.id, at + Math.max(end.afterMs, 1_000 * 2 ** act.attempt))
    const { state, reason } = end.state === 'later' ? ({ state: 'failed', reason: 'server_error' } as const) : end
    const isNews = await endAct(tx, act.id, { state, reason, at })
    if (isNews && act.requestId !== null && (act.kind === 'approve' || act.kind === 'decline'))
      await endJoinRequest(
        tx,
        act.requestId,
        state === 'done' ? (act.kind === 'approve' ? 'approved' : 'declined') : 'failed',
      )
  })
}

const perform = async (deps: GroupDeps, act: TakenAct): Promise<ActEnd> => {
  let account: TelegramAccount
  try {
    account = await deps.openAccount(act.accountId)
  } catch {
    return { state: 'failed', reason: 'account_unusable' }
  }
  if (MEETS_MEMBER.has(act.kind)) {
    const spared = await findSpared(deps, account, act)
    if (spared) return spared
  }
  return endOf(await call(deps, account, act))
}

/** Administrators are never touched, and somebody who left has nothing left to be restricted. */
const findSpared = async (deps: GroupDeps, account: TelegramAccount, act: TakenAct): Promise<ActEnd | null> => {
  if (act.userTelegramId === null) return { state: 'spared', reason: 'deactivated' }
  const standing = await deps.moderation.getStanding(account, act.chatTelegramId, act.userTelegramId)
  if (standing.kind !== 'done') return endOf(standing)
  const { status, isMember } = standing.value
  if (status === 'creator' || status === 'administrator') return { state: 'spared', reason: 'target_is_administrator' }
  return (act.kind === 'restrict' || act.kind === 'hold') && !isMember
    ? { state: 'spared', reason: 'not_a_member' }
    : null
}

const call = async (
  { moderation, directory }: GroupDeps,
  account: TelegramAccount,
  act: TakenAct,
): Promise<ActResult> => {
  const { chatTelegramId: chat, messageIds, untilAt } = act
  const user = act.userTelegramId ?? 0
  switch (act.kind) {
    case 'delete':
    case 'delete_own':
      return moderation.deleteMessages(account, chat, messageIds)
    case 'restrict':
    case 'hold':
      return moderation.restrictMember(account, chat, user, untilAt)
    case 'lift':
      return moderation.liftRestriction(account, chat, user)
    case 'ban': {
      const gone = messageIds.length > 0 ? await moderation.deleteMessages(account, chat, messageIds) : null
      return gone && gone.kind !== 'done' && gone.kind !== 'rejected'
        ? gone
        : moderation.banMember(account, chat, user, untilAt)
    }
    case 'unban':
      return moderation.unbanMember(account, chat, user)
    case 'approve':
      return directory.approveJoinRequest(account, chat, user)
    case 'decline':
      return directory.declineJoinRequest(account, chat, user)
    case 'pin':
      return moderation.pinMessage(account, chat, messageIds[0] ?? 0)
    default:
      return act.kind satisfies never
  }
}

const endOf = (result: ActResult): ActEnd => {
  switch (result.kind) {
    case 'done':
      return { state: 'done', reason: null }
    case 'retry':
      return { state: 'later', afterMs: result.afterMs }
    case 'unknown':
    case 'migrated':
      return { state: 'later', afterMs: 0 }
    case 'rejected':
    case 'account_lost':
      return { state: 'failed', reason: result.reason }
  }
}
