/** The simulator in a process of its own: tells its address, then serves until it is ended. */
import { systemClock } from '#server/base/clock.ts'
import { createAcceleratedSimulatorClock } from '#simulator/clock.ts'
import { type SimulatorOptions, startSimulator } from '#simulator/index.ts'

import { readInput } from './child.ts'
import { type SharedClock, startOf } from './shared-clock.ts'

const { sharedClock, ...options } = readInput<SimulatorOptions & { readonly sharedClock?: SharedClock }>()
const simulator = await startSimulator({
  ...options,
  ...(sharedClock && {
    clock: createAcceleratedSimulatorClock(sharedClock.factor, startOf(sharedClock, systemClock.now())),
  }),
})
process.send?.({ apiRoot: simulator.apiRoot })
process.on('SIGTERM', () => process.exit(0))
