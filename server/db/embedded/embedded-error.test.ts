import { describe, expect, it } from 'vitest'

import { failureFrom, fileFailureFrom } from './embedded-error.ts'

describe('failureFrom', () => {
  it.each([
    ['FATAL:  could not write to file "pg_wal/xlogtemp.70": No space left on device', 'disk_full'],
    ['FATAL:  could not extend file "base/1/2691": wrote only 4096 of 8192 bytes at block 8', 'disk_full'],
    ['initdb: error: cannot be run as root', 'root_refused'],
    ['initdb: could not look up effective user ID 1234: user does not exist', 'root_refused'],
    ['postgres: error while loading shared libraries: libpq.so.5: cannot open shared object file', 'binaries_missing'],
    ['FATAL:  database files are incompatible with server', 'version_mismatch'],
    ['FATAL:  pre-existing shared memory block (key 5432001, ID 1) is still in use', 'in_use'],
    ['LOG:  could not bind IPv4 address "127.0.0.1": Address already in use', 'in_use'],
    ['FATAL:  data directory "/x" has wrong ownership', 'not_writable'],
    ['FATAL:  something nobody has seen before', 'start_failed'],
  ])('reads %j as %s', (output, code) => {
    const error = failureFrom('Starting PostgreSQL', output)
    expect(error.code).toBe(code)
    expect(error.message).toContain(output)
  })
})

describe('fileFailureFrom', () => {
  it('tells a full disk and a closed folder from a bug', () => {
    const withErrno = (code: string) => Object.assign(new Error(code), { code })
    expect(fileFailureFrom('/data', withErrno('ENOSPC'))).toMatchObject({ code: 'disk_full' })
    expect(fileFailureFrom('/data', withErrno('EROFS'))).toMatchObject({ code: 'not_writable' })
    const bug = new TypeError('x is not a function')
    expect(fileFailureFrom('/data', bug)).toBe(bug)
  })
})
