export type Listener = (message: string) => void

/** Who listens to which channel in this process. */
export interface Listeners {
  /** True for the first listener of the channel. */
  add(channel: string, listener: Listener): boolean
  /** True for the last listener of the channel. */
  remove(channel: string, listener: Listener): boolean
  tell(channel: string, message: string): void
  clear(): void
}

/** An empty register. */
export const createListeners = (): Listeners => {
  const channels = new Map<string, Set<Listener>>()
  return {
    add(channel, listener) {
      const known = channels.get(channel)
      if (known) known.add(listener)
      else channels.set(channel, new Set([listener]))
      return known === undefined
    },
    remove(channel, listener) {
      const known = channels.get(channel)
      known?.delete(listener)
      return known?.size === 0 && channels.delete(channel)
    },
    tell(channel, message) {
      for (const listener of channels.get(channel) ?? []) listener(message)
    },
    clear: () => channels.clear(),
  }
}
