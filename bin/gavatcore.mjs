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
const child = spawn(node, [at('server/doors/cli/main.ts'), ...process.argv.slice(2)], { stdio: 'inherit' })

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'])) {
  // A terminal sends its signals to both of us: we wait for the child's verdict, and pass on what reached us alone.
  process.on(signal, () => {
    if (signal === 'SIGTERM' || signal === 'SIGHUP' || !process.stdin.isTTY) child.kill(signal)
  })
}

child.once('error', (error) => {
  console.error(`Node.js could not be started from ${node}: ${error.message}. Run "node scripts/setup.mjs".`)
  process.exit(70)
})
child.once('exit', (code, signal) => process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
