import { addTags } from '#server/modules/contacts/index.ts'
import { handOverConversation, upsertInbound } from '#server/modules/conversations/index.ts'
import { cancelOwnOrder, findForSale, listOrders, openOrder } from '#server/modules/sales/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'

import { type Answer, type Talk, reply, say } from './talk.ts'

/** How many of somebody's orders are named to whom they ask about a payment. */
const ORDERS_NAMED = 3

/** Somebody of the tenant has to go on from here. */
const callPerson = async ({ tx, accountId, contactId, at }: Talk, reason: string): Promise<void> => {
  await addTags(tx, { contactIds: [contactId], tags: ['needs-human'], at })
  const { id } = await upsertInbound(tx, { accountId, contactId, messageId: null, at })
  await handOverConversation(tx, id, reason, at)
}

/** Opens the order the button stands for; the message that shows how to pay is the order's own. */
export const buy: Answer = async (talk) => {
  const { tx, accountId, contactId, argument: key, updateId, translator, now: at } = talk
  const pressKey = `press:${accountId}:${updateId}`
  const opened = await openOrder(tx, { accountId, contactId, key, pressKey, translator, at })
  switch (opened.kind) {
    case 'opened':
      return null
    case 'changed':
      return reply(talk, say(talk, 'sell.changed'), [['price', 'human']])
    case 'off':
    case 'no_way':
      await callPerson(talk, 'order')
      return reply(talk, say(talk, 'sell.byPerson'))
  }
}

export const cancelOrder: Answer = async (talk) => {
  const { tx, accountId, contactId, argument: reference, translator, now: at } = talk
  const isCancelled = await cancelOwnOrder(tx, { reference, accountId, contactId }, { translator, at })
  return isCancelled
    ? reply(talk, say(talk, 'sell.cancelled', { reference }), [['price', 'human']])
    : say(talk, 'orderClosed')
}

/** Telegram asks every bot that sells to answer `/paysupport` itself: its own support does not (core.telegram.org/bots/payments). */
export const paySupport: Answer = async (talk) => {
  const orders = await listOrders(talk.tx, { contactId: talk.contactId }, ORDERS_NAMED)
  await callPerson(talk, 'payment')
  const named = orders.map(({ reference, product, state }) =>
    say(talk, 'sell.orderLine', {
      reference,
      product: escapeText(product),
      state: talk.t(`words:orderState.${state}`),
    }),
  )
  return reply(talk, [say(talk, 'sell.paysupport'), ...(named.length > 0 ? [named.join('\n')] : [])].join('\n\n'))
}

export const terms: Answer = async (talk) => {
  const { selling } = await findForSale(talk.tx, talk.accountId, talk.now)
  return reply(talk, selling.terms === null ? say(talk, 'sell.terms') : escapeText(selling.terms), [['price', 'human']])
}
