import { type Clock, systemClock } from '#server/base/clock.ts'
import { SECOND_MS } from '#server/base/duration.ts'
import type { Logger } from '#server/base/logger.ts'
import type { Db } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import type { CallFailure } from '#server/gateways/telegram/call-result.ts'
import type { TokenRecovery } from '#server/gateways/telegram/heal-sender.ts'
import type { TelegramUpdateFeed } from '#server/gateways/telegram/update-feed.ts'
import {
  type OpenAccount,
  findNextUpdateId,
  noteAccountState,
  recordAccountLost,
} from '#server/modules/accounts/index.ts'

import { type ReceiveDeps, receiveUpdates } from './receive-updates.ts'

export interface PollingDeps extends ReceiveDeps {
  readonly db: Db
  readonly clock: Clock
  readonly log: Logger
  readonly feed: TelegramUpdateFeed
  /** Looks for another token before an account is given up whose token Telegram refuses. */
  readonly recover?: (account: OpenAccount) => Promise<TokenRecovery>
  /** How long Telegram holds an empty answer back, 0–50 seconds; 25 when left out. */
  readonly waitSeconds?: number
}

const WAIT_SECONDS = 25
const LIMIT = 100
const LONGEST_PAUSE_MS = 60 * SECOND_MS

/** How long to pause after the n-th failure in a row, unless Telegram says longer. */
const pauseMs = (failures: number): number => Math.min(LONGEST_PAUSE_MS, SECOND_MS * 2 ** (failures - 1))

/**
 * Polls one account until `signal` aborts, its token is another, or Telegram refuses it for good, which disconnects it. Everything
 * received is stored before the next poll acknowledges it. A second poller on the token is noted on the account.
 */
export const pollAccount = async (deps: PollingDeps, account: OpenAccount, signal: AbortSignal): Promise<void> => {
  const { feed, db } = deps
  let offset = await findNextUpdateId(db, account.accountId)
  let failures = 0
  let noted = false
  while (!signal.aborted) {
    const waitSeconds = deps.waitSeconds ?? WAIT_SECONDS
    const answer = await feed.getUpdates(account, { offset, waitSeconds, limit: LIMIT, signal })
    if (signal.aborted) return
    if (answer.kind === 'done') {
      failures = 0
      if (noted) await note(deps, account, null)
      noted = false
      if (answer.value.length === 0) continue
      offset = answer.value.reduce((next, update) => Math.max(next, update.update_id + 1), offset)
      await receiveUpdates(deps, account, answer.value, offset)
      continue
    }
    failures += 1
    if (answer.kind === 'account_lost') {
      const recovery = (await deps.recover?.(account)) ?? 'lost'
      if (recovery === 'lost') return lose(deps, account, answer.reason)
      // Polling begins anew with the other token once this one has ended.
      if (recovery === 'recovered') return
    } else noted = (await meet(deps, account, answer)) || noted
    const askedMs = answer.kind === 'retry' ? answer.afterMs : 0
    await systemClock.sleep(Math.max(askedMs, pauseMs(failures)), signal)
  }
}

/** Does what the failure asks for. Returns whether the account now carries a note. */
const meet = async (deps: PollingDeps, account: OpenAccount, failure: CallFailure): Promise<boolean> => {
  const reason = failure.kind === 'migrated' ? failure.kind : failure.reason
  deps.log.warn({ accountId: account.accountId, reason, kind: failure.kind }, 'updates could not be polled')
  if (reason === 'webhook_active') await deps.feed.deleteWebhook(account)
  if (reason !== 'polled_elsewhere') return false
  await note(deps, account, reason)
  return true
}

const lose = async (deps: PollingDeps, { tenantId, accountId }: OpenAccount, reason: string): Promise<void> => {
  deps.log.error({ accountId, reason }, 'Telegram refuses the account')
  await inTenant(deps.db, tenantId, (tx) => recordAccountLost(tx, accountId, reason, deps.clock.now()))
}

const note = (deps: PollingDeps, { tenantId, accountId }: OpenAccount, reason: string | null): Promise<void> =>
  inTenant(deps.db, tenantId, (tx) => noteAccountState(tx, accountId, reason))
