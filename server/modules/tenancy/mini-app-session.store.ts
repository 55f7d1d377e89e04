import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

/** The session that a launch opened. */
export interface LaunchSession {
  readonly id: number
  readonly device: string
  readonly expiresAt: number
  /** Whether somebody signed it out. */
  readonly isEnded: boolean
}

/** Null for a launch that is new. Of two who show the same, the second waits for the first one's transaction. */
export const lockLaunchSession = async (tx: OperatorTx, launchHash: Buffer): Promise<LaunchSession | null> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${launchHash.toString('hex')}, 0))`.execute(tx)
  const row = await tx
    .selectFrom('web_session')
    .select(['id', 'device', 'expires_at', 'ended_at'])
    .where('launch_hash', '=', launchHash)
    .forUpdate()
    .executeTakeFirst()
  if (!row) return null
  const { id, device, expires_at: expiresAt, ended_at: endedAt } = row
  return { id, device, expiresAt: expiresAt.getTime(), isEnded: endedAt !== null }
}

export const insertLaunchSession = async (
  tx: OperatorTx,
  session: {
    readonly telegramId: number
    readonly tokenHash: Buffer
    readonly launchHash: Buffer
    readonly device: string
    readonly expiresAt: number
  },
  at: number,
): Promise<void> => {
  await tx
    .insertInto('web_session')
    .values({
      token_hash: session.tokenHash,
      launch_hash: session.launchHash,
      telegram_id: session.telegramId,
      device: session.device,
      created_at: toDate(at),
      last_seen_at: toDate(at),
      expires_at: toDate(session.expiresAt),
    })
    .execute()
}

/** From here on the session has another secret, and the former one opens nothing. */
export const saveSessionToken = async (tx: OperatorTx, id: number, tokenHash: Buffer): Promise<void> => {
  await tx.updateTable('web_session').set({ token_hash: tokenHash }).where('id', '=', id).execute()
}
