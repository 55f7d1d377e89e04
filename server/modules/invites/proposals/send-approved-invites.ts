import type { InviteSkip } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { type MembershipDeps, isChatMember } from '#server/modules/groups/index.ts'
import { getOwnTenant } from '#server/modules/tenancy/index.ts'

import { createInvite } from '../create-invite.ts'
import { findInviteSettings } from '../invite-setting.store.ts'
import type { InviteLabels } from '../invite.rules.ts'
import { findInviteChat } from '../invite.store.ts'
import { findMaker } from '../links/link.store.ts'
import type { Addressee } from '../links/make-links.ts'
import { skipReasonOf } from './proposal.rules.ts'
import { type ApprovedProposal, findApproved, finishProposal, lockWaiting } from './proposal.store.ts'

/** The product's own words of an invitation, in the language of the person. */
export interface InvitationWording {
  /** Telegram HTML that names the sender. */
  invitation(person: Addressee, chatTitle: string): { readonly text: string; readonly labels: InviteLabels }
}

export interface SendDeps extends MembershipDeps {
  readonly wording: InvitationWording
}

/**
 * Queues approved invitations for the guard. Before each, whether the person is in the chat already is asked for, with no
 * transaction open, by an administrator where there is one; where nobody can tell, nobody is invited. A proposal is queued
 * once, whoever else works on it. What no longer holds is skipped with its reason. Returns how many were queued.
 */
export const sendApprovedInvites = async (deps: SendDeps, tenantId: number, signal?: AbortSignal): Promise<number> => {
  let after = { batchId: 0, contactId: 0 }
  for (let sent = 0; ;) {
    if (signal?.aborted === true) return sent
    const found = await inTenant(deps.db, tenantId, async (tx) => {
      const proposal = await findApproved(tx, after)
      return (
        proposal && { proposal, asks: (await findMaker(tx, proposal.chatId, proposal.accountId)) ?? proposal.accountId }
      )
    })
    if (!found) return sent
    const { proposal, asks } = found
    after = proposal
    const { chatId, contactId } = proposal
    const isMember = await isChatMember(deps, { tenantId, accountId: asks, chatId, contactId })
    const skip: InviteSkip | null = isMember === null ? 'membership_unknown' : isMember ? 'already_member' : null
    if (await finish(deps, tenantId, proposal, skip)) sent += 1
  }
}

const finish = async (
  deps: SendDeps,
  tenantId: number,
  proposal: ApprovedProposal,
  skip: InviteSkip | null,
): Promise<boolean> => {
  try {
    return await inTenant(deps.db, tenantId, async (tx) => {
      if (!(await lockWaiting(tx, proposal))) return false
      if (skip !== null) {
        await finishProposal(tx, proposal, { skipReason: skip })
        return false
      }
      const deliveryId = await invite(tx, deps, proposal)
      await finishProposal(tx, proposal, { deliveryId })
      return true
    })
  } catch (error) {
    // Something became known in the meantime: a no, another invitation, a template taken back.
    if (!(error instanceof AppError)) throw error
    await inTenant(deps.db, tenantId, (tx) => finishProposal(tx, proposal, { skipReason: skipReasonOf(error.code) }))
    return false
  }
}

const invite = async (tx: TenantTx, { clock, wording }: SendDeps, proposal: ApprovedProposal): Promise<number> => {
  const { contactId, chatId, accountId, languageCode } = proposal
  const base = { contactId, chatId, accountId, at: clock.now() }
  const { templateId } = await findInviteSettings(tx)
  if (templateId !== null) return createInvite(tx, { ...base, templateId })
  const tenant = await getOwnTenant(tx)
  const chat = await findInviteChat(tx, chatId)
  const person = { tenant, languageCode, fallback: tenant.locale }
  return createInvite(tx, { ...base, ...wording.invitation(person, chat?.title ?? '') })
}
