/** What one workload proves: its figures, and the bounds they were held to. */
export interface BenchResult {
  readonly bench: string
  readonly pass: boolean
  readonly metrics: Readonly<Record<string, number>>
  /** Each bound in words, with its outcome: `ratio ≥ 0.5: 0.61`. */
  readonly bounds: Readonly<Record<string, string>>
}

export interface BenchOptions {
  /** Numbers given as `--name value` on the command line. */
  readonly numbers: Readonly<Record<string, number>>
  /** Lists given as `--name a,b`. */
  readonly lists: Readonly<Record<string, readonly number[]>>
  readonly onProgress: (line: string) => void
}

export interface Bench {
  readonly name: string
  /** One sentence for the list of workloads. */
  readonly does: string
  run(options: BenchOptions): Promise<BenchResult>
}

/** Collects bounds while a workload checks them. */
export class Bounds {
  readonly #bounds: Record<string, string> = {}
  #pass = true

  /** Holds `value` to be at least (`>=`) or at most (`<=`) `bound`. */
  hold(name: string, value: number, op: '>=' | '<=', bound: number): void {
    const holds = op === '>=' ? value >= bound : value <= bound
    if (!holds) this.#pass = false
    this.#bounds[name] = `${op} ${bound}: ${round(value)} ${holds ? 'holds' : 'FAILS'}`
  }

  result(bench: string, metrics: Readonly<Record<string, number>>): BenchResult {
    const rounded = Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, round(value)]))
    return { bench, pass: this.#pass, metrics: rounded, bounds: this.#bounds }
  }
}

const round = (value: number): number => Math.round(value * 1000) / 1000
