import { PassThrough } from 'node:stream'

import { ManualClock } from '#server/base/clock.ts'
import { createTranslator } from '#server/base/translate.ts'
import type { Db } from '#server/db/pool.ts'
import type { CliHost } from '#server/doors/cli/cli-host.ts'
import { COMMAND_GROUPS } from '#server/doors/cli/command-groups.ts'
import { runCli } from '#server/doors/cli/main.ts'
import type { Terminal } from '#server/doors/cli/terminal.ts'

import { NOON } from './factories.ts'

export interface CliOutcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface CliRunner {
  readonly run: (args: readonly string[]) => Promise<CliOutcome>
  /** The data of a command that must succeed without a word on stderr. */
  readonly json: (args: readonly string[]) => Promise<unknown>
}

const notHere = () => Promise.reject(new Error('not part of this test'))

/** Runs command lines in this process, in English, on a database and a clock that stands at noon. */
export const createCliRunner = (
  db: Db,
  overrides: Partial<CliHost> = {},
  terminal: Omit<Terminal, 'out' | 'err'> = { isInteractive: false, hasColor: false, isLive: false, columns: 100 },
): CliRunner => {
  const run = async (args: readonly string[]): Promise<CliOutcome> => {
    const [out, err] = [new PassThrough(), new PassThrough()]
    const host: CliHost = {
      terminal: { out, err, ...terminal },
      language: 'en',
      version: '0.0.0',
      clock: new ManualClock(NOON),
      panel: { url: () => 'https://panel.example', now: () => NOON },
      translator: (locale) => createTranslator(locale, 'cli'),
      prompter: () => notHere(),
      openDatabase: () => Promise.resolve({ db, close: () => Promise.resolve() }),
      telegram: () => notHere(),
      telegramLogin: () => notHere(),
      payments: () => notHere(),
      models: () => notHere(),
      webhooks: () => notHere(),
      examine: () => notHere(),
      runSimulator: () => notHere(),
      ...overrides,
    }
    const code = await runCli(args, host, COMMAND_GROUPS)
    const textOf = (stream: PassThrough) => String(stream.read() ?? '')
    return { code, out: textOf(out), err: textOf(err) }
  }
  return {
    run,
    async json(args) {
      const { code, out, err } = await run([...args, '--json'])
      if (code !== 0 || err !== '') throw new Error(`${args.join(' ')} ended with ${code}: ${err}`)
      return JSON.parse(out)
    },
  }
}
