import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'

import type { ClusterLayout } from './cluster-layout.ts'

interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

export interface HostFacts {
  readonly uid: number
  /** Whether our own uid has an entry among the machine's accounts: initdb insists on one. */
  readonly hasAccount: boolean
  /** Who owns an existing cluster; null when there is none. */
  readonly clusterOwner: { readonly uid: number; readonly gid: number } | null
  readonly namespaceAllowed: boolean
  /** The machine's unprivileged accounts. */
  readonly accounts: readonly Account[]
}

export type RunAs =
  | { readonly kind: 'direct' }
  /** In a user namespace where we appear as another account; on the disk we stay who we are. */
  | { readonly kind: 'namespace'; readonly uid: number; readonly gid: number }
  /** As another account altogether, which must be able to reach and own the files. */
  | { readonly kind: 'drop'; readonly uid: number; readonly gid: number }
  | { readonly kind: 'refused'; readonly why: string }

/** Whose uid means "mapped to nobody" inside a user namespace. */
const OVERFLOW_UID = 65_534

/** How to run PostgreSQL, which refuses to run as root and as a uid without an account. */
export const decideRunAs = (facts: HostFacts): RunAs => {
  const { uid, clusterOwner, accounts } = facts
  const stranger = accounts.find((account) => account.uid !== OVERFLOW_UID)
  if (uid !== 0) {
    if (clusterOwner && clusterOwner.uid !== uid) {
      return { kind: 'refused', why: `the database belongs to uid ${clusterOwner.uid} and we run as uid ${uid}` }
    }
    if (facts.hasAccount) return { kind: 'direct' }
    if (facts.namespaceAllowed && stranger) return { kind: 'namespace', uid: stranger.uid, gid: stranger.gid }
    return { kind: 'refused', why: `uid ${uid} has no entry in /etc/passwd` }
  }
  if (clusterOwner && clusterOwner.uid !== 0) return { kind: 'drop', ...clusterOwner }
  if (facts.namespaceAllowed && stranger) return { kind: 'namespace', uid: stranger.uid, gid: stranger.gid }
  const account = accounts.find(({ name }) => name === 'postgres') ?? stranger ?? accounts[0]
  if (account) return { kind: 'drop', uid: account.uid, gid: account.gid }
  return { kind: 'refused', why: 'we run as root, user namespaces are off and no other account exists' }
}

/** Reads what {@link decideRunAs} needs from this machine. */
export const readHostFacts = (layout: ClusterLayout): HostFacts => {
  const uid = process.geteuid?.() ?? 1
  const accounts = readAccounts()
  const needsOther = uid === 0 || !hasAccount()
  return {
    uid,
    hasAccount: hasAccount(),
    clusterOwner: ownerOf(layout.cluster),
    namespaceAllowed: needsOther && isNamespaceAllowed(accounts),
    accounts,
  }
}

const hasAccount = (): boolean => {
  try {
    return userInfo().username !== ''
  } catch {
    return false
  }
}

const ownerOf = (path: string): HostFacts['clusterOwner'] => {
  const found = statSync(path, { throwIfNoEntry: false })
  return found ? { uid: found.uid, gid: found.gid } : null
}

const readAccounts = (): readonly Account[] => {
  let text: string
  try {
    text = readFileSync('/etc/passwd', 'utf8')
  } catch {
    return []
  }
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .flatMap(([name, , uid, gid]) =>
      name && Number(uid) > 0 && Number.isInteger(Number(gid)) ? [{ name, uid: Number(uid), gid: Number(gid) }] : [],
    )
}

const isNamespaceAllowed = (accounts: readonly Account[]): boolean => {
  const account = accounts.find(({ uid }) => uid !== OVERFLOW_UID)
  if (process.platform !== 'linux' || !account) return false
  const [file, ...args] = namespaceCommand(account)
  return spawnSync(file, [...args, 'true'], { stdio: 'ignore', env: CLEAN_ENV }).status === 0
}

const namespaceCommand = ({ uid, gid }: { readonly uid: number; readonly gid: number }): [string, ...string[]] => [
  'unshare',
  '--user',
  `--map-user=${uid}`,
  `--map-group=${gid}`,
]

/** PostgreSQL gets no variable of ours: none of our secrets, and no PGDATA or PGPORT that would lead it astray. */
const CLEAN_ENV: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
}

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly options: { readonly env: Readonly<Record<string, string>>; readonly uid?: number; readonly gid?: number }
}

/** `file args` as it must be spawned under `runAs`. */
export const commandAs = (
  runAs: Exclude<RunAs, { kind: 'refused' }>,
  file: string,
  args: readonly string[],
): Command => {
  switch (runAs.kind) {
    case 'direct':
      return { file, args, options: { env: CLEAN_ENV } }
    case 'namespace': {
      const [unshare, ...flags] = namespaceCommand(runAs)
      return { file: unshare, args: [...flags, file, ...args], options: { env: CLEAN_ENV } }
    }
    case 'drop':
      return { file, args, options: { env: CLEAN_ENV, uid: runAs.uid, gid: runAs.gid } }
  }
}
