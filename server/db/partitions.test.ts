import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'

import { DAY_MS } from '#server/base/duration.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

import { ensurePartitions } from './partitions.ts'
import { type Db, createDb } from './pool.ts'
import { RETENTION, dropOldTexts, removeFinishedUpdates } from './retention.ts'

let db: Db
let tenantId: number

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
  tenantId = await createTenant(db)
})

const writeMessage = async (at: number, text: string) => {
  const contactId = await createContact(db, tenantId)
  await db
    .insertInto('message')
    .values({ tenant_id: tenantId, contact_id: contactId, chat_id: 1, direction: 'in', at: new Date(at), text })
    .execute()
}

const homeOf = async (text: string): Promise<string | undefined> => {
  const { rows } = await sql<{
    home: string
  }>`select tableoid::regclass::text as home from message where text = ${text}`.execute(db)
  return rows[0]?.home
}

describe('ensurePartitions', () => {
  it('makes the months ahead, so that new rows never land in the default partition', async () => {
    await ensurePartitions(db, NOON)
    await writeMessage(NOON, 'now')
    await writeMessage(NOON + 90 * DAY_MS, 'later')
    expect(await homeOf('now')).toBe('message_202606')
    expect(await homeOf('later')).toBe('message_202608')
  })

  it('moves imported history out of the default partition, unchanged, and leaves absurd dates there', async () => {
    await writeMessage(Date.UTC(2023, 1, 28, 23, 59), 'february')
    await writeMessage(Date.UTC(2023, 2, 1), 'march')
    await writeMessage(Date.UTC(1971, 0, 1), 'absurd')
    const before = await sql`select * from message order by id`.execute(db)
    await ensurePartitions(db, NOON)
    expect(await homeOf('february')).toBe('message_202302')
    expect(await homeOf('march')).toBe('message_202303')
    expect(await homeOf('absurd')).toBe('message_default')
    expect((await sql`select * from message order by id`.execute(db)).rows).toEqual(before.rows)
  })

  it('may run in several processes at once', async () => {
    await Promise.all(Array.from({ length: 5 }, () => ensurePartitions(db, NOON + 400 * DAY_MS)))
    await writeMessage(NOON + 400 * DAY_MS, 'far')
    expect(await homeOf('far')).toBe('message_202707')
  })
})

describe('dropOldTexts', () => {
  it('drops the text after 90 days and keeps the row', async () => {
    await writeMessage(NOON - RETENTION.messageTextMs - 1, 'old')
    await writeMessage(NOON - RETENTION.messageTextMs + 1, 'young')
    const { rows } = await sql<{ count: number }>`select count(*) as count from message`.execute(db)
    await dropOldTexts(db, NOON)
    expect(await homeOf('old')).toBeUndefined()
    expect(await homeOf('young')).toBeDefined()
    expect((await sql<{ count: number }>`select count(*) as count from message`.execute(db)).rows).toEqual(rows)
  })
})

describe('removeFinishedUpdates', () => {
  it('removes what was finished a week ago, never what is new or parked', async () => {
    const accountId = await createAccount(db, tenantId)
    const long = new Date(NOON - RETENTION.finishedUpdateMs - 1)
    const states = [
      ['done', long],
      ['ignored', long],
      ['parked', long],
      ['new', null],
      ['done', new Date(NOON)],
    ] as const
    for (const [index, [state, finishedAt]] of states.entries()) {
      await db
        .insertInto('update_inbox')
        .values({
          tenant_id: tenantId,
          account_id: accountId,
          update_id: index,
          queue_key: 'chat:1',
          kind: 'message',
          state,
          received_at: long,
          finished_at: finishedAt,
        })
        .execute()
    }
    expect(await removeFinishedUpdates(db, NOON)).toBe(2)
    const left = await db.selectFrom('update_inbox').select('update_id').orderBy('update_id').execute()
    expect(left.map((row) => row.update_id)).toEqual([2, 3, 4])
  })
})
