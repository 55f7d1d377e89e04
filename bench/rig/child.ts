import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** A process of its own, so that its memory and its share of the cores are its own. Messages are plain objects. */
export interface Child {
  readonly process: ChildProcess
  /** The next message the child sends; fails when it ends first. */
  receive<T>(): Promise<T>
  send(message: object): void
  /** Ends it with SIGTERM and waits. */
  stop(): Promise<void>
  /** Ends it as a crash would. */
  kill(): Promise<void>
}

const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((r) => child.once('exit', () => r()))

/**
 * As `npm start` runs the server: most of what a send allocates dies young, and V8's default lets 100 MB of it gather
 * before it looks.
 */
export const SERVER_FLAGS: readonly string[] = ['--max-semi-space-size=16']

/** Starts `bench/<script>` with one JSON argument. Its stderr is ours. `flags` go to Node besides the server's own. */
export const startChild = (script: string, input: object, flags: readonly string[] = []): Child => {
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url))
  const child = fork(path, [JSON.stringify(input)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [...SERVER_FLAGS, ...flags],
  })
  const inbox: unknown[] = []
  const waiting: { resolve: (message: unknown) => void; reject: (error: Error) => void }[] = []
  child.on('message', (message) => {
    const waiter = waiting.shift()
    if (waiter) waiter.resolve(message)
    else inbox.push(message)
  })
  child.on('exit', (code, signal) => {
    for (const waiter of waiting.splice(0)) waiter.reject(new Error(`${script} ended with ${code ?? signal}`))
  })
  return {
    process: child,
    receive: <T>() =>
      new Promise<T>((resolve, reject) => {
        const message = inbox.shift()
        if (message !== undefined) resolve(message as T)
        else if (child.exitCode !== null) reject(new Error(`${script} has ended with ${child.exitCode}`))
        else waiting.push({ resolve: resolve as (message: unknown) => void, reject })
      }),
    send: (message) => void child.send(message),
    async stop() {
      child.kill('SIGTERM')
      await ended(child)
    },
    async kill() {
      child.kill('SIGKILL')
      await ended(child)
    },
  }
}

/** The input of a child script. */
export const readInput = <T>(): T => JSON.parse(process.argv[2] ?? '{}') as T
