import { describe, expect, it } from 'vitest'

import { AppError } from '#server/base/errors.ts'

import { createTestDatabase } from '#server/testing/db.ts'
import { databaseRefusal } from './database-refusal.ts'

const withCode = (code: string, message = code) => Object.assign(new Error(message), { code })

describe('databaseRefusal', () => {
  it.each([
    ['53100', 'could not extend file "base/1/2": No space left on device', 'database_disk_full'],
    ['57P01', 'terminating connection due to administrator command', 'database_unavailable'],
    ['53300', 'sorry, too many clients already', 'database_unavailable'],
    ['ECONNREFUSED', '', 'database_unavailable'],
  ])('takes %s (%s) for %s', (sqlState, message, code) => {
    expect(databaseRefusal(withCode(sqlState, message))).toMatchObject({ kind: 'unavailable', code })
  })

  it('leaves bugs, files and refusals alone', () => {
    for (const error of [withCode('42601'), withCode('ENOENT'), new TypeError('x'), 'x', new AppError('internal', 'y')])
      expect(databaseRefusal(error)).toBeNull()
  })

  it('knows a connection that was cut while it waited', async () => {
    const { pool } = await createTestDatabase()
    const client = await pool.connect()
    client.on('error', () => undefined)
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    const waiting = client.query('select pg_sleep(20)').catch((error: unknown) => error)
    await pool.query('select pg_terminate_backend($1)', [rows[0]?.pid])
    const error = await waiting
    client.release(true)
    expect(databaseRefusal(error)).toMatchObject({ code: 'database_unavailable' })
  })
})
