import { setTimeout as delay } from 'node:timers/promises'

import { type FileLock, tryLockFile, waitForFileLock } from '../file-lock.ts'
import { chooseRunner } from './choose-runner.ts'
import {
  type ClusterLayout,
  type Credentials,
  credentialsMissing,
  findCredentials,
  layoutOf,
  prepareLayout,
} from './cluster-layout.ts'
import { SUPERUSER, createCluster, findCluster } from './create-cluster.ts'
import { EmbeddedError, fileFailureFrom } from './embedded-error.ts'
import { APPLICATION, ensureDatabase, servesOurCluster } from './ensure-database.ts'
import { findBinaries } from './find-binaries.ts'
import { launchServer } from './launch-server.ts'
import { findPostmaster, isRunning, stopPostmaster, waitUntilReady } from './postmaster.ts'
import { readHostFacts } from './run-as.ts'
import { type Address, type Durability, connectionStringFor } from './server-settings.ts'

export interface EmbeddedOptions {
  /** The application's data folder; the server keeps to `postgres/` inside. Made when absent. */
  readonly dataDir: string
  /** Told, in English, of each step that takes a person's patience. */
  readonly onProgress?: (step: string) => void
  /** `durable` unless the data is to be thrown away. */
  readonly durability?: Durability
}

export interface EmbeddedServer {
  /** Logs in as the ordinary role `gavatcore`, owner of the database `gavatcore`. */
  readonly connectionString: string
  /** Logs in as the superuser, to the database `postgres`. */
  readonly superuserConnectionString: string
  /** The server ran already: another process uses it, or one that was killed left it behind. */
  readonly adopted: boolean
  /**
   * Starts the server again at the same address if it has ended under us (killed, out of memory); false when it runs.
   * Not to be called at once by several. Errors: EmbeddedError, also `in_use` while other processes of ours wait for it.
   */
  revive(): Promise<boolean>
  /** Stops using the server; the last user stops it, which ends its sessions. A second call does nothing. */
  stop(): Promise<void>
}

/** Longer than a stop may take, and a first start on a slow disk. */
const LOCK_PATIENCE_MS = 120_000

/**
 * Starts the PostgreSQL of `dataDir`, or joins the one that runs there already; makes it on the first start. It lives
 * in its own process group, so a terminal's Ctrl-C reaches us and not it, and it survives our kill -9 for the next
 * start to adopt. Safe to call from several processes at once. Errors: EmbeddedError.
 */
export const startEmbedded = async (options: EmbeddedOptions): Promise<EmbeddedServer> => {
  const layout = prepareLayout(options.dataDir)
  const startLock = await lockForStart(layout)
  try {
    return (await joinRunning(layout, options)) ?? (await startAnew(layout, options))
  } catch (error) {
    throw fileFailureFrom(layout.root, error)
  } finally {
    startLock.release()
  }
}

/** How to reach the server that runs on `dataDir` now, or null when none does. Starts and stops nothing. */
export const findRunningEmbedded = async (dataDir: string): Promise<{ readonly connectionString: string } | null> => {
  const layout = layoutOf(dataDir)
  const postmaster = findPostmaster(layout)
  const credentials = findCredentials(layout)
  if (!postmaster?.isReady || !postmaster.address || !credentials) return null
  const urls = urlsFor(postmaster.address, credentials)
  return (await servesOurCluster(urls.superuserConnectionString, layout.cluster))
    ? { connectionString: urls.connectionString }
    : null
}

const lockForStart = async (layout: ClusterLayout): Promise<FileLock> => {
  let lock: FileLock | null
  try {
    lock = await waitForFileLock(layout.startLock, 'exclusive', LOCK_PATIENCE_MS)
  } catch (cause) {
    const known = fileFailureFrom(layout.root, cause)
    if (known !== cause) throw known
    throw new EmbeddedError(
      'not_writable',
      `The data folder ${layout.root} cannot be written. Give the user that runs Gavatcore ownership of it, or choose another one.`,
      { cause },
    )
  }
  if (lock) return lock
  throw new EmbeddedError(
    'in_use',
    `Another process has been starting or stopping the database in ${layout.root} for ${LOCK_PATIENCE_MS / 1000} seconds. Stop it, then start again.`,
  )
}

const joinRunning = async (layout: ClusterLayout, options: EmbeddedOptions): Promise<EmbeddedServer | null> => {
  const found = findPostmaster(layout)
  const ready = found && (await waitUntilReady(found.pid, { layout }))
  if (!ready) return null
  const credentials = findCredentials(layout)
  if (!credentials) throw credentialsMissing(layout)
  const urls = urlsFor(ready.address, credentials)
  if (!(await letsUsIn(ready.pid, urls.superuserConnectionString, layout))) return null
  await ensureDatabase(urls.superuserConnectionString, credentials.applicationPassword)
  return serverHandle(layout, options, { urls, share: takeShare(layout) }, true)
}

