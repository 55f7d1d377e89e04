import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, readdirSync, rmSync, statSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { chooseAddress } from './choose-address.ts'
import type { Runner } from './choose-runner.ts'
import type { ClusterLayout } from './cluster-layout.ts'
import { EmbeddedError, failureFrom } from './embedded-error.ts'
import { postmasterFile, waitUntilReady } from './postmaster.ts'
import { type Address, type Durability, renderSettings } from './server-settings.ts'

/** Children of a killed postmaster hold its shared memory until they notice, which takes them a moment. */
const TRIES = 10
const RETRY_MS = 500

/**
 * Starts the server and waits until it accepts connections. The caller holds the start lock and knows that no server
 * runs on this cluster. Errors: EmbeddedError.
 */
export const launchServer = async (
  runner: Runner,
  layout: ClusterLayout,
  durability: Durability,
  onProgress: (step: string) => void,
): Promise<Address> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await launchOnce(runner, layout, durability, onProgress)
    } catch (error) {
      if (tries === TRIES || !(error instanceof EmbeddedError) || error.code !== 'in_use') throw error
      await delay(RETRY_MS)
    }
  }
}

const launchOnce = async (
  runner: Runner,
  layout: ClusterLayout,
  durability: Durability,
  onProgress: (step: string) => void,
): Promise<Address> => {
  clearLeftovers(layout)
  const address = await chooseAddress(layout, runner.uid)
  const settings = renderSettings({ address, logFolder: layout.log, durability })
  writeFileSync(join(layout.cluster, 'gavatcore.conf'), settings, { mode: 0o600 })
  runner.handOver()

  const logBefore = sizesOf(layout.log)
  const pid = await spawnServer(runner, layout)
  const ready = await waitUntilReady(pid, {
    layout,
    onWait: (waitedMs) => onProgress(`PostgreSQL is recovering after an unclean end (${waitedMs / 1000} s so far)`),
  })
  if (ready) return ready.address
  const output = `${readFileSync(layout.startLog, 'utf8')}\n${readAdded(layout.log, logBefore)}`
  // On a full disk even the log that would say so has no room.
  const said = isFull(layout.root) ? [output, 'No space left on device'] : [output]
  throw failureFrom(`Starting PostgreSQL on ${layout.cluster}`, said.join('\n'))
}

/** Less than PostgreSQL needs for one block of anything. */
const isFull = (folder: string): boolean => {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize < 8_192
}

/** What a killed server leaves behind names process ids that may belong to others by now, which would stop the next one. */
const clearLeftovers = (layout: ClusterLayout): void => {
  rmSync(postmasterFile(layout), { force: true })
  for (const name of readdirSync(layout.run)) rmSync(join(layout.run, name), { force: true })
}

/** In a process group of its own, reading nothing and writing to the start log until its own log opens. */
const spawnServer = (runner: Runner, layout: ClusterLayout): Promise<number> => {
  const command = runner.commandFor(runner.binaries.postgres, ['-D', layout.cluster])
  const output = openSync(layout.startLog, 'w', 0o600)
  return new Promise<number>((resolve, reject) => {
    const child = spawn(command.file, command.args, {
      ...command.options,
      cwd: '/',
      detached: true,
      stdio: ['ignore', output, output],
    })
    child.once('error', reject)
    child.once('spawn', () => {
      child.unref()
      if (child.pid === undefined) reject(new Error('PostgreSQL was spawned without a process id'))
      else resolve(child.pid)
    })
  }).finally(() => closeSync(output))
}

const sizesOf = (folder: string): ReadonlyMap<string, number> =>
  new Map(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).size]))

/** What was written to the files of `folder` since `before`. */
const readAdded = (folder: string, before: ReadonlyMap<string, number>): string =>
  readdirSync(folder)
    .map((name) =>
      readFileSync(join(folder, name))
        .subarray(before.get(name) ?? 0)
        .toString('utf8'),
    )
    .join('')
