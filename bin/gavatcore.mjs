#!/usr/bin/env node
// The gavatcore command: plain JavaScript for Node 20, which hands over to the TypeScript under Node 24.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const at = (/** @type {string} */ path) => fileURLToPath(new URL(`../${path}`, import.meta.url))

if (!existsSync(at('node_modules/.package-lock.json'))) {
  const { status } = spawnSync(process.execPath, [at('scripts/setup.mjs')], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

const installed = at('node_modules/.bin/node')
const node = existsSync(installed) ? installed : process.execPath
// Compiled code is kept, which halves the time until a command begins.
const env = { NODE_COMPILE_CACHE: at('node_modules/.cache/node-compile'), ...process.env }
const child = spawn(node, [at('server/cli.ts'), ...process.argv.slice(2)], { stdio: 'inherit', env })

const isKey = (/** @type {string} */ signal) => signal === 'SIGINT' || signal === 'SIGQUIT'
const hasTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY)

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'])) {
  // A terminal sends the signals of its keys to both of us; all others reach us alone and are passed on. Either way the
  // child decides how to end, and we end as it did.
  process.on(signal, () => {
    if (!(isKey(signal) && hasTerminal)) child.kill(signal)
  })
}

child.once('error', (error) => {
  console.error(`Node.js could not be started from ${node}: ${error.message}. Run "node scripts/setup.mjs".`)
  process.exit(70)
})
child.once('exit', (code, signal) => process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
