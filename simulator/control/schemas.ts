import { z } from 'zod'

/** Telegram ids are safe integers. */
export const id = z.number().int()
export const nothing = z.strictObject({})
export const byUser = z.strictObject({ userId: id })
export const byBot = z.strictObject({ botId: id })
export const byUserAndBot = z.strictObject({ userId: id, botId: id })
export const byUserAndChat = z.strictObject({ userId: id, chatId: id })
