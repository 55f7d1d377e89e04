// Builds the web panel into dist/web and the Mini App into dist/mini, where one is missing or older than what it is made of. Plain JavaScript for Node 20.
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'

const root = fileURLToPath(new URL('../', import.meta.url))

/** When the file, or the newest file below the folder, was changed. @param {string} path @returns {number} */
const changedAt = (path) => {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) return 0
  if (!stats.isDirectory()) return stats.mtimeMs
  return Math.max(...readdirSync(path).map((name) => changedAt(join(path, name))))
}

/** Smaller ones fit into a packet as they are. */
const WORTH_BYTES = 1_400

/** Packs the files once, and not for everybody who asks. @param {string} folder */
const pack = (folder) => {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    const bytes = readFileSync(file)
    if (bytes.length < WORTH_BYTES) continue
    writeFileSync(`${file}.br`, brotliCompressSync(bytes))
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
  }
}

const sources = ['web', 'contract', 'locales', 'vite.config.ts', 'package-lock.json']
const changed = Math.max(...sources.map((source) => changedAt(join(root, source))))

for (const [mode, folder] of [
  ['production', 'web'],
  ['mini', 'mini'],
]) {
  if (changed <= changedAt(join(root, 'dist', folder, 'index.html'))) continue
  process.stderr.write(`Building dist/${folder} …\n`)
  const { status, stdout, stderr } = spawnSync(
    join(root, 'scripts', 'node24'),
    [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn', '--mode', mode],
    // Whoever starts the build may be a test.
    { cwd: root, encoding: 'utf8', env: { ...process.env, NODE_ENV: 'production' } },
  )
  if (status !== 0) {
    process.stderr.write(`${stdout}${stderr}\ndist/${folder} could not be built.\n`)
    process.exit(1)
  }
  pack(join(root, 'dist', folder, 'assets'))
}
