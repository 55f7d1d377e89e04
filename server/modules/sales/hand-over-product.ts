import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { ReplyInput } from '#server/modules/delivery/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'

import type { Order } from './order.rules.ts'
import { updateOrder } from './order.store.ts'
import { type Listener, isolate, speak } from './speak.ts'

const thanks = ({ t }: Listener, order: Order): string =>
  t('bot:sell.paid', { product: isolate(order.product), reference: order.reference })

/** What is handed over, as a message of its kind. */
const contentOf = (order: Order, listener: Listener): Pick<ReplyInput, 'text' | 'buttons' | 'media'> => {
  const { fulfilment, fulfilmentContent: content } = order
  const text = thanks(listener, order)
  switch (fulfilment) {
    case 'text':
      return { text: `${text}\n\n${escapeText(content ?? '')}` }
    case 'link':
      return { text, buttons: [[{ text: listener.t('bot:sell.open'), url: content ?? '' }]] }
    case 'file':
      return { text, media: { kind: 'document', source: content ?? '' } }
    case 'hand':
      return { text: `${text}\n\n${listener.t('bot:sell.byHand', { sender: isolate(listener.senderName) })}` }
  }
}

/**
 * Hands over what was bought, once however often it is asked: the message leaves by itself, also after a crash between
 * here and there. What goes by hand, and what has nobody to go to, waits for a member.
 */
export const handOver = async (tx: TenantTx, order: Order, listener: Listener | null, at: number): Promise<Order> => {
  const deliveryId =
    listener &&
    (await speak(tx, listener, {
      ...contentOf(order, listener),
      messageClass: 'transactional',
      dedupeKey: `order:${order.id}:handed-over`,
      at,
    }))
  const isByHand = order.fulfilment === 'hand' || deliveryId === null
  return updateOrder(
    tx,
    order.id,
    isByHand ? { review_reason: 'by_hand' } : { fulfilment_delivery_id: deliveryId, review_reason: null },
  )
}
