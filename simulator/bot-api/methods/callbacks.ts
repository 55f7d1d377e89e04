import type { Handlers } from '#simulator/bot-api/call.ts'
import { badRequest, QUERY_TOO_OLD } from '#simulator/bot-api/errors.ts'

export const callbackMethods = {
  answerCallbackQuery({ bot, world }, args) {
    const record = world.callbacks.get(args.callback_query_id)
    if (!record || record.botId !== bot.id || record.expiresAt <= world.clock.now()) throw badRequest(QUERY_TOO_OLD)
    if ((args.text?.length ?? 0) > 200) throw badRequest('MESSAGE_TOO_LONG')
    record.answer = { text: args.text, showAlert: args.show_alert ?? false, url: args.url }
    for (const observer of world.observers) observer.callbackAnswered?.(record)
    return true
  },
} satisfies Handlers
