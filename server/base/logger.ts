import { mkdirSync } from 'node:fs'
import path from 'node:path'

import pino from 'pino'
import openRollingFile from 'pino-roll'

import { LOG_CATEGORIES, type LogCategory } from '#contract/words.ts'

import { redactFields, redactLine } from './redact.ts'

/** Writes lines of one category: `log.info({ accountId }, 'linked')`. Fields are redacted, messages are fixed texts. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface Logs {
  readonly of: (category: LogCategory) => Logger
  /** Writes out what is buffered and closes the files. */
  readonly close: () => Promise<void>
}

export interface LogsOptions {
  /** Folder that gets one sub-folder a category; null writes no files. */
  readonly dir: string | null
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** `json` for machines, `human` for a terminal, `none` for tests. */
  readonly console: 'json' | 'human' | 'none'
  readonly write?: (line: string) => void
}

/** Two weeks of days, at most 20 MB a file. */
const FILES_KEPT = 14
const FILE_SIZE = '20m'

interface Sink {
  write(line: string): void
}

/**
 * Opens the log files `<dir>/<category>/<category>.<day>.<n>.log`, JSON lines; lines of level error are copied to
 * `errors`. A file that cannot be written (full disk) is reported once on stderr and does not stop the process.
 */
export const openLogs = async (options: LogsOptions): Promise<Logs> => {
  const write = options.write ?? ((line: string) => void process.stdout.write(line))
  const files = new Map<LogCategory, RollingFile>()
  if (options.dir !== null)
    for (const category of LOG_CATEGORIES) files.set(category, await openCategory(options.dir, category))
  const console = consoleSink(options.console, write)
  const loggers = new Map(
    LOG_CATEGORIES.map((category) => [
      category,
      createLogger(category, options.level, files.get(category), files.get('errors'), console),
    ]),
  )
  return {
    of: (category) => loggers.get(category) as Logger,
    close: async () => void (await Promise.all([...files.values()].map(closeFile))),
  }
}

/** Writes nothing: for code that is called outside a running server. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }

type RollingFile = Awaited<ReturnType<typeof openRollingFile>>

const openCategory = async (dir: string, category: LogCategory): Promise<RollingFile> => {
  const folder = path.join(dir, category)
  mkdirSync(folder, { recursive: true })
  const file = await openRollingFile({
    file: path.join(folder, category),
    extension: '.log',
    frequency: 'daily',
    dateFormat: 'yyyy-MM-dd',
    size: FILE_SIZE,
    limit: { count: FILES_KEPT, removeOtherLogFiles: true },
  })
  let reported = false
  file.on('error', (error: Error) => {
    if (!reported) process.stderr.write(`cannot write the log in ${folder}: ${error.message}\n`)
    reported = true
  })
  return file
}

const closeFile = (file: RollingFile): Promise<void> =>
  new Promise((resolve) => {
    file.once('close', resolve)
    file.once('error', () => resolve())
    file.end()
  })

const createLogger = (
  category: LogCategory,
  level: LogsOptions['level'],
  own: Sink | undefined,
  errors: Sink | undefined,
  console: Sink | null,
): Logger => {
  const streams: pino.StreamEntry[] = []
  if (own) streams.push({ level, stream: redacting(own) })
  if (errors && category !== 'errors') streams.push({ level: 'error', stream: redacting(errors) })
  if (console) streams.push({ level, stream: redacting(console) })
  return pino(
    {
      level,
      base: { category },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (fields) => redactFields(fields) },
    },
    pino.multistream(streams, { dedupe: false }),
  )
}

const redacting = (sink: Sink): Sink => ({ write: (line) => sink.write(redactLine(line)) })

const consoleSink = (kind: LogsOptions['console'], write: (line: string) => void): Sink | null => {
  if (kind === 'none') return null
  return { write: kind === 'json' ? write : (line) => write(humanLine(line)) }
}

/** "12:03:22 warn  message  key=value …" out of one JSON line; the stack of an error goes below it. */
const humanLine = (line: string): string => {
  const { time, level, msg, category, err, ...fields } = JSON.parse(line) as Record<string, unknown>
  const words = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const where = category === 'app' ? '' : ` [${String(category)}]`
  const stack = typeof err === 'object' && err !== null && 'stack' in err ? `\n${String(err.stack)}` : ''
  return `${String(time).slice(11, 19)} ${String(level).padEnd(5)}${where} ${String(msg)}${words.length > 0 ? `  ${words.join(' ')}` : ''}${stack}\n`
}
