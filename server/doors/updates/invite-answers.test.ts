import { beforeAll, describe, expect, it } from 'vitest'

import { ManualClock, toDate } from '#server/base/clock.ts'
import { silentLogger } from '#server/base/logger.ts'
import { createTranslator } from '#server/base/translate.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createInvite } from '#server/modules/invites/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

import { InboxLane } from './inbox-lane.ts'
import { receiveUpdates } from './receive-updates.ts'
import { ayse, callbackUpdate } from './update-factories.suite.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const scene = async (username: string | null, mayInvite = false) => {
  const clock = new ManualClock(NOON)
  const tenantId = await createTenant(db)
  const accountId = await createAccount(db, tenantId)
  const contactId = await createContact(db, tenantId, { accountId, telegramId: ayse.id, consents: ['marketing'] })
  const chat = await db
    .insertInto('chat')
    .values({
      tenant_id: tenantId,
      telegram_id: -100,
      kind: 'supergroup',
      title: 'M',
      username,
      added_at: toDate(NOON),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const rights = JSON.stringify({ can_invite_users: mayInvite })
  const place = { tenant_id: tenantId, chat_id: chat.id, account_id: accountId, status: 'administrator', rights }
  await db
    .insertInto('chat_account')
    .values({ ...place, changed_at: toDate(NOON) })
    .execute()
  const text = 'Deneme: grubumuza katılır mısınız?'
  const labels = { yes: 'Evet', no: 'Hayır', stop: 'Dur' }
  const deliveryId = await inTenant(db, tenantId, (tx) =>
    createInvite(tx, { contactId, chatId: chat.id, accountId, at: NOON, text, labels }),
  )
  const toasts: (string | null)[] = []
  const translate = createTranslator('tr', 'bot')
  const lane = new InboxLane(
    {
      db,
      clock,
      log: silentLogger,
      translator: () => translate,
      answerCallback: async (answer) => void toasts.push(answer.text),
    },
    { tenantId, accountId, lease: null },
  )
  const press = async (data: string) => {
    const deps = { db, clock, log: silentLogger, count: () => {} }
    await receiveUpdates(deps, { tenantId, accountId }, [callbackUpdate(data)])
    await lane.drain()
    const rows = await db
      .selectFrom('delivery')
      .select('content')
      .where('tenant_id', '=', tenantId)
      .where('message_class', '=', 'reply')
      .orderBy('id')
      .execute()
    return (rows.at(-1)?.content as { readonly text: string } | undefined)?.text ?? null
  }
  const tags = async () =>
    (await db.selectFrom('contact').select('tags').where('id', '=', contactId).executeTakeFirstOrThrow()).tags
  const refusals = () => db.selectFrom('invite_refusal').selectAll().where('tenant_id', '=', tenantId).execute()
  const links = () => db.selectFrom('invite_link').selectAll().where('tenant_id', '=', tenantId).execute()
  return { deliveryId: deliveryId.toString(36), press, refusals, tags, toasts, links }
}

describe('an invitation answered by button', () => {
  it('is refused for good by a no', async () => {
    const { deliveryId, press, refusals } = await scene('musteriler')
    expect(await press(`${deliveryId}.invite_no`)).toBe('Tamam, bu sohbete bir daha çağırmayacağız.')
    expect(await refusals()).toHaveLength(1)
  })

  it('gives the address of a public chat on a yes', async () => {
    const { deliveryId, press, refusals } = await scene('musteriler')
    expect(await press(`${deliveryId}.invite_yes`)).toBe('Buyurun: https://t.me/musteriler')
    expect(await refusals()).toEqual([])
  })

  it('calls a person for a chat without an address', async () => {
    const { deliveryId, press, tags } = await scene(null)
    expect(await press(`${deliveryId}.invite_yes`)).toBe('Bir çalışanımız sizi içeri alacak.')
    expect(await tags()).toEqual(['needs-human'])
  })

  it('prepares a link of the person’s own where a bot may make one, and says so over the chat', async () => {
    const { deliveryId, press, links, toasts } = await scene(null, true)
    expect(await press(`${deliveryId}.invite_yes`)).toBeNull()
    expect(toasts).toEqual(['Size özel bağlantı hazırlanıyor; birazdan buraya gelir.'])
    expect(await links()).toMatchObject([{ state: 'wanted', admission: 'limited' }])
    await press(`${deliveryId}.invite_yes`)
    expect(await links()).toHaveLength(1)
  })

  it('says that a button under somebody else’s invitation does not work', async () => {
    const { press, refusals, toasts } = await scene('musteriler')
    expect(await press('zzz.invite_no')).toBeNull()
    expect(await refusals()).toEqual([])
    expect(toasts).toEqual(['Bu düğme artık geçerli değil. /menu yazabilirsiniz.'])
  })
})
