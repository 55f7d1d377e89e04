import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface RunningScript {
  readonly child: ChildProcess
  /** The first whole line it writes to its standard output; rejects with its error output when it ends before. */
  readonly firstLine: Promise<string>
  /** Kills it with SIGKILL, which it cannot notice, and waits for its end. */
  kill(): Promise<void>
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Runs `source`, TypeScript that may import `#server/…`, in a process of its own, as the account `uid` when given. */
export const runScript = (source: string, uid?: number): RunningScript => {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', source], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const firstLine = new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const end = text.indexOf('\n')
      if (end >= 0) resolve(text.slice(0, end))
    })
    child.once('error', reject)
    child.once('close', () => reject(new Error(`The script ended without a line. ${errors}`)))
  })
  return {
    child,
    firstLine,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}
