import type { Call, Handlers } from '#simulator/bot-api/call.ts'
import { botMethods } from '#simulator/bot-api/methods/bot.ts'
import { businessMethods } from '#simulator/bot-api/methods/business.ts'
import { callbackMethods } from '#simulator/bot-api/methods/callbacks.ts'
import { chatMethods } from '#simulator/bot-api/methods/chats.ts'
import { copyMethods } from '#simulator/bot-api/methods/copy.ts'
import { editMethods } from '#simulator/bot-api/methods/edit.ts'
import { inviteMethods } from '#simulator/bot-api/methods/invites.ts'
import { managedBotMethods } from '#simulator/bot-api/methods/managed-bots.ts'
import { mediaMethods } from '#simulator/bot-api/methods/media.ts'
import { memberMethods } from '#simulator/bot-api/methods/members.ts'
import { messageMethods } from '#simulator/bot-api/methods/messages.ts'
import { paymentMethods } from '#simulator/bot-api/methods/payments.ts'
import { pollMethods } from '#simulator/bot-api/methods/polls.ts'
import { updateMethods } from '#simulator/bot-api/methods/updates.ts'

const handlers: Handlers = {
  ...botMethods,
  ...businessMethods,
  ...callbackMethods,
  ...chatMethods,
  ...copyMethods,
  ...editMethods,
  ...inviteMethods,
  ...managedBotMethods,
  ...mediaMethods,
  ...memberMethods,
  ...messageMethods,
  ...paymentMethods,
  ...pollMethods,
  ...updateMethods,
}

/** A handler once its arguments are checked against the schema: their static type is no longer needed. */
export type CheckedHandler = (call: Call, args: Record<string, unknown>) => unknown

/** Handlers by method name in lower case; a method of the schema that is not here is not simulated. */
export const HANDLERS: ReadonlyMap<string, CheckedHandler> = new Map(
  Object.entries(handlers).map(([name, handler]) => [name.toLowerCase(), handler as CheckedHandler]),
)
