interface Waiting<I, O> {
  readonly input: I
  readonly resolve: (output: O) => void
  readonly reject: (error: unknown) => void
}

/** Lets what arrives while `work` runs be done by its next run, all at once: one run at a time for each key. */
export class GatheredCalls<K, I, O> {
  readonly #work: (key: K, inputs: readonly I[]) => Promise<readonly O[]>
  readonly #atOnceMax: number
  readonly #waiting = new Map<K, Waiting<I, O>[]>()

  /** `work` gives an output for each input, in their order; it is never given more than `atOnceMax`. */
  constructor(work: (key: K, inputs: readonly I[]) => Promise<readonly O[]>, atOnceMax: number) {
    this.#work = work
    this.#atOnceMax = atOnceMax
  }

  /** Rejects with what the run rejects with. */
  call(key: K, input: I): Promise<O> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(key)
      if (waiting) {
        waiting.push({ input, resolve, reject })
        return
      }
      this.#waiting.set(key, [{ input, resolve, reject }])
      void this.#run(key)
    })
  }

  async #run(key: K): Promise<void> {
    for (;;) {
      const batch = (this.#waiting.get(key) ?? []).splice(0, this.#atOnceMax)
      if (batch.length === 0) {
        this.#waiting.delete(key)
        return
      }
      try {
        const outputs = await this.#work(
          key,
          batch.map(({ input }) => input),
        )
        for (const [at, { resolve }] of batch.entries()) resolve(outputs[at] as O)
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
  }
}