const LOGIN_TRIES = 25
const LOGIN_RETRY_MS = 200

/** False when the server ends meanwhile: one that was just killed or told to stop still looks alive for a moment. */
const letsUsIn = async (pid: number, superuserConnectionString: string, layout: ClusterLayout): Promise<boolean> => {
  for (let tries = 1; tries <= LOGIN_TRIES; tries += 1) {
    if (await servesOurCluster(superuserConnectionString, layout.cluster)) return true
    if (!isRunning(pid)) return false
    await delay(LOGIN_RETRY_MS)
  }
  throw new EmbeddedError(
    'in_use',
    `Process ${pid} runs on ${layout.cluster} but does not let us in. Stop it (kill -INT ${pid}), then start again.`,
  )
}

const startAnew = async (layout: ClusterLayout, options: EmbeddedOptions): Promise<EmbeddedServer> =>
  serverHandle(layout, options, await launch(layout, options), false)

/** Where the server is, and our right to use it. */
interface Use {
  readonly urls: Urls
  readonly share: FileLock
}

const launch = async (layout: ClusterLayout, options: EmbeddedOptions): Promise<Use> => {
  const { onProgress = () => undefined, durability = 'durable' } = options
  refuseUnseenUsers(layout)
  const binaries = findBinaries()
  const exists = findCluster(layout, binaries.majorVersion) !== null
  const runner = chooseRunner(binaries, layout, readHostFacts(layout))
  if (!exists) onProgress(`Creating a database in ${layout.root}`)
  const credentials = exists ? findCredentials(layout) : await createCluster(runner, layout, durability)
  if (!credentials) throw credentialsMissing(layout)
  onProgress('Starting PostgreSQL')
  const address = await launchServer(runner, layout, durability, onProgress)
  const urls = urlsFor(address, credentials)
  try {
    await ensureDatabase(urls.superuserConnectionString, credentials.applicationPassword)
    return { urls, share: takeShare(layout) }
  } catch (error) {
    const postmaster = findPostmaster(layout)
    if (postmaster) await stopPostmaster(postmaster.pid, layout)
    throw error
  }
}

/**
 * A server of another container is invisible here, and a second one on the same files would destroy them. Its user's
 * lock is not invisible.
 */
const refuseUnseenUsers = (layout: ClusterLayout): void => {
  const sole = tryLockFile(layout.usersLock, 'exclusive')
  if (sole) return sole.release()
  throw new EmbeddedError(
    'in_use',
    `A process that cannot be seen from here (of another container?) uses the database in ${layout.root}, or its server has died. Stop that process, then start again.`,
  )
}

/** Only taken under the start lock, where nobody else holds it exclusively. */
const takeShare = (layout: ClusterLayout): FileLock => {
  const share = tryLockFile(layout.usersLock, 'shared')
  if (!share) throw new EmbeddedError('in_use', `${layout.usersLock} is locked by a program other than Gavatcore.`)
  return share
}

type Urls = Pick<EmbeddedServer, 'connectionString' | 'superuserConnectionString'>

const urlsFor = (address: Address, credentials: Credentials): Urls => ({
  connectionString: connectionStringFor(address, APPLICATION, credentials.applicationPassword, APPLICATION),
  superuserConnectionString: connectionStringFor(address, SUPERUSER, credentials.superuserPassword, 'postgres'),
})

const serverHandle = (
  layout: ClusterLayout,
  options: EmbeddedOptions,
  { urls, share }: Use,
  adopted: boolean,
): EmbeddedServer => {
  let held = share
  let stopping: Promise<void> | undefined
  return {
    ...urls,
    adopted,
    stop: () => (stopping ??= leave(layout, held)),
    async revive() {
      if (stopping || findPostmaster(layout)) return false
      const startLock = await lockForStart(layout)
      try {
        if (findPostmaster(layout)) return false
        // Our own share would look like that of a user who cannot be seen.
        held.release()
        const use = await launch(layout, options).catch((error: unknown) => {
          held = takeShare(layout)
          throw error
        })
        held = use.share
        if (use.urls.connectionString === urls.connectionString) return true
        throw new EmbeddedError('start_failed', 'PostgreSQL runs again, but at another address. Restart Gavatcore.')
      } finally {
        startLock.release()
      }
    },
  }
}

const leave = async (layout: ClusterLayout, share: FileLock): Promise<void> => {
  const startLock = await lockForStart(layout)
  share.release()
  const sole = tryLockFile(layout.usersLock, 'exclusive')
  try {
    const postmaster = sole && findPostmaster(layout)
    if (postmaster) await stopPostmaster(postmaster.pid, layout)
  } finally {
    sole?.release()
    startLock.release()
  }
}
