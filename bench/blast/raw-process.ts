/** The ceiling: a bare grammY loop, no database and no guard, with so many calls under way at once. */
import { Api } from 'grammy'

import { readInput } from '../rig/child.ts'

const { apiRoot, token, inFlight } = readInput<{ apiRoot: string; token: string; inFlight: number }>()
const userIds = await new Promise<readonly number[]>((resolve) => process.once('message', resolve))
const api = new Api(token, { apiRoot })
let next = 0
const startedAt = performance.now()
await Promise.all(
  Array.from({ length: inFlight }, async () => {
    for (let i = next++; i < userIds.length; i = next++) {
      await api.sendMessage(userIds[i] as number, `Merhaba Kişi ${i}, bugün size özel.`, {
        reply_markup: { inline_keyboard: [[{ text: 'Göster', callback_data: `x.${i}` }]] },
      })
    }
  }),
)
process.send?.({ ms: performance.now() - startedAt })
process.disconnect()
