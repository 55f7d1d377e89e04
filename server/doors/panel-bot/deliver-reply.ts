import type { CallFailure } from '#server/gateways/telegram/call-result.ts'
import type { InlineButton } from '#server/gateways/telegram/outgoing-message.ts'
import type { SendResult, TelegramAccount, TelegramSender } from '#server/gateways/telegram/sender.ts'

import { encodeCall } from './callback-codec.ts'
import type { PanelButton, Reply } from './reply.ts'

/** How a reply left. `later`: Telegram asked to wait; nothing was shown. `lost`: it will never arrive. */
export type Delivered =
  | { readonly kind: 'done' }
  | { readonly kind: 'later'; readonly afterMs: number }
  | { readonly kind: 'lost'; readonly reason: string }

export interface ReplyTo {
  readonly chatId: number
  /** The message whose button was pressed; null for what somebody wrote. */
  readonly pressedMessageId: number | null
  readonly callbackId: string | null
}

const TOAST_MAX = 200

const buttonOf = (button: PanelButton, tenantId: number): InlineButton => {
  if ('url' in button) return { text: button.label, url: button.url }
  if ('appUrl' in button) return { text: button.label, appUrl: button.appUrl }
  // A ready call, made by a question for its own answer.
  if (button.action.startsWith('!')) return { text: button.label, action: button.action.slice(1) }
  const action = button.action.includes('.') ? button.action : `${button.action}.open`
  const args = (button.args ?? []).map(String)
  return { text: button.label, action: encodeCall({ action, tenantId: button.tenantId ?? tenantId, nonce: '', args }) }
}

/** Edits that Telegram refuses because the message cannot be edited any more. */
const UNEDITABLE: ReadonlySet<string> = new Set(['message_missing', 'message_locked', 'rejected_other'])

const show = async (
  sender: TelegramSender,
  account: TelegramAccount,
  to: ReplyTo,
  reply: Reply & { readonly text: string },
): Promise<SendResult> => {
  const rows = (reply.rows ?? []).filter((row) => row.length > 0)
  const buttons = rows.map((row) => row.map((button) => buttonOf(button, reply.tenantId ?? 0)))
  const message = { text: reply.text, ...(buttons.length > 0 && { buttons }) }
  if (to.pressedMessageId !== null && reply.asNew !== true) {
    const edited = await sender.editText(account, to.chatId, to.pressedMessageId, message)
    if (edited.kind !== 'rejected' || !UNEDITABLE.has(edited.reason)) return edited
  }
  return sender.send(account, { chatId: to.chatId, ...message })
}

const endOf = (failure: CallFailure): Delivered => {
  switch (failure.kind) {
    case 'retry':
      return { kind: 'later', afterMs: failure.afterMs }
    case 'migrated':
      return { kind: 'lost', reason: 'chat_migrated' }
    case 'rejected':
    case 'account_lost':
    case 'unknown':
      return { kind: 'lost', reason: failure.reason }
  }
}

/**
 * Shows a reply: a press edits its message, everything else is one new message; every press has its spinner stopped.
 * What may have arrived is never sent again.
 */
export const deliverReply = async (
  sender: TelegramSender,
  account: TelegramAccount,
  to: ReplyTo,
  reply: Reply,
): Promise<Delivered> => {
  const shown = reply.text === undefined ? null : await show(sender, account, to, { ...reply, text: reply.text })
  // While Telegram asks to wait, the press is answered by the try that goes through.
  if (shown?.kind === 'retry') return endOf(shown)
  // An expired press has no spinner left: how this ends changes nothing.
  if (to.callbackId !== null) await sender.answerCallback(account, to.callbackId, reply.toast?.slice(0, TOAST_MAX))
  return shown === null || shown.kind === 'sent' ? { kind: 'done' } : endOf(shown)
}
