import type { OrderState, WebhookKind } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { DomainEventType, StoredEvent } from '#server/base/events.ts'

/** The events that webhooks are written from. */
export const NEWS_TYPES = [
  'contact.created',
  'contact.answered',
  'contact.stopped',
  'contact.blocked',
  'contact.joined_group',
  'consent.changed',
  'segment.changed',
  'delivery.ended',
  'campaign.started',
  'campaign.finished',
  'conversation.opened',
  'conversation.handed_over',
  'conversation.overdue',
  'conversation.closed',
  'order.changed',
  'account.linked',
  'account.lost',
] as const satisfies readonly DomainEventType[]

/** What an endpoint is told: ids, words and figures, never what somebody wrote. */
export interface News {
  readonly kind: WebhookKind
  /** The same whenever the same is told again. */
  readonly key: string
  readonly data: object
}

const ORDER_KINDS: Readonly<Partial<Record<OrderState, WebhookKind>>> = {
  created: 'order.created',
  paid: 'order.paid',
  fulfilled: 'order.fulfilled',
  cancelled: 'order.cancelled',
  expired: 'order.cancelled',
  refunded: 'order.refunded',
}

/** An order tells of itself again when somebody has to look at it: each state of it is news once. */
const newsOfOrder = ({ payload: { orderId, state } }: StoredEvent<'order.changed'>): readonly News[] => {
  const kind = ORDER_KINDS[state]
  return kind === undefined ? [] : [{ kind, key: `order:${orderId}:${state}`, data: { orderId, state } }]
}

const newsOfDeliveries = ({ id, payload }: StoredEvent<'delivery.ended'>): readonly News[] => {
  const sent = payload.deliveries.filter(({ state }) => state === 'sent')
  const failed = payload.deliveries.filter(({ state }) => state !== 'sent')
  const told = sent.map(({ deliveryId, accountId, contactId }) => ({ deliveryId, accountId, contactId }))
  return [
    ...(told.length > 0
      ? [{ kind: 'message.sent' as const, key: `event:${id}:sent`, data: { deliveries: told } }]
      : []),
    ...(failed.length > 0
      ? [{ kind: 'message.failed' as const, key: `event:${id}:failed`, data: { deliveries: failed } }]
      : []),
  ]
}

/** What an event has to tell endpoints, in the order of {@link NEWS_TYPES}; nothing where it is of another kind. */
export const newsOf = (event: StoredEvent): readonly News[] => {
  const one = (kind: WebhookKind, data: object): readonly News[] => [{ kind, key: `event:${event.id}`, data }]
  switch (event.type) {
    case 'order.changed':
      return newsOfOrder(event)
    case 'delivery.ended':
      return newsOfDeliveries(event)
    case 'segment.changed':
      return one('segments.changed', { contactIds: event.payload.contactIds })
    case 'contact.created':
      return one('contact.created', { contactIds: event.payload.contactIds })
    case 'contact.answered': {
      const { contactId, accountId } = event.payload
      return one('contact.answered', { contactId, accountId })
    }
    case 'conversation.closed': {
      const { conversationId } = event.payload
      return one('conversation.closed', { conversationId })
    }
    case 'contact.stopped':
    case 'contact.blocked':
    case 'contact.joined_group':
    case 'consent.changed':
    case 'campaign.started':
    case 'campaign.finished':
    case 'conversation.opened':
    case 'conversation.handed_over':
    case 'conversation.overdue':
    case 'account.linked':
    case 'account.lost':
      return one(event.type, event.payload)
    default:
      return []
  }
}

/** The body of a webhook: the specification's three members. */
export const writePayload = (type: string, at: number, data: object): string =>
  JSON.stringify({ type, timestamp: toDate(at).toISOString(), data })
