import type { LinkAdmission } from '#contract/words.ts'
import { AppError, invalid, notFound } from '#server/base/errors.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getCampaign } from '#server/modules/campaigns/index.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { findInviteChat } from '../invite.store.ts'
import { endLink, findMaker, wantLink } from './link.store.ts'

export interface OpenLinkInput {
  /** Row id. */
  readonly chatId: number
  /** The campaign that hands it out; its joins are counted for it. */
  readonly campaignId: number | null
  readonly admission: Extract<LinkAdmission, 'open' | 'request'>
  readonly lifeDays: number
}

/** A year is more than a campaign lasts. */
const LIFE_DAYS_MAX = 90

/**
 * Asks for a link that anybody may be given; it is made within moments. Audited. Returns its id. Errors:
 * `forbidden/not_allowed`, `not_found` (chat, campaign), `invalid/whole_number_expected`, `unavailable/no_link_maker`
 * when no bot of the tenant may invite into the chat.
 */
export const openInviteLink = async (
  tx: TenantTx,
  { chatId, campaignId, admission, lifeDays }: OpenLinkInput,
  { by, access, at }: ActingPerson,
): Promise<number> => {
  requireCan(access, 'campaigns.edit')
  const chat = await findInviteChat(tx, chatId)
  if (!chat) throw notFound('chat', chatId)
  if (campaignId !== null) await getCampaign(tx, campaignId)
  if (!Number.isInteger(lifeDays) || lifeDays < 1 || lifeDays > LIFE_DAYS_MAX)
    throw invalid('whole_number_expected', 'lifeDays', { given: String(lifeDays), min: 1, max: LIFE_DAYS_MAX })
  const makerAccountId = await findMaker(tx, chat.id, null)
  if (makerAccountId === null) throw new AppError('unavailable', 'no_link_maker', { field: 'chatId', chat: chat.id })
  const id = await wantLink(tx, {
    chatId: chat.id,
    makerAccountId,
    admission,
    lifeDays,
    by,
    at,
    giver: null,
    campaignId,
  })
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'invite_link.opened',
    target: `invite_link:${id}`,
    detail: { chat: chat.id, campaign: campaignId },
    at,
  })
  await emitEvents(tx, at, [{ type: 'invites.waiting', payload: {} }])
  return id
}

/**
 * Ends a link: nobody enters by it any more. Audited. Errors: `forbidden/not_allowed`, `not_found` when there is none that
 * lets anybody in.
 */
export const endInviteLink = async (tx: TenantTx, linkId: number, { by, access, at }: ActingPerson): Promise<void> => {
  requireCan(access, 'campaigns.edit')
  if (!(await endLink(tx, linkId, at))) throw notFound('invite link', linkId)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'invite_link.ended',
    target: `invite_link:${linkId}`,
    at,
  })
  await emitEvents(tx, at, [{ type: 'invites.waiting', payload: {} }])
}
