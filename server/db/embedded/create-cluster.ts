import { spawn } from 'node:child_process'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Runner } from './choose-runner.ts'
import { type ClusterLayout, type Credentials, createCredentials } from './cluster-layout.ts'
import { EmbeddedError, failureFrom, fileFailureFrom } from './embedded-error.ts'
import { type Durability, renderMainSettings } from './server-settings.ts'

export const SUPERUSER = 'postgres'

/** The major version of the cluster on the disk, or null when there is none. Errors: `version_mismatch`. */
export const findCluster = (layout: ClusterLayout, majorVersion: number): number | null => {
  const versionFile = join(layout.cluster, 'PG_VERSION')
  if (!existsSync(versionFile)) return null
  const found = Number.parseInt(readFileSync(versionFile, 'utf8'), 10)
  if (found === majorVersion) return found
  throw new EmbeddedError(
    'version_mismatch',
    `The database in ${layout.cluster} was made by PostgreSQL ${found}, and this release runs PostgreSQL ${majorVersion}. ` +
      `Move its data with pg_dump and pg_restore of PostgreSQL ${found}, or go back to the release that made it.`,
  )
}

/**
 * Character classes come from the operating system's C.UTF-8, without which trigram search sees ASCII letters only.
 * Every glibc of Debian and those since 2.35 have it; elsewhere the plain C locale has to do.
 */
const CTYPES = ['C.UTF-8', 'C'] as const

/** Makes a new cluster: UTF-8, checksums, every login by password. It appears whole or not at all. */
export const createCluster = async (
  runner: Runner,
  layout: ClusterLayout,
  durability: Durability,
): Promise<Credentials> => {
  const credentials = createCredentials(layout)
  const passwordFile = join(layout.root, 'initdb.password')
  try {
    writeFileSync(passwordFile, `${credentials.superuserPassword}\n`, { mode: 0o600 })
    for (const ctype of CTYPES) {
      rmSync(layout.staging, { recursive: true, force: true })
      runner.handOver()
      const output = await runInitdb(runner, layout, { passwordFile, ctype, durability })
      if (output === null) break
      const isLocaleUnknown = /invalid locale name/.test(output) && ctype !== CTYPES.at(-1)
      if (!isLocaleUnknown) throw failureFrom(`Creating the database in ${layout.cluster}`, output)
    }
    writeFileSync(join(layout.staging, 'postgresql.conf'), renderMainSettings(), { mode: 0o600 })
    renameSync(layout.staging, layout.cluster)
  } catch (error) {
    throw fileFailureFrom(layout.root, error)
  } finally {
    rmSync(passwordFile, { force: true })
    rmSync(layout.staging, { recursive: true, force: true })
  }
  return credentials
}

interface InitdbInput {
  readonly passwordFile: string
  readonly ctype: string
  readonly durability: Durability
}

/** Null when it succeeded, else all that it printed. */
const runInitdb = (runner: Runner, layout: ClusterLayout, input: InitdbInput): Promise<string | null> => {
  const command = runner.commandFor(runner.binaries.initdb, [
    `--pgdata=${layout.staging}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${input.passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    `--lc-ctype=${input.ctype}`,
    '--no-instructions',
    ...(input.durability === 'disposable' ? ['--no-sync', '--no-data-checksums'] : ['--data-checksums']),
  ])
  return new Promise((resolve, reject) => {
    const child = spawn(command.file, command.args, {
      ...command.options,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.once('error', reject)
    child.once('close', (code) => resolve(code === 0 ? null : output))
  })
}
