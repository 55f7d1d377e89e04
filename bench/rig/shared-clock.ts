/** A clock that several processes share: it was at `startAt` when the machine's was at `realAt`, and runs `factor` times as fast. */
export interface SharedClock {
  readonly startAt: number
  readonly realAt: number
  readonly factor: number
}

/** What the shared clock shows when the machine's shows `realNow`. */
export const startOf = (clock: SharedClock, realNow: number): number =>
  clock.startAt + (realNow - clock.realAt) * clock.factor
