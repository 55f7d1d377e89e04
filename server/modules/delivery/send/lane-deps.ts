import type { Clock } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'
import type { TelegramSender } from '#server/gateways/telegram/sender.ts'

export interface LaneDeps {
  readonly db: Db
  readonly clock: Clock
  readonly sender: TelegramSender
  readonly log: LaneLog
  /** What the numbers of a tenant's sends are derived from; user accounts are not worked without. */
  readonly sendKeyOf?: (tenantId: number) => Promise<Uint8Array>
}

/** Ids and counts only: no text and no secret passes here. */
export interface LaneLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}
