import { type Listener, listenTo } from '#server/db/listen.ts'
import { ACCOUNT_CHANNEL } from '#server/modules/accounts/index.ts'

/** Somebody who works accounts and can look for added, changed or lost ones at once. */
export interface AccountWatcher {
  look(): void
}

/**
 * Hears the database say that accounts changed, in whatever process that was, and has all watchers look: a linked
 * account works within a moment instead of at the next turn. What was said while the connection was down is made up for.
 */
export class AccountLookout {
  readonly #connectionString: string
  readonly #watchers: readonly AccountWatcher[]
  #listener: Listener | null = null

  constructor(connectionString: string, watchers: readonly AccountWatcher[]) {
    this.#connectionString = connectionString
    this.#watchers = watchers
  }

  async start(): Promise<void> {
    const look = () => {
      for (const watcher of this.#watchers) watcher.look()
    }
    this.#listener = listenTo(this.#connectionString, [ACCOUNT_CHANNEL], look, look)
    await this.#listener.ready
  }

  async stop(): Promise<void> {
    await this.#listener?.close()
    this.#listener = null
  }
}
