/** `npm run bench -- <name> [--json] [--option value …]`: runs one workload, or all of them. Exit code 1 when a bound fails. */
import type { Bench, BenchOptions, BenchResult } from './bench.ts'

const WORKLOADS: Readonly<Record<string, () => Promise<Bench>>> = {
  import: async () => (await import('./import/import.ts')).bench,
  blast: async () => (await import('./blast/blast.ts')).bench,
  pace: async () => (await import('./pace/pace.ts')).bench,
  crash: async () => (await import('./crash/crash.ts')).bench,
  flood: async () => (await import('./flood/flood.ts')).bench,
  reply: async () => (await import('./reply/reply.ts')).bench,
  chat: async () => (await import('./chat/chat.ts')).bench,
  idle: async () => (await import('./idle/idle.ts')).bench,
  segments: async () => (await import('./segments/segments.ts')).bench,
  accounts: async () => (await import('./accounts/accounts.ts')).bench,
  groups: async () => (await import('./groups/groups.ts')).bench,
  lighthouse: async () => (await import('./lighthouse/lighthouse.ts')).bench,
  screens: async () => (await import('./screens/screens.ts')).bench,
  entitlements: async () => (await import('./entitlements/entitlements.ts')).bench,
}

const parse = (argv: readonly string[]) => {
  const names: string[] = []
  const numbers: Record<string, number> = {}
  const lists: Record<string, readonly number[]> = {}
  let json = false
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i] ?? ''
    if (arg === '--json') json = true
    else if (arg.startsWith('--')) {
      const value = argv[(i += 1)] ?? ''
      const list = value.split(',').map(Number)
      if (value === '' || list.some(Number.isNaN))
        return fail(`${arg} takes a number or a list of numbers, not "${value}"`)
      lists[arg.slice(2)] = list
      numbers[arg.slice(2)] = list[0] ?? 0
    } else names.push(arg)
  }
  return { names, numbers, lists, json }
}

const fail = (message: string): never => {
  process.stderr.write(`${message}\nworkloads: ${Object.keys(WORKLOADS).join(' ')}\n`)
  process.exit(64)
}

const printTable = (result: BenchResult): void => {
  const width = Math.max(...Object.keys(result.metrics).map((name) => name.length), 10)
  for (const [name, value] of Object.entries(result.metrics))
    process.stderr.write(`  ${name.padEnd(width)}  ${value}\n`)
  for (const [name, text] of Object.entries(result.bounds)) process.stderr.write(`  ${name} ${text}\n`)
}

const { names, numbers, lists, json } = parse(process.argv.slice(2))
const options: BenchOptions = {
  numbers,
  lists,
  onProgress: (line) => void (json || process.stderr.write(`  ${line}\n`)),
}
let pass = true
for (const name of names.length > 0 ? names : Object.keys(WORKLOADS)) {
  const load = WORKLOADS[name] ?? fail(`there is no workload "${name}"`)
  if (!json) process.stderr.write(`${name}\n`)
  const result = await (await load()).run(options)
  if (!json) printTable(result)
  process.stdout.write(`${JSON.stringify(result)}\n`)
  pass &&= result.pass
}
process.exit(pass ? 0 : 1)
