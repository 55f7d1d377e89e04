import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TestRedis {
  /** What a client takes as its address: a socket in a temporary folder. */
  readonly url: string
  /** Starts it again after `kill`, empty. */
  start(): Promise<void>
  /** Ends it without a goodbye. */
  kill(): Promise<void>
  close(): Promise<void>
}

/** Whether this machine has a Redis to test against; the product itself does not need one. */
export const hasRedis = (): boolean => spawnSync('redis-server', ['--version']).status === 0

/** Starts a Redis of its own, kept in memory. */
export const startRedis = async (): Promise<TestRedis> => {
  const folder = await mkdtemp(join(tmpdir(), `gavatcore-redis-${process.pid}-`))
  const url = join(folder, 'redis.sock')
  let server: ReturnType<typeof spawn> | undefined

  const start = async () => {
    await rm(url, { force: true })
    server = spawn('redis-server', ['--port', '0', '--unixsocket', url, '--save', '', '--appendonly', 'no'], {
      stdio: 'ignore',
      cwd: folder,
    })
    while (!(await accepts(url))) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const kill = async () => {
    if (!server) return
    const ended = once(server, 'exit')
    server.kill('SIGKILL')
    await ended
    server = undefined
  }

  await start()
  return {
    url,
    start,
    kill,
    async close() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const accepts = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
