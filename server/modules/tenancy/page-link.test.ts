import { beforeEach, describe, expect, it } from 'vitest'

import { MINUTE_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'

import { createPageLink, findPageVisit, getPageLink, openPageLink, removeOldPageLinks } from './index.ts'

const database = await createTestDatabase()
const db: Db = createDb(database.pool)

let telegramId = 700
let tenantId: number

beforeEach(async () => {
  telegramId += 1
  tenantId = await createTenant(db)
})

const make = (at = NOON) => createPageLink(db, { purpose: 'login', telegramId, tenantId, locale: 'ar' }, at)

describe('createPageLink', () => {
  it('gives a path with a token of which the database keeps only a hash', async () => {
    const { token, path, expiresAt } = await make()
    expect(path).toBe(`/open/${token}`)
    expect(expiresAt).toBe(NOON + 10 * MINUTE_MS)
    expect(JSON.stringify(await db.selectFrom('page_link').selectAll().execute())).not.toContain(token)
  })

  it('works within the transaction of a tenant as well as on its own', async () => {
    const given = await inTenant(db, tenantId, (tx) =>
      createPageLink(tx, { purpose: 'login', telegramId, tenantId }, NOON),
    )
    expect(await getPageLink(db, given.token, NOON)).toMatchObject({ telegramId, tenantId, locale: null })
    const order = await createPageLink(db, { purpose: 'pay', telegramId, onboardingId: 5 }, NOON)
    expect(await getPageLink(db, order.token, NOON)).toMatchObject({ tenantId: null, onboardingId: 5, purpose: 'pay' })
  })

  it('gives one person ten links an hour, however many ask at once, and others theirs', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 14 }, () => make()))
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
    await expect(make(NOON + 59 * MINUTE_MS)).rejects.toMatchObject({ kind: 'rate_limited', code: 'page_links_max' })
    await expect(make(NOON + 61 * MINUTE_MS)).resolves.toBeDefined()
    telegramId += 1
    await expect(make()).resolves.toBeDefined()
  })
})

describe('openPageLink', () => {
  it('exchanges the token for a visit of half an hour that knows who it is for', async () => {
    const { token } = await make()
    const { visit, visitToken } = await openPageLink(db, token, NOON + 1)
    expect(visit).toMatchObject({ purpose: 'login', telegramId, tenantId, locale: 'ar' })
    expect(await findPageVisit(db, visitToken, NOON + 29 * MINUTE_MS)).toEqual(visit)
    expect(await findPageVisit(db, visitToken, NOON + 31 * MINUTE_MS)).toBeNull()
    expect(JSON.stringify(await db.selectFrom('page_link').selectAll().execute())).not.toContain(visitToken)
  })

  it('lets one of many in who press the same link', async () => {
    const { token } = await make()
    const pressed = await Promise.allSettled(Array.from({ length: 5 }, () => openPageLink(db, token, NOON)))
    expect(pressed.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expect(openPageLink(db, token, NOON)).rejects.toMatchObject({ kind: 'conflict', code: 'page_link_used' })
  })

  it('keeps strangers and latecomers out', async () => {
    const { token } = await make()
    await expect(openPageLink(db, token, NOON + 10 * MINUTE_MS)).rejects.toMatchObject({ code: 'page_link_expired' })
    await expect(openPageLink(db, 'guess', NOON)).rejects.toMatchObject({ code: 'page_link_unknown' })
    expect(await findPageVisit(db, token, NOON)).toBeNull()
  })

  it('is not used up by looking', async () => {
    const { token } = await make()
    await getPageLink(db, token, NOON)
    await expect(openPageLink(db, token, NOON)).resolves.toBeDefined()
    await expect(getPageLink(db, token, NOON)).rejects.toMatchObject({ code: 'page_link_used' })
  })
})

describe('removeOldPageLinks', () => {
  it('removes what is over and keeps what can still be used', async () => {
    await removeOldPageLinks(db, NOON + 1_000 * MINUTE_MS)
    const unused = await make()
    const opened = await openPageLink(db, (await make()).token, NOON + MINUTE_MS)
    expect(await removeOldPageLinks(db, NOON + 20 * MINUTE_MS)).toBe(1)
    await expect(getPageLink(db, unused.token, NOON)).rejects.toMatchObject({ code: 'page_link_unknown' })
    expect(await findPageVisit(db, opened.visitToken, NOON + 20 * MINUTE_MS)).not.toBeNull()
    expect(await removeOldPageLinks(db, NOON + 40 * MINUTE_MS)).toBe(1)
  })
})
