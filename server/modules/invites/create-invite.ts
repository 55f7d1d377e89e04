import { AppError, invalid, notFound } from '#server/base/errors.ts'
import { DAY_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { createOutreach } from '#server/modules/delivery/index.ts'
import { getOwnTenant } from '#server/modules/tenancy/index.ts'
import { getTemplate } from '#server/modules/templates/index.ts'

import {
  INVITE_PAUSE_MS,
  type InviteLabels,
  inviteButtons,
  inviteVariant,
  templateFault,
  textFault,
} from './invite.rules.ts'
import { findInviteChat, hasAccount, lockInvitePerson, readInviteFacts } from './invite.store.ts'

export type InviteInput = {
  readonly contactId: number
  /** Row id of the chat. */
  readonly chatId: number
  /** The account that writes to the person. */
  readonly accountId: number
  /** Epoch ms. */
  readonly at: number
} & (
  | { readonly templateId: number }
  /** Telegram HTML that names the sender; the buttons for yes, no and the way out are added. */
  | { readonly text: string; readonly labels: InviteLabels }
)

/**
 * The one way to invite a person into a chat: a commercial message with a yes and a no, queued for the guard like every
 * other (consent, quiet hours, caps, 30 days between two invitations). Refused at once, with `conflict`, for somebody
 * who is there (`already_member`) or was put out (`removed_from_chat`), who said no to this chat to any account (`invite_refused`), or who was invited within
 * 30 days (`already_invited`). Locks the contact. Returns the delivery's id.
 * Errors: `not_found` (contact, chat, account, template), `invalid/invite_template_state|invite_template_class|
 * invite_button_missing|invite_text|contact_without_id`, and the conflicts above.
 */
export const createInvite = async (tx: TenantTx, input: InviteInput): Promise<number> => {
  const { contactId, accountId, at } = input
  const chat = await findInviteChat(tx, input.chatId)
  if (!chat) throw notFound('chat', input.chatId)
  if (!(await hasAccount(tx, accountId))) throw notFound('account', accountId)
  const person = await lockInvitePerson(tx, contactId)
  if (!person) throw notFound('contact', contactId)
  if (person.telegramId === null) throw invalid('contact_without_id', 'contactId', { contact: contactId })
  const facts = await readInviteFacts(tx, contactId, chat.id)
  const conflict = (code: string, more = {}) =>
    new AppError('conflict', code, { field: 'contactId', contact: contactId, chat: chat.id, ...more })
  if (facts.isMember) throw conflict('already_member')
  if (facts.isRemoved) throw conflict('removed_from_chat')
  if (facts.refusedAt) throw conflict('invite_refused')
  if (facts.invitedAt && facts.invitedAt.getTime() > at - INVITE_PAUSE_MS)
    throw conflict('already_invited', { days: Math.ceil((facts.invitedAt.getTime() + INVITE_PAUSE_MS - at) / DAY_MS) })
  const deliveryId = await createOutreach(tx, {
    accountId,
    contactId,
    chatId: person.telegramId,
    content: await contentOf(tx, input),
    inviteChatId: chat.id,
    dedupeKey: `invite:${contactId}:${chat.id}:${at}`,
    at,
  })
  if (deliveryId === null) throw conflict('already_invited', { days: INVITE_PAUSE_MS / DAY_MS })
  return deliveryId
}

const contentOf = async (tx: TenantTx, input: InviteInput) => {
  if ('templateId' in input) {
    const template = await getTemplate(tx, input.templateId)
    const fault = templateFault(template)
    if (fault) throw fault
    const variant = inviteVariant(template)
    if (variant === null) throw invalid('invite_template_state', 'templateId', { state: 'weight_zero' })
    return { templateId: template.id, variant }
  }
  const buttons = inviteButtons(input.labels)
  const fault = textFault(input.text, buttons, (await getOwnTenant(tx)).senderName)
  if (fault) throw fault
  return { text: input.text, buttons }
}
