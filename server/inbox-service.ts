import { type RegularLook, lookRegularly } from '#server/base/look-regularly.ts'
import { Turns } from '#server/base/turns.ts'
import { LeasedLanes } from '#server/db/leased-lanes.ts'
import { type Listener, listenTo } from '#server/db/listen.ts'
import {
  InboxBatches,
  type InboxDeps,
  InboxLane,
  LOOK_EVERY_MS,
  type UpdateOwner,
} from '#server/doors/updates/index.ts'
import { UPDATE_CHANNEL, listAccountsWithUpdates } from '#server/modules/accounts/index.ts'

export interface InboxServiceOptions {
  readonly connectionString: string
  readonly holder: string
  /** Every account that is not disconnected: what came in before a pause is still applied. */
  readonly listAccounts: () => Promise<readonly UpdateOwner[]>
  readonly lookEveryMs?: number
  /** How many tenants' inboxes are applied at once, each with a connection to the database; unbounded when left out. */
  readonly atOnce?: number
}

/** Works the inboxes of the accounts this process leases, woken by the database when something comes in. */
export class InboxService {
  readonly #deps: InboxDeps
  readonly #options: InboxServiceOptions
  readonly #lanes = new Map<number, InboxLane>()
  readonly #leased: LeasedLanes<UpdateOwner>
  #listener: Listener | null = null
  #watch: RegularLook | null = null

  constructor(deps: InboxDeps, options: InboxServiceOptions) {
    this.#deps = deps
    this.#options = options
    const { db, translator, clock } = deps
    const turns = options.atOnce === undefined ? null : new Turns(options.atOnce)
    const batches = new InboxBatches({ db, translator, now: () => clock.now() }, turns)
    this.#leased = new LeasedLanes({
      db: deps.db,
      log: deps.log,
      purpose: 'updates',
      holder: options.holder,
      listAccounts: options.listAccounts,
      ...(options.lookEveryMs !== undefined && { lookEveryMs: options.lookEveryMs }),
      work: async ({ tenantId, accountId, purpose = 'contacts' }, lease, signal) => {
        const lane = new InboxLane(deps, {
          tenantId,
          accountId,
          purpose,
          lease,
          isWatched: true,
          batches,
        })
        this.#lanes.set(accountId, lane)
        try {
          await lane.run(signal)
        } finally {
          this.#lanes.delete(accountId)
        }
      },
    })
  }

  async start(): Promise<void> {
    await this.#leased.start()
    const wakeAll = () => {
      for (const lane of this.#lanes.values()) lane.wake()
    }
    const wakeOne = (_channel: string, accountId: string) => this.#lanes.get(Number(accountId))?.wake()
    this.#listener = listenTo(this.#options.connectionString, [UPDATE_CHANNEL], wakeOne, wakeAll)
    await this.#listener.ready
    this.#watch = lookRegularly(
      LOOK_EVERY_MS,
      () => this.#lookForUpdates(),
      (error) => this.#deps.log.warn({ err: error }, 'the inboxes could not be looked after'),
    )
  }

  /** For all inboxes at once what each would otherwise ask for itself. */
  async #lookForUpdates(): Promise<void> {
    for (const accountId of await listAccountsWithUpdates(this.#deps.db, [...this.#lanes.keys()]))
      this.#lanes.get(accountId)?.wake()
  }

  /** Finishes the batches under way and gives the accounts back. */
  async stop(): Promise<void> {
    await this.#watch?.stop()
    await this.#leased.stop()
    await this.#listener?.close()
    this.#listener = null
    this.#deps.log.debug({}, 'the inboxes are given back')
  }

  /** Looks for added or paused accounts at once. */
  look(): void {
    this.#leased.look()
  }

  get accountIds(): readonly number[] {
    return this.#leased.accountIds
  }
}
