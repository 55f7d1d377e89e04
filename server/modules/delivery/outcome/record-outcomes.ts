import type { DomainEvent } from '#server/base/events.ts'
import type { SendResult } from '#server/gateways/telegram/call-result.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { pauseFaultyCampaign } from '#server/modules/campaigns/index.ts'
import { recordReachability } from '#server/modules/contacts/index.ts'
import { recordChatMigration, recordOwnLoss } from '#server/modules/groups/index.ts'
import { emitWanted } from '#server/modules/webhooks/index.ts'

import type { ReservedDelivery } from '../delivery.rules.ts'
import { blamesTemplate, endOf, reachabilityAfter, standingAfter } from './outcome.rules.ts'
import {
  type EndedAttempt,
  endAttempts,
  listRunningCampaignsOf,
  markBlockedDeliveries,
  recordSentMessages,
  setAccountLost,
  setAccountWait,
  setChatWait,
} from './outcome.store.ts'

/** One call to Telegram that has ended at instant `at`. */
export interface SendOutcome {
  readonly delivery: ReservedDelivery
  readonly result: SendResult
  readonly at: number
}

/**
 * Writes how these sends ended, of any accounts of the tenant: attempts, deliveries, conversation, counts, waits,
 * reachability and the accounts' own state. All in the caller's transaction, so an outcome is recorded whole or not at
 * all. Saying the same outcomes again changes nothing.
 */
export const recordOutcomes = async (tx: TenantTx, outcomes: readonly SendOutcome[]): Promise<void> => {
  if (outcomes.length === 0) return
  const ended = outcomes.map(toEnded)
  const moved = await endAttempts(tx, ended)
  await recordSentMessages(
    tx,
    ended.filter((e) => e.end.state === 'sent' && moved.has(e.deliveryId)),
  )
  const failed = ended.filter((e) => e.end.state !== 'sent')
  const byAccount = [...Map.groupBy(failed, (e) => e.accountId)].sort(([a], [b]) => a - b)
  for (const [accountId, ofAccount] of byAccount) {
    await recordWaits(tx, accountId, ofAccount)
    await recordUnreachable(tx, accountId, ofAccount)
    await recordChatNews(tx, accountId, ofAccount)
    await recordLostAccount(tx, accountId, ofAccount)
  }
  await pauseFaultyCampaigns(tx, failed)
  await tellEnded(
    tx,
    ended.filter((e) => moved.has(e.deliveryId)),
  )
}

/** Programs of the tenant hear what left and what failed for good, where they want to. */
const tellEnded = async (tx: TenantTx, moved: readonly EndedAttempt[]): Promise<void> => {
  const deliveries = moved.flatMap(({ deliveryId, accountId, contactId, end: { state, reason } }) =>
    state === 'deferred' ? [] : [{ deliveryId, accountId, contactId, state, reason }],
  )
  if (deliveries.length === 0) return
  const at = moved.reduce((newest, ended) => Math.max(newest, ended.at), 0)
  const ended = { type: 'delivery.ended', payload: { deliveries }, at } as const
  await emitWanted(tx, ['message.sent', 'message.failed'], [ended])
}

const toEnded = ({ delivery, result, at }: SendOutcome): EndedAttempt => ({
  deliveryId: delivery.deliveryId,
  attemptId: delivery.attemptId,
  accountId: delivery.accountId,
  contactId: delivery.contactId,
  chatId: delivery.chatId,
  text: delivery.content.text,
  kind: delivery.content.media?.kind ?? 'text',
  result,
  end: endOf(result, delivery.attemptNumber, at, delivery.isRepeat),
  at,
})

const recordWaits = async (tx: TenantTx, accountId: number, ended: readonly EndedAttempt[]): Promise<void> => {
  let accountUntil = 0
  const chats = new Map<number, number>()
  for (const { result, at, chatId } of ended) {
    if (result.kind !== 'retry') continue
    const until = at + result.afterMs
    if (result.scope === 'account') accountUntil = Math.max(accountUntil, until)
    else chats.set(chatId, Math.max(chats.get(chatId) ?? 0, until))
  }
  if (accountUntil > 0) await setAccountWait(tx, accountId, accountUntil)
  for (const [chatId, until] of chats) await setChatWait(tx, accountId, chatId, until)
}

const recordUnreachable = async (tx: TenantTx, accountId: number, ended: readonly EndedAttempt[]): Promise<void> => {
  const blocked: number[] = []
  for (const { result, contactId, at } of [...ended].sort((a, b) => (a.contactId ?? 0) - (b.contactId ?? 0))) {
    const reachability = reachabilityAfter(result)
    if (contactId === null || reachability === null) continue
    await recordReachability(tx, { contactId, accountId, reachability, at })
    if (reachability === 'blocked') blocked.push(contactId)
  }
  if (blocked.length > 0) await markBlockedDeliveries(tx, accountId, blocked, ended[0]?.at ?? 0)
}

/** What a refusal tells of a group holds for all that is still to come into it. */
const recordChatNews = async (tx: TenantTx, accountId: number, ended: readonly EndedAttempt[]): Promise<void> => {
  for (const { result, contactId, chatId, at } of ended) {
    if (contactId !== null || chatId > 0) continue
    if (result.kind === 'migrated') await recordChatMigration(tx, chatId, result.newChatId)
    const status = standingAfter(result)
    if (status) await recordOwnLoss(tx, { accountId, chatTelegramId: chatId, status, at })
  }
}

const recordLostAccount = async (tx: TenantTx, accountId: number, ended: readonly EndedAttempt[]): Promise<void> => {
  for (const { result, at } of ended) {
    if (result.kind !== 'account_lost') continue
    const lost: DomainEvent = { type: 'account.lost', payload: { accountId, reason: result.reason } }
    if (await setAccountLost(tx, accountId, result)) await emitEvents(tx, at, [lost])
    return
  }
}

/** A wording that Telegram refuses would be refused for everybody else too: its campaign stops until somebody looks. */
const pauseFaultyCampaigns = async (tx: TenantTx, ended: readonly EndedAttempt[]): Promise<void> => {
  const faulty = ended.filter((e) => blamesTemplate(e.result))
  if (faulty.length === 0) return
  const campaignIds = await listRunningCampaignsOf(
    tx,
    faulty.map((e) => e.deliveryId),
  )
  for (const id of campaignIds) await pauseFaultyCampaign(tx, id, faulty[0]?.at ?? 0)
}
