import { ManualClock, toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import type { Db } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { createFakeTelegram } from '#server/gateways/telegram/adapters/fake/create-fake-telegram.ts'
import type { TelegramAccount } from '#server/gateways/telegram/telegram-account.ts'
import type { MemberAnswer } from '#server/modules/groups/index.ts'
import { reserveSlots } from '#server/modules/delivery/guard/reserve-slots.ts'
import type { Access } from '#server/modules/tenancy/index.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

import { answerInvite, createInvite, endInviteLinks, makeInviteLinks, sendApprovedInvites } from './index.ts'

export const CHAT_TELEGRAM_ID = -1_001_000
const LABELS = { yes: 'Evet', no: 'Hayır', stop: 'Dur' }

/** Who may do everything in these tests; `access` for who may not. */
export const owner = (at = NOON, access: Access = { kind: 'member', role: 'owner' }) => ({ by: 'member:1', access, at })

const wording = {
  link: (_person: unknown, link: string) => `Buyurun: ${link}`,
  byHand: () => 'Bir çalışanımız sizi içeri alacak.',
  invitation: (_person: unknown, chat: string) => ({ text: `Deneme sizi çağırıyor: ${chat}`, labels: LABELS }),
}

/** A tenant whose bot administers a chat without an address, at a Telegram in memory. */
export const createInviteWorld = async (db: Db, over: { readonly username?: string | null } = {}) => {
  const clock = new ManualClock(NOON)
  const tenantId = await createTenant(db)
  const accountId = await createAccount(db, tenantId)
  const telegram = createFakeTelegram({ clock })
  const account: TelegramAccount = { tenantId, accountId, kind: 'bot', token: '7000000001:AA-fake', apiRoot: null }
  const bot = { userId: 7_000_000_001, status: 'administrator', isMember: true, isBot: true } as const
  const title = 'Müşteriler'
  const place = telegram.addChat({ chatId: CHAT_TELEGRAM_ID, kind: 'supergroup', title, username: null }, [bot])
  const { id: chatId } = await db
    .insertInto('chat')
    .values({
      tenant_id: tenantId,
      telegram_id: CHAT_TELEGRAM_ID,
      kind: 'supergroup',
      title,
      username: over.username ?? null,
      added_at: toDate(NOON),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('chat_account')
    .values({
      tenant_id: tenantId,
      chat_id: chatId,
      account_id: accountId,
      status: 'administrator',
      rights: JSON.stringify({ can_invite_users: true }),
      changed_at: toDate(NOON),
    })
    .execute()
  const run = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
  const asked: number[] = []
  const directory = {
    async findMember(_account: number, chat: number, user: number): Promise<MemberAnswer> {
      asked.push(user)
      const result = await telegram.directory.getMember(account, chat, user)
      return result.kind === 'done' ? result.value.status : null
    },
  }
  const maker = {
    make: (_id: number, chat: number, options: Parameters<typeof telegram.directory.createInviteLink>[2]) =>
      telegram.directory.createInviteLink(account, chat, options),
    end: (_id: number, chat: number, url: string) => telegram.directory.revokeInviteLink(account, chat, url),
  }
  const deps = { db, clock, directory, maker, wording }

  let serial = 40_000
  const person = async (more: Partial<Parameters<typeof createContact>[2]> = {}) => {
    const telegramId = (serial += 1)
    return {
      id: await createContact(db, tenantId, { accountId, telegramId, consents: ['marketing'], ...more }),
      telegramId,
    }
  }
  const invite = async (contactId: number) => {
    const text = 'Deneme: gelir misiniz?'
    const id = await run((tx) =>
      createInvite(tx, { contactId, chatId, accountId, at: clock.now(), text, labels: LABELS }),
    )
    await run((tx) => reserveSlots(tx, { accountId, now: clock.now(), limit: 100 }))
    const sent = { state: 'sent', finished_at: toDate(clock.now()), telegram_message_id: id } as const
    await db.updateTable('delivery').set(sent).where('id', '=', id).where('state', '=', 'reserved').execute()
    return id
  }
  const answer = (contactId: number, deliveryId: number, action: 'invite_yes' | 'invite_no' = 'invite_yes') =>
    run((tx) => answerInvite(tx, { contactId, deliveryId, action, at: clock.now() }))
  return {
    db,
    clock,
    tenantId,
    accountId,
    chatId,
    telegram,
    place,
    asked,
    deps,
    run,
    person,
    invite,
    answer,
    makeLinks: () => makeInviteLinks(deps, tenantId),
    endLinks: () => endInviteLinks(deps, tenantId),
    send: () => sendApprovedInvites(deps, tenantId),
    links: () => db.selectFrom('invite_link').selectAll().where('tenant_id', '=', tenantId).orderBy('id').execute(),
    /** Texts that left for people beyond the invitations themselves. */
    replies: async () =>
      (
        await db
          .selectFrom('delivery')
          .select('content')
          .where('tenant_id', '=', tenantId)
          .where('message_class', '=', 'reply')
          .orderBy('id')
          .execute()
      ).map((row) => (row.content as { readonly text: string }).text),
    tagsOf: async (contactId: number) =>
      (await db.selectFrom('contact').select('tags').where('id', '=', contactId).executeTakeFirstOrThrow()).tags,
    /** What a contact wrote, days before now, counted as contacts are. */
    wrote: async (contactId: number, texts: readonly string[], daysAgo = 1) => {
      const at = toDate(clock.now() - daysAgo * DAY_MS)
      for (const text of texts)
        await db
          .insertInto('message')
          .values({
            tenant_id: tenantId,
            at,
            contact_id: contactId,
            account_id: accountId,
            chat_id: 5,
            direction: 'in',
            text,
          })
          .execute()
      await db
        .updateTable('contact_feature')
        .set((eb) => ({
          inbound_count: eb('inbound_count', '+', texts.length),
          engagement_mass: eb('engagement_mass', '+', texts.length),
          engagement_at: at,
        }))
        .where('contact_id', '=', contactId)
        .execute()
    },
  }
}
