/**
 * `npm run mutation [-- --json]`: switches off each rule of the guard and each cap, one at a time, and sees that a test
 * misses it. A rule that no test misses could be lost without notice, so it fails the run: exit code 1.
 */
import { startVitest } from 'vitest/node'

import { DAY_MS } from '#server/base/duration.ts'
import { type TenantLimits, capsFor } from '#server/modules/delivery/guard/caps.rules.ts'
import { GUARD_RULES } from '#server/modules/delivery/guard/guard.rules.ts'

/** Pure tests: they need no database, so a mutant costs about a second. */
const TESTS = [
  'server/modules/delivery/guard/guard.rules.test.ts',
  'server/modules/delivery/guard/guard-history.test.ts',
  'server/modules/delivery/guard/usage.rules.test.ts',
]

/** Limits under which every cap exists. */
const ALL_LIMITS: TenantLimits = {
  dailyMessagesMax: 1,
  monthlyMessagesMax: 1,
  perMinuteMax: 1,
  outreachHourlyMax: 1,
  outreachDailyMax: 1,
  outreachCooldownMs: 1,
  groupPostCooldownMs: 1,
  quietFromHour: 21,
  quietToHour: 9,
  warmUp: true,
}

const MUTANTS = [
  ...GUARD_RULES.map((rule) => `rule:${rule.name}`),
  ...capsFor({
    limits: ALL_LIMITS,
    accountAgeMs: DAY_MS,
    strategy: { cooldownHours: 1, maxPerDay: 1 },
    isGroup: true,
  }).map((cap) => `cap:${cap.reason}`),
]

interface MutantResult {
  readonly mutant: string
  readonly ran: number
  /** Tests that failed, and so noticed, before the run was cut short. */
  readonly noticedBy: readonly string[]
  /** Faults outside any test: the mutant was not tried at all. */
  readonly faults: number
}

const tryMutant = async (mutant: string): Promise<MutantResult> => {
  const vitest = await startVitest('test', TESTS, {
    config: false,
    watch: false,
    pool: 'forks',
    maxWorkers: 2,
    reporters: [{}],
    setupFiles: ['scripts/switch-off-guard-rule.ts'],
    env: { GUARD_MUTANT: mutant },
    include: TESTS,
    testTimeout: 60_000,
    // The first test that notices is enough.
    bail: 1,
  })
  const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()])
  const result = {
    mutant,
    ran: tests.length,
    noticedBy: tests.filter((test) => test.result().state === 'failed').map((test) => test.name),
    faults: vitest.state.getUnhandledErrors().length + vitest.state.getTestModules().flatMap((m) => m.errors()).length,
  }
  await vitest.close()
  // A mutant is meant to fail; only the verdict below decides how this process ends.
  process.exitCode = 0
  return result
}

const isNoticed = (r: MutantResult): boolean => r.faults === 0 && r.ran > 0 && r.noticedBy.length > 0

const whole = await tryMutant('none')
if (whole.ran === 0 || whole.noticedBy.length > 0 || whole.faults > 0) {
  process.stderr.write(`the guard as it is does not pass its tests: ${whole.noticedBy.join(', ')}\n`)
  process.exit(1)
}

const results: MutantResult[] = []
for (const mutant of MUTANTS) {
  const result = await tryMutant(mutant)
  results.push(result)
  const verdict = isNoticed(result) ? `noticed: ${result.noticedBy[0]}` : 'NOT NOTICED'
  process.stderr.write(`  ${mutant.padEnd(28)} ${verdict}\n`)
}

const survivors = results.filter((r) => !isNoticed(r)).map((r) => r.mutant)
const summary = { bench: 'mutation', pass: survivors.length === 0, mutants: results.length, survivors }
const detail = process.argv.includes('--json') ? { ...summary, results } : summary
process.stdout.write(`${JSON.stringify(detail)}\n`)
process.exit(survivors.length === 0 ? 0 : 1)
