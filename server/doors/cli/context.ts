import type { Locale } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'
import type { Db } from '#server/db/pool.ts'
import { type OperatorTx, type TenantTx, asOperator, inTenant } from '#server/db/tenant-scope.ts'
import type { Tenant } from '#server/modules/tenancy/index.ts'

import type { CliHost, OpenDatabase } from './cli-host.ts'
import { type Formats, formatsFor } from './present/formats.ts'
import type { Terminal } from './terminal.ts'
import { resolveTenant } from './resolve-tenant.ts'
import type { Translate } from '#server/base/translate.ts'

/** Who changes things from here, for logs and versions. */
export const ACTOR = 'cli'

/** What may stand on every command. */
export interface GlobalOptions {
  readonly json: boolean
  readonly yes: boolean
  readonly dryRun: boolean
  readonly tenant: string | null
  readonly locale: Locale
}

/** What a command works with. The database is opened at its first use and let go at the end of the run. */
export interface CliContext {
  readonly host: CliHost
  readonly terminal: Terminal
  readonly options: GlobalOptions
  readonly t: Translate
  readonly formats: Formats
  readonly now: () => number
  db(): Promise<Db>
  /** The tenant of `--tenant`, or the only one there is. Errors: `invalid/tenant_needed`, `not_found`. */
  tenant(): Promise<Tenant>
  /** Reads within the tenant. */
  read<T>(work: (tx: TenantTx) => Promise<T>): Promise<T>
  /** Changes within the tenant, in one transaction; under `--dry-run` everything is done and then undone. */
  change<T>(work: (tx: TenantTx) => Promise<T>): Promise<T>
  /** {@link change}, across tenants. */
  changeInstallation<T>(work: (tx: OperatorTx) => Promise<T>): Promise<T>
  /** Asks before something that cannot be taken back; `--yes` answers for a script. Errors: `Cancelled`, `invalid/yes_needed`. */
  confirm(question: string): Promise<void>
  /** Says something to the person, aside from the data. */
  note(text: string): void
  close(): Promise<void>
}

/** The person said no, or pressed Ctrl-C. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled'
}

/** Carries the result of a dry run out of the transaction that it undoes. */
class Undone<T> extends Error {
  readonly result: T
  constructor(result: T) {
    super('dry run')
    this.result = result
  }
}

type Run<X> = <T>(work: (tx: X) => Promise<T>) => Promise<T>

const undoing = async <X, T>(run: Run<X>, work: (tx: X) => Promise<T>): Promise<T> => {
  try {
    return await run(async (tx): Promise<T> => {
      throw new Undone(await work(tx))
    })
  } catch (error) {
    if (error instanceof Undone) return error.result as T
    throw error
  }
}

/** What takes longer than this is worth a word. */
const PATIENCE_MS = 2_000

/** Passes steps on only once the whole takes a while: then the newest, and all that follow. */
const tellOnceSlow = (say: (text: string) => void) => {
  let newest: string | null = null
  let isSlow = false
  const timer = setTimeout(() => {
    isSlow = true
    if (newest !== null) say(newest)
  }, PATIENCE_MS)
  return {
    tell: (step: string) => {
      newest = step
      if (isSlow) say(step)
    },
    end: () => clearTimeout(timer),
  }
}

export const createContext = (host: CliHost, options: GlobalOptions, t: Translate): CliContext => {
  const { terminal } = host
  let opened: Promise<OpenDatabase> | undefined
  let resolved: Promise<Tenant> | undefined
  const note = (text: string) => void terminal.err.write(`${text}\n`)
  const open = async (): Promise<OpenDatabase> => {
    const steps = tellOnceSlow(note)
    try {
      return await host.openDatabase(steps.tell)
    } finally {
      steps.end()
    }
  }
  const db = async () => (await (opened ??= open())).db
  const tenant = () => (resolved ??= db().then((open) => resolveTenant(open, options.tenant)))
  const read = async <T>(work: (tx: TenantTx) => Promise<T>): Promise<T> =>
    inTenant(await db(), (await tenant()).id, work)
  const changing = async <X, T>(run: Run<X>, work: (tx: X) => Promise<T>): Promise<T> => {
    if (!options.dryRun) return run(work)
    const result = await undoing(run, work)
    note(t('talk.dryRun'))
    return result
  }
  return {
    host,
    terminal,
    options,
    t,
    formats: formatsFor(options.locale),
    now: () => host.clock.now(),
    db,
    tenant,
    read,
    change: (work) => changing(read, work),
    changeInstallation: async (work) => {
      const open = await db()
      return changing((inner) => asOperator(open, 'command line', inner), work)
    },
    async confirm(question) {
      if (options.yes || options.dryRun) return
      if (!terminal.isInteractive) throw new AppError('invalid', 'yes_needed', { field: '--yes' })
      if (!(await (await host.prompter(t)).confirm(question))) throw new Cancelled()
    },
    note,
    async close() {
      // A database that could not be opened has said so already.
      await (await opened?.catch(() => undefined))?.close()
    },
  }
}
