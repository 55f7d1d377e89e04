import { mkdtempSync, readFileSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'

import { systemClock, toDate } from './base/clock.ts'
import { createTestApp } from './testing/app.ts'
import { createTenant, createUserAccount } from './testing/factories.ts'
import { InboxService } from './inbox-service.ts'
import { translatorsOf } from './base/translate.ts'
import { silentLogger } from './base/logger.ts'

const POLL = { timeout: 15_000, interval: 100 }

describe('createApp', () => {
  it('says once that accounts of people cannot be worked without TELEGRAM_API_ID, and works none', async () => {
    const logDir = mkdtempSync(path.join(tmpdir(), 'gavatcore-test-'))
    const app = await createTestApp({ lookEveryMs: 100, logDir })
    const { db } = app.database
    const accountId = await createUserAccount(db, await createTenant(db, { at: systemClock.now() }))
    await app.start()
    await systemClock.sleep(1_500)
    const said = readdirSync(logDir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .flatMap((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8').split('\n'))
      .filter((line) => line.includes('TELEGRAM_API_ID'))
    // The same line may stand in more than one file.
    expect(new Set(said).size).toBe(1)
    expect(said[0]).toContain(String(accountId))
    expect(app.sending.accountIds()).toEqual([])
  })
})

describe('InboxService', () => {
  it('finds updates that nobody told of', async () => {
    const app = await createTestApp()
    const { db, connectionString } = app.database
    const tenantId = await createTenant(db, { at: systemClock.now() })
    const accountId = await createUserAccount(db, tenantId)
    const inbox = new InboxService(
      {
        db,
        clock: systemClock,
        log: silentLogger,
        translator: translatorsOf('bot'),
        answerCallback: () => Promise.resolve(),
      },
      {
        connectionString,
        holder: 'watch:1',
        listAccounts: () => Promise.resolve([{ tenantId, accountId }]),
        lookEveryMs: 60_000,
        atOnce: 1,
      },
    )
    await inbox.start()
    await systemClock.sleep(500)
    // Stored by a process that died before its notice.
    await sql`
      insert into update_inbox (tenant_id, account_id, update_id, queue_key, kind, payload, received_at)
      values (${tenantId}, ${accountId}, 1, 'chat:5', 'message', '{"update_id": 1}', ${toDate(systemClock.now())})`.execute(
      db,
    )
    const states = async () =>
      (await db.selectFrom('update_inbox').select('state').where('account_id', '=', accountId).execute()).map(
        ({ state }) => state,
      )
    await expect.poll(states, POLL).not.toEqual(['new'])
    await inbox.stop()
  })
})
