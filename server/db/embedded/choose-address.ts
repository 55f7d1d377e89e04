import { createHash } from 'node:crypto'
import { chownSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { ClusterLayout } from './cluster-layout.ts'
import { type Address, SOCKET_PORT } from './server-settings.ts'

/** sockaddr_un holds 108 bytes with its end mark on Linux, 104 on macOS. */
const SOCKET_PATH_MAX_BYTES = 103

/**
 * Where the server is to listen: a socket in its own private folder; where that path is too long, in a private folder
 * under the system's temporary one; where no socket can be bound (some mounted volumes), a free TCP port of the loopback.
 * `serverUid` is the account that runs the server.
 */
export const chooseAddress = async (layout: ClusterLayout, serverUid: number): Promise<Address> => {
  for (const folder of [layout.run, temporaryFolderFor(layout)]) {
    if (fits(folder) && isPrivate(folder, serverUid) && (await canBind(join(folder, 'probe'))))
      return { kind: 'socket', folder }
  }
  return { kind: 'tcp', port: await findFreePort() }
}

export const temporaryFolderFor = (layout: ClusterLayout): string =>
  join(tmpdir(), `gavatcore-${createHash('sha256').update(layout.root).digest('hex').slice(0, 16)}`)

/** The list of socket folders in PostgreSQL's settings parts at commas and gives quotes a meaning. */
const fits = (folder: string): boolean =>
  Buffer.byteLength(join(folder, `.s.PGSQL.${SOCKET_PORT}`)) <= SOCKET_PATH_MAX_BYTES && !/[,"\\\n]/.test(folder)

/** Makes `folder` when it is absent; a folder that someone else made in our name is not used. */
const isPrivate = (folder: string, serverUid: number): boolean => {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const found = lstatSync(folder)
    if (!found.isDirectory() || (found.mode & 0o077) !== 0) return false
    if (found.uid === serverUid) return true
    if (found.uid !== process.geteuid?.()) return false
    chownSync(folder, serverUid, -1)
    return true
  } catch {
    return false
  }
}

const canBind = async (path: string): Promise<boolean> => {
  rmSync(path, { force: true })
  try {
    await listenOnce({ path })
    return true
  } catch {
    return false
  } finally {
    rmSync(path, { force: true })
  }
}

const findFreePort = async (): Promise<number> => {
  const port = await listenOnce({ host: '127.0.0.1', port: 0 })
  if (port === null) throw new Error('The loopback gave a TCP listener without a port')
  return port
}

/** Listens, closes again, and tells the TCP port it was given. */
const listenOnce = (on: { readonly path: string } | { readonly host: string; readonly port: number }) =>
  new Promise<number | null>((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(on, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : null))
    })
  })
