import { AppError, invalid, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { createReply } from '#server/modules/delivery/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { type Conversation, checkReplyText, requireAnswerable, whoMoved } from '../inbox/conversation.rules.ts'
import { findAddressee, saveAnswer } from '../inbox/conversation.store.ts'
import { movedBy, requireConversation } from '../inbox/require-conversation.ts'
import { type Draft, type DraftDecision, DRAFT_DECISIONS, PROMISES, STATE_OF } from './draft.rules.ts'
import { findDraft, lockDraft, saveDecision } from './draft.store.ts'

export interface DraftVerdict {
  readonly draftId: number
  readonly decision: DraftDecision
  /** What to send instead, as it is typed, 1–4 096 characters; for `edit` alone. */
  readonly text?: string
  /** The contact's newest message that was read before deciding; the draft's own when left out. */
  readonly seenMessageId?: number
  /** Sends it whatever was said in between. */
  readonly isSure?: boolean
}

/**
 * A member approves, corrects or rejects a draft; of two who decide at once the second is refused. What is approved is
 * the member's word from then on: a pause of the model does not hold it back, a /stop of the contact does. Locks the
 * conversation, then the draft. Returns the draft as decided. Errors: `forbidden/not_allowed`, `not_found`,
 * `invalid/unknown_word`, `invalid/text_length`, `conflict/draft_decided` with its state, `conflict/draft_promises` for
 * the model's own words with a price or an offer that the catalogue does not have, `conflict/conversation_moved`
 * unless `isSure`, `conflict/contact_erased`, `conflict/contact_blocked`, `conflict/contact_stopped`.
 */
export const decideDraft = async (tx: TenantTx, verdict: DraftVerdict, actor: ActingPerson): Promise<Draft> => {
  const { draftId, decision } = verdict
  const { by, access, at } = actor
  requireCan(access, 'conversations.reply')
  if (!DRAFT_DECISIONS.includes(decision))
    throw invalid('unknown_word', 'decision', { allowed: DRAFT_DECISIONS.join(', ') })
  const text = decision === 'edit' ? checkReplyText(verdict.text ?? '') : null
  const found = await findDraft(tx, draftId)
  if (!found) throw notFound('draft', draftId)
  const conversation = await requireConversation(tx, found.conversationId)
  const draft = await lockDraft(tx, draftId)
  if (!draft) throw notFound('draft', draftId)
  requireProposed(draft, at)
  if (decision === 'approve') refusePromises(draft)
  const sent = decision === 'reject' ? {} : await send(tx, { draft, conversation, text }, verdict, actor)
  await saveDecision(tx, draftId, { state: STATE_OF[decision], by, at, ...sent })
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: `draft.${STATE_OF[decision]}`,
    target: `draft:${draftId}`,
    detail: { conversationId: conversation.id },
    at,
  })
  const decided = await findDraft(tx, draftId)
  if (!decided) throw new Error('a decided draft is gone')
  return decided
}

const requireProposed = ({ id, state, expiresAt }: Draft, at: number): void => {
  const now = state === 'proposed' && expiresAt <= at ? 'expired' : state
  if (now !== 'proposed') throw new AppError('conflict', 'draft_decided', { id, state: now })
}

/** A price or an offer that the catalogue does not have is nobody's word until a member types it. */
const refusePromises = ({ id, findings }: Draft): void => {
  const promises = findings.filter((finding) => PROMISES.has(finding))
  if (promises.length > 0) throw new AppError('conflict', 'draft_promises', { id, findings: promises.join(', ') })
}

interface Decided {
  readonly draft: Draft
  readonly conversation: Conversation
  /** What a member typed instead; null for the model's own words. */
  readonly text: string | null
}

const send = async (
  tx: TenantTx,
  { draft, conversation, text }: Decided,
  { seenMessageId, isSure = false }: DraftVerdict,
  { by, at }: ActingPerson,
): Promise<{ readonly deliveryId: number; readonly editedText?: string }> => {
  const chatId = requireAnswerable(conversation, await findAddressee(tx, conversation))
  const seen = seenMessageId ?? draft.seenMessageId
  const moved = conversation.lastInboundMessageId === seen ? whoMoved(conversation, null) : 'contact'
  if (moved !== null && !isSure) throw await movedBy(tx, conversation, moved)
  const html = text === null ? draft.text : escapeText(text)
  // Its retention is over, and with it its time.
  if (html === null) throw new AppError('conflict', 'draft_decided', { id: draft.id, state: 'expired' })
  const deliveryId = await createReply(tx, {
    accountId: draft.accountId,
    contactId: draft.contactId,
    chatId,
    text: html,
    source: 'reply',
    messageClass: 'reply',
    writtenBy: by,
    dedupeKey: `draft:${draft.id}`,
    at,
  })
  if (deliveryId === null) throw new Error('a draft was sent before it was decided')
  await saveAnswer(tx, conversation.id, { by, at, pendingDeliveryId: deliveryId })
  return { deliveryId, ...(text !== null && { editedText: html }) }
}
