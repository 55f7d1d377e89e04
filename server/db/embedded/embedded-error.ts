export type EmbeddedErrorCode =
  | 'unsupported_platform'
  | 'binaries_missing'
  | 'root_refused'
  | 'not_writable'
  | 'version_mismatch'
  | 'credentials_missing'
  | 'disk_full'
  | 'in_use'
  | 'start_failed'
  | 'stop_failed'

/** The embedded PostgreSQL cannot do what was asked; `message` says why and what to do, in English. */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError'
  readonly code: EmbeddedErrorCode

  constructor(code: EmbeddedErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

interface KnownFailure {
  readonly code: EmbeddedErrorCode
  readonly pattern: RegExp
  readonly fix: string
}

/** What PostgreSQL's own programs print, and what the reader should do about it. First match wins. */
const KNOWN_FAILURES: readonly KnownFailure[] = [
  {
    code: 'disk_full',
    pattern: /no space left on device|disk quota exceeded|wrote only \d+ of \d+ bytes|check free disk space/i,
    fix: 'Free some disk space (a new database needs 60 MB, and room to grow) and start again.',
  },
  {
    code: 'binaries_missing',
    pattern: /error while loading shared libraries|library not loaded|cannot execute|exec format error/i,
    fix: 'Run "node scripts/setup.mjs"; if that does not help, "npm ci". The binaries need a Linux with glibc (not Alpine).',
  },
  {
    code: 'version_mismatch',
    pattern: /database files are incompatible with server|was initialized by PostgreSQL version/i,
    fix: 'Use the Gavatcore release that made this data folder, or move its data with pg_dump and pg_restore.',
  },
  {
    code: 'in_use',
    pattern: /pre-existing shared memory block|lock file ".*" already exists|address already in use/i,
    fix: 'Stop the other PostgreSQL that uses this data folder or address, then start again.',
  },
  {
    code: 'root_refused',
    pattern: /cannot be run as root|"root" execution of the PostgreSQL server|could not look up effective user ID/i,
    fix: 'Run Gavatcore as an ordinary user that is listed in /etc/passwd, or set DATABASE_URL.',
  },
  {
    code: 'not_writable',
    pattern: /permission denied|read-only file system|has wrong ownership|invalid permissions/i,
    fix: 'Give the user that runs Gavatcore ownership of the data folder, or choose another one.',
  },
]

/** The error for a PostgreSQL program that failed while `doing`, from what it printed. */
export const failureFrom = (doing: string, output: string): EmbeddedError => {
  const known = KNOWN_FAILURES.find(({ pattern }) => pattern.test(output))
  const said = output.trim().split('\n').slice(-6).join('\n')
  return known
    ? new EmbeddedError(known.code, `${doing} failed. ${known.fix}\nPostgreSQL said: ${said}`)
    : new EmbeddedError('start_failed', `${doing} failed.\nPostgreSQL said: ${said || '(nothing)'}`)
}

const errnoOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** The error for a file operation on `path` that failed; an error of another kind comes back as it is. */
export const fileFailureFrom = (path: string, error: unknown): unknown => {
  const errno = errnoOf(error)
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    return new EmbeddedError('disk_full', `The disk that holds ${path} is full. Free some space and start again.`, {
      cause: error,
    })
  }
  if (errno === 'EACCES' || errno === 'EPERM' || errno === 'EROFS' || errno === 'ENOTDIR' || errno === 'EEXIST') {
    return new EmbeddedError(
      'not_writable',
      `The data folder ${path} cannot be written (${errno}). Give the user that runs Gavatcore ownership of it, or choose another one.`,
      { cause: error },
    )
  }
  return error
}
