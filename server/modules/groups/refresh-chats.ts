import { isDeepStrictEqual } from 'node:util'

import { HOUR_MS } from '#server/base/duration.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import type { CallFailure, CallResult } from '#server/gateways/telegram/call-result.ts'
import { FAILURES } from '#server/gateways/telegram/failures.ts'
import type { TelegramAccount } from '#server/gateways/telegram/telegram-account.ts'
import type { TelegramUpdateFeed } from '#server/gateways/telegram/update-feed.ts'

import {
  type StalePlace,
  listOwnPlaces,
  listStalePlaces,
  saveChatAnswer,
  saveInstallation,
  saveReadsAll,
} from './chat-profile.store.ts'
import { listUnnamed, nameListing } from './directory.store.ts'
import type { OwnStatus } from './group.rules.ts'
import type { GroupDeps } from './perform-acts.ts'
import { recordChat, recordChatMigration } from './record-chat.ts'
import { recordOwnLoss, recordOwnMembership } from './record-own-membership.ts'

export interface RefreshDeps extends GroupDeps {
  readonly feed: Pick<TelegramUpdateFeed, 'validateToken'>
}

/** Chats are asked about again after this long. */
const FRESH_MS = 6 * HOUR_MS
/** So many at once: a chat costs four calls, which wait behind nobody's messages. */
const AT_ONCE = 100

/**
 * Asks Telegram about the tenant's chats whose profile is old: title, members, administrators, the account's own place
 * and rights, what whoever added it is there, and, once an account, whether it sees all messages. No transaction is
 * open during a call. Stops early when Telegram asks for patience. Returns how many chats were asked about.
 */
export const refreshChats = async (deps: RefreshDeps, tenantId: number, signal?: AbortSignal): Promise<number> => {
  const before = deps.clock.now() - FRESH_MS
  const places = await inTenant(deps.db, tenantId, (tx) => listStalePlaces(tx, before, AT_ONCE))
  let asked = 0
  for (const [accountId, ofAccount] of Map.groupBy(places, (place) => place.accountId)) {
    const account = await deps.openAccount(accountId).catch(() => null)
    if (!account) continue
    const me = await deps.feed.validateToken(account)
    if (me.kind !== 'done') continue
    await inTenant(deps.db, tenantId, (tx) => saveReadsAll(tx, accountId, me.value.readsAllGroupMessages))
    for (const place of ofAccount) {
      if (signal?.aborted) return asked
      const isPatient = await refreshChat(deps, account, place, me.value.telegramId)
      asked += 1
      if (!isPatient) break
    }
    await nameListings(deps, account)
  }
  return asked
}

const LISTINGS_AT_ONCE = 5

/** Adds to the tenant's directory what Telegram says of public groups that were written into it. */
const nameListings = async ({ db, directory }: RefreshDeps, account: TelegramAccount): Promise<void> => {
  const names = await inTenant(db, account.tenantId, (tx) => listUnnamed(tx, LISTINGS_AT_ONCE))
  for (const username of names) {
    const card = await directory.getChat(account, `@${username}`)
    if (card.kind !== 'done' || card.value.kind === 'private') continue
    const { title, kind } = card.value
    await inTenant(db, account.tenantId, (tx) => nameListing(tx, { username, title, kind }))
  }
}

/** False when Telegram asks this account to wait. */
const refreshChat = async (
  deps: RefreshDeps,
  account: TelegramAccount,
  place: StalePlace,
  selfId: number,
): Promise<boolean> => {
  const { directory, moderation } = deps
  // What happens while Telegram is asked is newer than its answer.
  const at = deps.clock.now()
  const card = await directory.getChat(account, place.chatTelegramId)
  if (card.kind !== 'done') return recordFault(deps, account, place, card, at)
  const standing = await moderation.getStanding(account, place.chatTelegramId, selfId)
  if (standing.kind !== 'done') return recordFault(deps, account, place, standing, at)
  const members = await directory.countMembers(account, place.chatTelegramId)
  const administrators = await directory.countAdministrators(account, place.chatTelegramId)
  const { addedBy } = place
  const adder = addedBy === null ? null : await directory.getMember(account, place.chatTelegramId, addedBy)
  const { kind } = card.value
  if (kind === 'private') return true
  await inTenant(deps.db, account.tenantId, async (tx) => {
    const chat = { ...card.value, telegramId: card.value.chatId, kind }
    await recordChat(tx, { chat, at })
    const { status, isMember, rights } = standing.value
    const now = !isMember ? (status === 'kicked' ? status : 'left') : status === 'creator' ? 'administrator' : status
    if (!(await isKnown(tx, place, { status: now, rights })))
      await recordOwnMembership(tx, { accountId: account.accountId, chat, own: { status: now, rights }, at })
    await saveChatAnswer(
      tx,
      place.chatId,
      {
        title: card.value.title,
        username: card.value.username,
        memberCount: valueOf(members),
        administratorCount: valueOf(administrators),
        fault: null,
      },
      at,
    )
    if (adder?.kind === 'done' && now !== 'administrator') {
      const isInstalled = adder.value.status === 'creator' || adder.value.status === 'administrator'
      await saveInstallation(tx, { chatId: place.chatId, accountId: account.accountId, isInstalled })
    }
  })
  return ![members, administrators].some((result) => result.kind === 'retry' && result.reason === 'flood_wait')
}

/** The instant of the last change is kept while nothing changes. */
const isKnown = async (tx: TenantTx, place: StalePlace, own: OwnStatus): Promise<boolean> => {
  const known = (await listOwnPlaces(tx, place.chatId)).find(({ accountId }) => accountId === place.accountId)
  return known !== undefined && known.status === own.status && isDeepStrictEqual({ ...known.rights }, { ...own.rights })
}

const valueOf = <T>(result: CallResult<T>): T | null => (result.kind === 'done' ? result.value : null)

const recordFault = async (
  { db }: RefreshDeps,
  account: TelegramAccount,
  place: StalePlace,
  failure: CallFailure,
  at: number,
): Promise<boolean> => {
  if (failure.kind === 'retry') return failure.reason !== 'flood_wait'
  await inTenant(db, account.tenantId, async (tx) => {
    if (failure.kind === 'migrated') {
      await recordChatMigration(tx, place.chatTelegramId, failure.newChatId)
      return
    }
    const word = FAILURES[failure.reason].follows.chat
    if (word === 'left' || word === 'kicked' || word === 'deleted')
      await recordOwnLoss(tx, {
        accountId: account.accountId,
        chatTelegramId: place.chatTelegramId,
        status: word === 'kicked' ? 'kicked' : 'left',
        at,
      })
    const nothing = { title: null, username: null, memberCount: null, administratorCount: null }
    await saveChatAnswer(tx, place.chatId, { ...nothing, fault: failure.reason }, at)
  })
  return true
}
