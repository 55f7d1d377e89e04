/** Checks docs/features.md: every id once, a known state, and evidence wherever something is claimed to work. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { featureFaults } from './features.rules.ts'

const faults = featureFaults(readFileSync(resolve(import.meta.dirname, '../docs/features.md'), 'utf8'))
for (const fault of faults) console.error(fault)
console.log(`features: ${faults.length} faults`)
process.exitCode = faults.length > 0 ? 1 : 0
