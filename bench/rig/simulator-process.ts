/** The simulator in a process of its own: tells its address, then serves until it is ended. */
import { type SimulatorOptions, startSimulator } from '#simulator/index.ts'

import { readInput } from './child.ts'

const simulator = await startSimulator(readInput<SimulatorOptions>())
process.send?.({ apiRoot: simulator.apiRoot })
process.on('SIGTERM', () => process.exit(0))
