import type { Clock } from '#server/base/clock.ts'
import { AppError, invalid } from '#server/base/errors.ts'
import {
  type BusinessDeps,
  type InboxUpdate,
  applyBusinessConnection,
  findBusinessOwners,
  handOverUpdate,
  isConnectionWaiting,
} from '#server/modules/accounts/index.ts'

import { isForAnotherAccount, readConnection } from './business-updates.rules.ts'
import { classifyUpdate } from './classify-update.rules.ts'

export type ApplyBusinessUpdate = (accountId: number, update: InboxUpdate) => Promise<boolean>

/**
 * What a bot is told of the business accounts it speaks for: connections are applied, and what waited for one is handed
 * over to the account it made, all in transactions of their own, as the accounts may belong to other tenants. Answers
 * whether that is all there is to do. Idempotent.
 */
export const createBusinessLane =
  (deps: BusinessDeps & { readonly clock: Clock }): ApplyBusinessUpdate =>
  async (accountId, update) => {
    const { kind, payload, updateId } = update
    if (kind === 'business_connection' && payload !== null) {
      const connection = read((payload as Readonly<Record<string, unknown>>)[kind])
      await applyBusinessConnection(deps, { viaAccountId: accountId, updateId, connection }, deps.clock.now())
      return true
    }
    if (!isForAnotherAccount(update.queueKey)) return kind === 'business_connection'
    const classified = payload === null ? null : classifyUpdate(payload)
    if (!classified?.connectionId) return true
    const owners = await findBusinessOwners(deps.db, accountId, [classified.connectionId])
    const owner = owners.get(classified.connectionId) ?? null
    if (!owner && (await isConnectionWaiting(deps.db, accountId, updateId)))
      throw new AppError('unavailable', 'business_connection_waiting', { id: accountId })
    await handOverUpdate(deps.db, accountId, { ...update, queueKey: classified.queueKey }, owner, deps.clock.now())
    return true
  }

/** The parser's message quotes what it was given, and that is somebody's name. */
const read = (body: unknown): ReturnType<typeof readConnection> => {
  try {
    return readConnection(body)
  } catch {
    throw invalid('update_malformed', 'business_connection', { kind: 'business_connection' })
  }
}
