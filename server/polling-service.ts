import { LeasedLanes } from '#server/db/leased-lanes.ts'
import { type PollingDeps, pollAccount } from '#server/doors/updates/index.ts'
import type { OpenAccount } from '#server/modules/accounts/index.ts'

export interface PollingServiceOptions {
  readonly holder: string
  /** Active accounts whose updates are polled, opened. */
  readonly listAccounts: () => Promise<readonly OpenAccount[]>
  readonly lookEveryMs?: number
}

/** Polls the accounts this process leases: one poller per account, as Telegram demands. */
export class PollingService {
  readonly #leased: LeasedLanes<OpenAccount>

  constructor(deps: PollingDeps, options: PollingServiceOptions) {
    this.#leased = new LeasedLanes({
      db: deps.db,
      log: deps.log,
      purpose: 'polling',
      holder: options.holder,
      listAccounts: options.listAccounts,
      versionOf: (account) => account.token,
      ...(options.lookEveryMs !== undefined && { lookEveryMs: options.lookEveryMs }),
      work: (account, _lease, signal) => pollAccount(deps, account, signal),
    })
  }

  start(): Promise<void> {
    return this.#leased.start()
  }

  stop(): Promise<void> {
    return this.#leased.stop()
  }

  /** Looks for added or paused accounts at once. */
  look(): void {
    this.#leased.look()
  }

  get accountIds(): readonly number[] {
    return this.#leased.accountIds
  }
}
