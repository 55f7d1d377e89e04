import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { createTranslator } from '#server/base/translate.ts'
import { toDate } from '#server/base/clock.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

import { greetOwner } from './greet-owner.ts'

const OWNER = 31_415
let db: Db
let tenantId: number
let accountId: number

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(async () => {
  tenantId = await createTenant(db)
  accountId = await createAccount(db, tenantId)
  await change({ owner_telegram_id: OWNER, display_name: 'Ayşe & Can' })
})

const change = (fields: Record<string, unknown>) =>
  db.updateTable('account').set(fields).where('id', '=', accountId).execute()
const greet = (writer?: number) =>
  inTenant(db, tenantId, (tx) =>
    greetOwner(tx, {
      accountId,
      ...(writer !== undefined && { writer }),
      tenantLocale: 'tr',
      translator: (locale) => createTranslator(locale, 'bot'),
      at: NOON,
    }),
  )
const queued = () => db.selectFrom('delivery').selectAll().where('tenant_id', '=', tenantId).execute()
const startBot = (reachability: 'reachable' | 'blocked' = 'reachable') =>
  createContact(db, tenantId, { telegramId: OWNER, accountId, reachability })

describe('greetOwner', () => {
  it('queues one transactional message in the tenant’s language, with the name made harmless', async () => {
    const contactId = await startBot()
    expect([await greet(), await greet(OWNER)]).toEqual(['queued', 'queued'])
    const [delivery, ...more] = await queued()
    expect(more).toEqual([])
    expect(delivery).toMatchObject({ message_class: 'transactional', contact_id: contactId, chat_id: OWNER })
    expect(JSON.stringify(delivery?.content)).toContain('Ayşe &amp; Can</b> bağlandı')
  })

  it('speaks the owner’s language', async () => {
    const contactId = await startBot()
    await db.updateTable('contact').set({ language_code: 'ru-RU' }).where('id', '=', contactId).execute()
    await greet()
    expect(JSON.stringify((await queued())[0]?.content)).toContain('подключён')
  })

  it('waits until the owner has started the bot', async () => {
    expect(await greet()).toBe('waiting')
    await startBot('blocked')
    expect(await greet(OWNER)).toBe('waiting')
    expect(await queued()).toEqual([])
  })

  it('greets again when the bot is linked anew', async () => {
    await startBot()
    await greet()
    await change({ linked_at: toDate(NOON) })
    await greet()
    expect(await queued()).toHaveLength(2)
  })

  it('says nothing to strangers, of bots without an owner, or of bots that do not work', async () => {
    await startBot()
    expect(await greet(OWNER + 1)).toBe('nobody')
    await change({ state: 'disconnected' })
    expect(await greet()).toBe('nobody')
    await change({ state: 'active', owner_telegram_id: null })
    expect(await greet()).toBe('nobody')
    expect(await queued()).toEqual([])
  })
})
