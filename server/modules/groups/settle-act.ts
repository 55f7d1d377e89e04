import { AppError, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { type ActFilter, type GroupAct, endAct, lockAct, selectActs, settleAct, wantActs } from './act.store.ts'
import { getChat } from './find-chat.ts'
import { UNDO_OF_ACT } from './moderation.rules.ts'

/** The moderation log, newest first, `limit` 1–500. */
export const listGroupActs = (tx: TenantTx, filter: ActFilter = {}, limit = 50): Promise<readonly GroupAct[]> =>
  selectActs(tx, filter, Math.min(Math.max(1, limit), 500))

const openAct = async (tx: TenantTx, actId: number, actor: ActingPerson): Promise<GroupAct> => {
  requireCan(actor.access, 'conversations.reply')
  const act = await lockAct(tx, actId)
  if (!act) throw notFound('group_act', actId)
  if (act.settledAt !== null) throw new AppError('conflict', 'act_settled', { field: 'id', act: actId })
  return act
}

const followUp = async (
  tx: TenantTx,
  act: GroupAct,
  kind: 'lift' | 'unban' | 'ban',
  actor: ActingPerson,
): Promise<GroupAct> => {
  // One that nobody began need not begin; one that somebody has in hand ends before what follows is taken.
  if (act.state === 'wanted') await endAct(tx, act.id, { state: 'spared', reason: 'taken_back', at: actor.at })
  await settleAct(tx, act.id, actor.by, actor.at)
  const { id: chatId } = await getChat(tx, act.chatId)
  const { accountId, contactId } = act
  await wantActs(tx, [
    {
      chatId,
      accountId,
      contactId,
      kind,
      dedupeKey: `settled:${act.id}`,
      messageIds: kind === 'ban' ? act.messageIds : [],
      by: actor.by,
      at: actor.at,
    },
  ])
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: actor.by,
    action: `moderation.${kind}`,
    target: `chat:${chatId}`,
    detail: { act: act.id, contactId: contactId ?? 0 },
    at: actor.at,
  })
  return (await lockAct(tx, act.id)) ?? act
}

/**
 * Takes a restriction, a hold or a ban back. What was deleted stays deleted: Telegram has no way back. Needs
 * `conversations.reply`. Errors: `forbidden`, `not_found`, `conflict/act_settled`, `conflict/act_final`.
 */
export const undoAct = async (tx: TenantTx, actId: number, actor: ActingPerson): Promise<GroupAct> => {
  const act = await openAct(tx, actId, actor)
  const kind = UNDO_OF_ACT[act.kind]
  if ((kind !== 'lift' && kind !== 'unban') || act.state === 'failed' || act.state === 'spared')
    throw new AppError('conflict', 'act_final', { field: 'id', act: actId })
  return followUp(tx, act, kind, actor)
}

/**
 * Decides a hold against its person: the held messages are deleted and the person is put out of the group. Needs
 * `conversations.reply`. Errors: `forbidden`, `not_found`, `conflict/act_settled`, `conflict/act_final`.
 */
export const removeHeld = async (tx: TenantTx, actId: number, actor: ActingPerson): Promise<GroupAct> => {
  const act = await openAct(tx, actId, actor)
  if (act.kind !== 'hold') throw new AppError('conflict', 'act_final', { field: 'id', act: actId })
  return followUp(tx, act, 'ban', actor)
}
