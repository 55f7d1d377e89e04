// Writes server/db/schema.generated.ts from a freshly migrated database, or with --check fails when it would differ.
// Uses the server of TEST_DATABASE_URL when that is set, else a temporary embedded one.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import pg from 'pg'

import { migrateDatabase } from '#server/db/migrate.ts'
import { createPool } from '#server/db/pool.ts'
import { startTestServer, withDatabase } from '#server/testing/test-server.ts'

import { lineDiff } from './line-diff.ts'
import { COLUMNS_QUERY, type Column, renderSchema } from './schema-text.ts'

const TARGET = fileURLToPath(new URL('../server/db/schema.generated.ts', import.meta.url))

const readColumns = async (url: string): Promise<readonly Column[]> => {
  const pool = createPool({ connectionString: url, min: 0, max: 2, applicationName: 'gavatcore schema' })
  try {
    await migrateDatabase(pool)
    const { rows } = await pool.query<Column>(COLUMNS_QUERY)
    return rows
  } finally {
    await pool.end()
  }
}

const generate = async (): Promise<string> => {
  const server = await startTestServer(process.env['TEST_DATABASE_URL'])
  const name = `gavatcore_schema_${process.pid}`
  const client = new pg.Client({ connectionString: server.url })
  try {
    await client.connect()
    await client.query(`create database ${name}`)
    try {
      return renderSchema(await readColumns(withDatabase(server.url, name)))
    } finally {
      await client.query(`drop database if exists ${name} with (force)`)
    }
  } finally {
    await client.end()
    await server.stop()
  }
}

const made = await generate()
const committed = readFileSync(TARGET, { encoding: 'utf8', flag: 'a+' })
if (made === committed) {
  console.log('server/db/schema.generated.ts agrees with migrations/')
} else if (process.argv.includes('--check')) {
  console.error(lineDiff(committed, made))
  console.error(
    'server/db/schema.generated.ts differs from migrations/: run "node scripts/generate-schema.ts" and commit it',
  )
  process.exitCode = 1
} else {
  writeFileSync(TARGET, made)
  console.log('server/db/schema.generated.ts written')
}
