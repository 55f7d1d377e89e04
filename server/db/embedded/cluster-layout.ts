import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { EmbeddedError, fileFailureFrom } from './embedded-error.ts'

/** Where the parts of one embedded server lie inside the data folder. All paths are absolute and free of links. */
export interface ClusterLayout {
  /** `<data folder>/postgres`, readable by its owner alone. */
  readonly root: string
  /** PostgreSQL's own data directory. */
  readonly cluster: string
  /** A cluster being created; it becomes `cluster` by a rename, so a half-made one is never taken for whole. */
  readonly staging: string
  readonly log: string
  /** What the server prints before its log opens. */
  readonly startLog: string
  /** Holds the Unix socket. */
  readonly run: string
  readonly credentials: string
  /** Held while a process starts or stops the server. */
  readonly startLock: string
  /** Shared by every process that relies on the server. */
  readonly usersLock: string
}

export const layoutOf = (dataDir: string): ClusterLayout => {
  const root = join(realIfThere(resolve(dataDir)), 'postgres')
  return {
    root,
    cluster: join(root, 'cluster'),
    staging: join(root, 'cluster.new'),
    log: join(root, 'log'),
    startLog: join(root, 'start.log'),
    run: join(root, 'run'),
    credentials: join(root, 'credentials.json'),
    startLock: join(root, 'start.lock'),
    usersLock: join(root, 'users.lock'),
  }
}

const realIfThere = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** Makes the folders of an embedded server under `dataDir`. Errors: `not_writable`, `disk_full`. */
export const prepareLayout = (dataDir: string): ClusterLayout => {
  try {
    mkdirSync(dataDir, { recursive: true })
    const layout = layoutOf(dataDir)
    for (const folder of [layout.root, layout.log, layout.run]) mkdirSync(folder, { recursive: true, mode: 0o700 })
    return layout
  } catch (error) {
    throw fileFailureFrom(dataDir, error)
  }
}

/** Passwords of the two roles that may log in. They never leave the machine: the file is readable by its owner alone. */
export interface Credentials {
  readonly superuserPassword: string
  readonly applicationPassword: string
}

/** The stored passwords, or null before the first start. */
export const findCredentials = (layout: ClusterLayout): Credentials | null => {
  let text: string
  try {
    text = readFileSync(layout.credentials, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw fileFailureFrom(layout.credentials, error)
  }
  const { superuserPassword, applicationPassword } = JSON.parse(text) as Partial<Credentials>
  if (superuserPassword === undefined || applicationPassword === undefined) throw credentialsMissing(layout)
  return { superuserPassword, applicationPassword }
}

export const credentialsMissing = (layout: ClusterLayout): EmbeddedError =>
  new EmbeddedError(
    'credentials_missing',
    `${layout.credentials} is missing or damaged, but the database beside it needs it. Restore the file from a backup of the data folder.`,
  )

/** Makes and stores new passwords for a new cluster. */
export const createCredentials = (layout: ClusterLayout): Credentials => {
  const credentials = {
    superuserPassword: randomBytes(24).toString('base64url'),
    applicationPassword: randomBytes(24).toString('base64url'),
  }
  try {
    writeFileSync(layout.credentials, JSON.stringify(credentials), { mode: 0o600 })
  } catch (error) {
    throw fileFailureFrom(layout.credentials, error)
  }
  return credentials
}
