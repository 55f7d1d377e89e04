/**
 * Writes batches one at a time while the next is being read. `write` waits for the batch before it; whoever is done
 * calls `settle`. A failure is thrown by the next call of either.
 */
export const createWriteAhead = <T>(writeOne: (batch: T) => Promise<void>) => {
  let writing: Promise<void> = Promise.resolve()
  return {
    async write(batch: T): Promise<void> {
      await writing
      writing = writeOne(batch)
      // The failure is for the next call; until then nobody waits, which must not count as nobody caring.
      writing.catch(() => {})
    },
    settle: (): Promise<void> => writing,
  }
}
