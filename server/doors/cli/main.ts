import { CommanderError } from 'commander'

import { AppError } from '#server/base/errors.ts'
import { databaseRefusal } from '#server/base/database-refusal.ts'

import type { CliHost } from './cli-host.ts'
import type { CommandGroup } from './command.ts'
import { Cancelled, type CliContext, type GlobalOptions, createContext } from './context.ts'
import { EXIT, EXIT_BY_KIND } from './exit-codes.ts'
import { refusalText } from './present/refusal-text.ts'
import { type Invocation, buildProgram, explainUsage } from './program.ts'
import { ignoreClosedPipes, paint } from './terminal.ts'
import type { Translate } from '#server/base/translate.ts'

import { languageOf } from './language.ts'

/** `--lang en` anywhere, else the environment's language, else Turkish: needed before anything can be parsed. */
const chooseLocale = (argv: readonly string[], environment: string | undefined): GlobalOptions['locale'] => {
  const index = argv.findIndex((word) => word === '--lang' || word.startsWith('--lang='))
  const word = argv[index]
  const given = index < 0 ? undefined : word === '--lang' ? argv[index + 1] : word?.slice('--lang='.length)
  return languageOf(given) ?? languageOf(environment) ?? 'tr'
}

/**
 * Runs one command line and gives its exit code: 0 done, 1 refused or found wanting, 64 wrong usage, 69 something needed
 * is away, 70 a bug, 75 try again, 130 cancelled. Data goes to the terminal's `out`, everything else to `err`.
 */
export const runCli = async (
  argv: readonly string[],
  host: CliHost,
  groups: readonly CommandGroup[],
): Promise<number> => {
  const { terminal } = host
  ignoreClosedPipes(terminal)
  const locale = chooseLocale(argv, host.language)
  const t = host.translator(locale)
  let invocation: Invocation | undefined
  const program = buildProgram({ terminal, t, version: host.version, groups }, (found) => (invocation = found))
  if (argv.length === 0) {
    program.outputHelp({ error: true })
    return EXIT.usage
  }
  try {
    program.parse([...argv], { from: 'user' })
  } catch (error) {
    return tellUsage(error, host, t)
  }
  if (!invocation) return EXIT.usage
  const given = program.opts<{ json?: boolean; yes?: boolean; dryRun?: boolean; tenant?: string }>()
  const options: GlobalOptions = {
    json: given.json ?? false,
    yes: given.yes ?? false,
    dryRun: given.dryRun ?? false,
    tenant: given.tenant ?? null,
    locale,
  }
  return runInvocation(invocation, createContext(host, options, t))
}

const runInvocation = async ({ command, input }: Invocation, context: CliContext): Promise<number> => {
  const { terminal, options } = context
  try {
    const result = await command.run(context, input)
    const text = options.json ? JSON.stringify(result, null, 2) : await command.render(context, result)
    if (text !== '' && text !== undefined) terminal.out.write(`${text}\n`)
    return command.exitCode?.(result) ?? EXIT.ok
  } catch (error) {
    return tellFailure(error, context)
  } finally {
    await context.close()
  }
}

/** Help and version end here, too: commander throws them with exit code 0. */
const tellUsage = (error: unknown, host: CliHost, t: Translate): number => {
  if (error instanceof AppError) {
    host.terminal.err.write(`${refusalText(t, error)}\n`)
    return EXIT_BY_KIND[error.kind]
  }
  if (!(error instanceof CommanderError)) throw error
  if (error.exitCode === 0) return EXIT.ok
  // A group without a command shows its help by itself.
  if (error.code !== 'commander.help') host.terminal.err.write(`${explainUsage(error, t)}\n`)
  return EXIT.usage
}

/** A refusal in the person's language; a bug as it is, so that it can be reported. */
const tellFailure = (failure: unknown, { terminal, t, options }: CliContext): number => {
  if (failure instanceof Cancelled) {
    terminal.err.write(`${t('talk.cancelled')}\n`)
    return EXIT.cancelled
  }
  const error = databaseRefusal(failure) ?? failure
  if (!(error instanceof AppError)) {
    terminal.err.write(`${t('talk.bug')}\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    return EXIT.bug
  }
  const text = refusalText(t, error)
  if (options.json)
    terminal.err.write(
      `${JSON.stringify({ error: { kind: error.kind, code: error.code, params: error.params, text } })}\n`,
    )
  else terminal.err.write(`${paint(terminal, 'red', text)}\n`)
  return error.code === 'config' ? EXIT.config : EXIT_BY_KIND[error.kind]
}
