/** Checks names that no linter knows: words in paths, kinds of files in a module, verbs of exported functions. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'

import { nameFaults } from './names.rules.ts'

const ROOT = resolve(import.meta.dirname, '..')
const FOLDERS = ['server', 'contract', 'simulator', 'web', 'bench', 'e2e', 'scripts', 'locales', 'migrations']

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...FOLDERS], {
  cwd: ROOT,
  encoding: 'utf8',
})
const files = tracked.split('\n').filter((path) => path !== '' && existsSync(resolve(ROOT, path)))
const faults = files.flatMap((path) => {
  const source = /[.]tsx?$/.test(basename(path)) ? readFileSync(resolve(ROOT, path), 'utf8') : ''
  return nameFaults(path, source)
})
for (const fault of faults) console.error(fault)
console.log(`names: ${files.length} files, ${faults.length} faults`)
process.exitCode = faults.length > 0 ? 1 : 0
