import type { CallLog } from '#simulator/bot-api/call-log.ts'
import type { Faults } from '#simulator/bot-api/faults.ts'
import type { Limiter } from '#simulator/bot-api/limits.ts'
import type { Stats } from '#simulator/bot-api/stats.ts'
import type { SimulatorClock } from '#simulator/clock.ts'
import type { Population } from '#simulator/people/population.ts'
import type { Delivery } from '#simulator/updates/delivery.ts'
import type { UserAccounts } from '#simulator/user-accounts/types.ts'
import type { MtprotoServer } from '#simulator/mtproto/server.ts'
import type { World } from '#simulator/world/types.ts'

/** The parts every control works on. */
export type SimulatorParts = {
  readonly clock: SimulatorClock
  readonly world: World
  readonly limiter: Limiter
  readonly faults: Faults
  readonly stats: Stats
  readonly callLog: CallLog
  readonly delivery: Delivery
  readonly people: Population
  readonly userAccounts: UserAccounts
  /** The face people's own clients see; null while it is off. */
  readonly mtproto: MtprotoServer | null
  /** Real ms every Bot API answer takes at least. */
  readonly latency: { ms: number }
}
