import type { JoinRequestState } from '#contract/words.ts'
import { AppError, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { wantActs } from './act.store.ts'
import { findChat, getChat } from './find-chat.ts'
import {
  type JoinRequest,
  decideRequest,
  findJoinRule,
  insertJoinRequest,
  lockJoinRequest,
  readApplicant,
  saveJoinRule,
  selectJoinRequests,
} from './join-request.store.ts'
import { type JoinRule, checkJoinRule, decideJoin } from './join-rule.rules.ts'

export interface JoinRequestInput {
  readonly accountId: number
  readonly chatTelegramId: number
  readonly contactId: number
  readonly isViaOwnLink: boolean
  /** They said yes to an invitation, and the link was made for them alone. */
  readonly isInvited?: boolean
  /** When it was asked, by Telegram's clock, and now; epoch ms. */
  readonly requestedAt: number
  readonly now: number
}

/**
 * Writes a request to join down and answers it by the chat's rule: approved, declined, or left for a person. Nobody is
 * written to because of it: asking to be let into a group opens no conversation. Said again, it changes nothing.
 */
export const recordJoinRequest = async (tx: TenantTx, input: JoinRequestInput): Promise<void> => {
  const chat = await findChat(tx, { telegramId: input.chatTelegramId })
  if (!chat) return
  const { accountId, contactId, isViaOwnLink, isInvited = false, requestedAt, now } = input
  const applicant = await readApplicant(tx, { chatId: chat.id, contactId, accountId })
  const { decision, reason } = decideJoin(await findJoinRule(tx, chat.id), { ...applicant, isViaOwnLink, isInvited })
  const id = await insertJoinRequest(tx, { chatId: chat.id, contactId, accountId, isViaOwnLink, requestedAt, reason })
  if (id === null || decision === 'leave') return
  await decide(tx, { id, chatId: chat.id, accountId, contactId }, { decision, reason, by: 'system', at: now })
}

const decide = async (
  tx: TenantTx,
  request: Pick<JoinRequest, 'id' | 'chatId' | 'accountId' | 'contactId'>,
  {
    decision,
    reason,
    by,
    at,
  }: { readonly decision: 'approve' | 'decline'; readonly reason: string; readonly by: string; readonly at: number },
): Promise<void> => {
  await decideRequest(tx, request.id, { state: decision === 'approve' ? 'approving' : 'declining', reason, by, at })
  await wantActs(tx, [
    {
      chatId: request.chatId,
      accountId: request.accountId,
      contactId: request.contactId,
      kind: decision,
      dedupeKey: `join:${request.id}`,
      requestId: request.id,
      by,
      at,
    },
  ])
}

/**
 * A person decides about a request that waits. Needs `conversations.reply`. Errors: `forbidden`, `not_found`,
 * `conflict/join_request_decided`.
 */
export const decideJoinRequest = async (
  tx: TenantTx,
  { requestId, decision }: { readonly requestId: number; readonly decision: 'approve' | 'decline' },
  actor: ActingPerson,
): Promise<JoinRequest> => {
  requireCan(actor.access, 'conversations.reply')
  const request = await lockJoinRequest(tx, requestId)
  if (!request) throw notFound('join_request', requestId)
  if (request.state !== 'waiting')
    throw new AppError('conflict', 'join_request_decided', { field: 'id', state: request.state })
  await decide(tx, request, { decision, reason: 'by_hand', by: actor.by, at: actor.at })
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: actor.by,
    action: `join_request.${decision}`,
    target: `chat:${request.chatId}`,
    detail: { request: requestId, contactId: request.contactId },
    at: actor.at,
  })
  return (await lockJoinRequest(tx, requestId)) ?? request
}

/** Requests to join, newest first, `limit` 1–500. */
export const listJoinRequests = (
  tx: TenantTx,
  filter: { readonly chatId?: number; readonly state?: JoinRequestState } = {},
  limit = 50,
): Promise<readonly JoinRequest[]> => selectJoinRequests(tx, filter, Math.min(Math.max(1, limit), 500))

/** How requests to join a chat are answered. Errors: `not_found`. */
export const getJoinRule = async (tx: TenantTx, chatId: number): Promise<JoinRule> =>
  findJoinRule(tx, (await getChat(tx, chatId)).id)

/**
 * Sets how requests to join a chat are answered; what is left out stays. Needs `settings.edit`. Errors: `forbidden`,
 * `not_found`, `invalid/unknown_word`.
 */
export const setJoinRule = async (
  tx: TenantTx,
  { chatId, ...change }: { readonly chatId: number } & Partial<JoinRule>,
  actor: ActingPerson,
): Promise<JoinRule> => {
  requireCan(actor.access, 'settings.edit')
  const chat = await getChat(tx, chatId)
  const before = await findJoinRule(tx, chat.id)
  const next = checkJoinRule({ ...before, ...change })
  await saveJoinRule(tx, chat.id, next, actor)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: actor.by,
    action: 'join_rule.updated',
    target: `chat:${chat.id}`,
    detail: { 'admit.before': before.admit, 'admit.after': next.admit, otherwise: next.otherwise },
    at: actor.at,
  })
  return next
}
