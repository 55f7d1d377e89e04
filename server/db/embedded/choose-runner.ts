import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, existsSync, lchownSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import type { ClusterLayout } from './cluster-layout.ts'
import { EmbeddedError } from './embedded-error.ts'
import type { Binaries } from './find-binaries.ts'
import { type Command, type HostFacts, type RunAs, commandAs, decideRunAs } from './run-as.ts'

/** PostgreSQL's programs, ready to be spawned by the account that must run them. */
export interface Runner {
  readonly binaries: Binaries
  /** Who owns the server's files on the disk. */
  readonly uid: number
  readonly commandFor: (file: string, args: readonly string[]) => Command
  /** Gives everything under the layout's root to that account, where it is not ours already. */
  readonly handOver: () => void
}

/** Errors: `root_refused` saying what to do, `not_writable` where the cluster is another user's. */
export const chooseRunner = (binaries: Binaries, layout: ClusterLayout, facts: HostFacts): Runner => {
  const runAs = decideRunAs(facts)
  if (runAs.kind === 'refused') throw refusal(layout, facts, runAs.why)
  const commandFor = (file: string, args: readonly string[]) => commandAs(runAs, file, args)
  if (runAs.kind !== 'drop') return { binaries, uid: facts.uid, commandFor, handOver: () => undefined }

  const handOver = () => {
    chownTree(layout.root, runAs)
    chmodSync(layout.root, 0o700)
  }
  handOver()
  if (!canUse(runAs, layout.root)) {
    throw refusal(layout, facts, `${layout.root} lies in a folder that uid ${runAs.uid} may not enter`)
  }
  const usable = canUse(runAs, binaries.postgres) ? binaries : copyBinaries(binaries, layout, handOver)
  return { binaries: usable, uid: runAs.uid, commandFor, handOver }
}

const refusal = (layout: ClusterLayout, facts: HostFacts, why: string): EmbeddedError =>
  facts.uid === 0
    ? new EmbeddedError(
        'root_refused',
        `PostgreSQL does not run as root, and here it cannot run as another user either: ${why}. ` +
          'Run Gavatcore as an ordinary user, or put the data folder where every user may enter (for example ' +
          '/var/lib/gavatcore), or set DATABASE_URL.',
      )
    : new EmbeddedError(
        'not_writable',
        `PostgreSQL cannot run on ${layout.root}: ${why}. Run Gavatcore as the owner of the data folder, or set DATABASE_URL.`,
      )

const canUse = (runAs: RunAs & { kind: 'drop' }, path: string): boolean =>
  spawnSync('/bin/sh', ['-c', 'test -r "$1" && test -x "$1"', 'sh', path], {
    stdio: 'ignore',
    uid: runAs.uid,
    gid: runAs.gid,
    cwd: '/',
  }).status === 0

const chownTree = (path: string, owner: { readonly uid: number; readonly gid: number }): void => {
  chownSync(path, owner.uid, owner.gid)
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    lchownSync(join(entry.parentPath, entry.name), owner.uid, owner.gid)
  }
}

/** 60 MB, once: the account that runs the server may not enter the folder where npm put the programs. */
const copyBinaries = (binaries: Binaries, layout: ClusterLayout, handOver: () => void): Binaries => {
  const nativeDir = join(layout.root, `binaries-${binaries.majorVersion}`)
  if (!existsSync(nativeDir)) {
    cpSync(binaries.nativeDir, nativeDir, { recursive: true, verbatimSymlinks: true })
    handOver()
  }
  return {
    ...binaries,
    nativeDir,
    initdb: join(nativeDir, 'bin', 'initdb'),
    postgres: join(nativeDir, 'bin', 'postgres'),
  }
}
