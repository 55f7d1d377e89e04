import { ManualClock, toDate } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { createFakeTelegram } from '#server/gateways/telegram/adapters/fake/create-fake-telegram.ts'
import type { MemberStatus } from '#server/gateways/telegram/directory.ts'
import { touchContact } from '#server/modules/contacts/index.ts'
import { recordOwnMembership } from '#server/modules/groups/index.ts'

import { NOON, createAccount, createTenant } from './factories.ts'

let serial = 0

/** Who may do everything. */
export const ownerAt = (at: number) => ({ by: 'member:1', access: { kind: 'member', role: 'owner' }, at }) as const

export type GroupsWorld = Awaited<ReturnType<typeof createGroupsWorld>>

const RIGHTS = {
  can_delete_messages: true,
  can_restrict_members: true,
  can_invite_users: true,
  can_pin_messages: true,
}

/** A tenant with a bot that administers a group, in the database and in a Telegram in memory. */
export const createGroupsWorld = async (
  db: Db,
  limits: NonNullable<Parameters<typeof createTenant>[1]>['limits'] = {},
) => {
  serial += 1
  const clock = new ManualClock(NOON)
  const telegram = createFakeTelegram({ clock })
  const tenantId = await createTenant(db, { limits: { group_post_cooldown_seconds: 0, ...limits } })
  const accountId = await createAccount(db, tenantId)
  const telegramId = -1_003_000_000_000 - serial
  const botId = 6_000_000_000 + serial
  const token = `${botId}:AA-groups`
  const chat = { telegramId, kind: 'supergroup', title: 'Meydan', username: null } as const
  const fakeChat = telegram.addChat({ chatId: telegramId, kind: 'supergroup', title: 'Meydan', username: null }, [
    { userId: botId, status: 'administrator', isMember: true, isBot: true },
  ])
  telegram.updateFeed.addBot(token, {
    telegramId: botId,
    username: 'meydan_bot',
    displayName: 'Meydan',
    canJoinGroups: true,
    readsAllGroupMessages: false,
    canConnectToBusiness: false,
  })
  const run = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
  const place = (
    status: 'administrator' | 'member' | 'left' | 'kicked',
    over: { readonly rights?: Record<string, boolean>; readonly at?: number; readonly by?: number } = {},
  ) =>
    run((tx) =>
      recordOwnMembership(tx, {
        accountId,
        chat,
        own: { status, rights: status === 'administrator' ? (over.rights ?? RIGHTS) : {} },
        at: over.at ?? clock.now() - 1_000,
        ...(over.by !== undefined && { by: over.by }),
      }),
    )
  await place('administrator')
  const { id: chatId } = await db
    .selectFrom('chat')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .executeTakeFirstOrThrow()

  let messageId = 0
  return {
    db,
    clock,
    telegram,
    tenantId,
    accountId,
    chatId,
    chat,
    botId,
    deps: {
      db,
      clock,
      moderation: telegram.moderation,
      directory: telegram.directory,
      feed: telegram.updateFeed,
      openAccount: (id: number) =>
        Promise.resolve({ tenantId, accountId: id, kind: 'bot', token, apiRoot: null } as const),
    },
    run,
    place,
    /** A person in the group, on Telegram and as a contact who has written there once. */
    addMember: async (userId: number, status: MemberStatus = 'member'): Promise<number> => {
      fakeChat.members.set(userId, { userId, status, isMember: status !== 'left', isBot: false })
      const touched = await run((tx) =>
        touchContact(tx, {
          accountId,
          person: { telegramId: userId, firstName: `Kişi ${userId}`, lastName: '', isPremium: false, isBot: false },
          at: clock.now() - 60_000,
          kind: 'group_message',
          chat,
          messageId: (messageId += 1),
          updateId: messageId,
        }),
      )
      return touched?.contactId ?? 0
    },
    statusOf: (userId: number) => fakeChat.members.get(userId)?.status ?? null,
    requestToJoin: (userId: number) => void fakeChat.joinRequests.add(userId),
    deliveries: () => db.selectFrom('delivery').selectAll().where('tenant_id', '=', tenantId).orderBy('id').execute(),
    acts: () => db.selectFrom('group_act').selectAll().where('tenant_id', '=', tenantId).orderBy('id').execute(),
    /** What was queued has left, or ended otherwise. */
    endDelivery: (id: number, end: { readonly state: 'sent' | 'failed'; readonly reason?: string }) =>
      db
        .updateTable('delivery')
        .set({
          state: end.state,
          reason: end.reason ?? null,
          reserved_at: toDate(clock.now()),
          finished_at: toDate(clock.now()),
          telegram_message_id: end.state === 'sent' ? 9_000 + id : null,
        })
        .where('id', '=', id)
        .execute(),
  }
}
