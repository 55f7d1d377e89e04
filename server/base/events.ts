import type { ConsentPurpose, OnboardingState, OrderState, WebhookDisabling } from '#contract/words.ts'

/** Everything that can happen in the domain, with what a listener needs to know. Written in the causing transaction. */
export interface DomainEvents {
  /** Features, tags, reachability or consent of these contacts changed: their segments may have, too. */
  readonly 'contact.changed': { readonly contactIds: readonly number[] }
  /** People nobody here knew before. */
  readonly 'contact.created': { readonly contactIds: readonly number[] }
  /** A person allowed or withdrew one purpose; what a /stop withdraws is told by `contact.stopped`. */
  readonly 'consent.changed': {
    readonly contactId: number
    readonly purpose: ConsentPurpose
    readonly granted: boolean
    readonly source: string
  }
  /** The contact withdrew: pending commercial deliveries must go. */
  readonly 'contact.stopped': { readonly contactId: number; readonly source: string }
  readonly 'contact.blocked': { readonly contactId: number; readonly accountId: number }
  /** The contact wrote or pressed something: earlier deliveries may count it as a response. */
  readonly 'contact.answered': { readonly contactId: number; readonly accountId: number; readonly at: number }
  readonly 'contact.joined_group': { readonly contactId: number; readonly chatId: number }
  readonly 'segment.changed': { readonly contactIds: readonly number[] }
  readonly 'account.linked': { readonly accountId: number }
  /** The account works on with another token. */
  readonly 'account.token_changed': { readonly accountId: number }
  readonly 'account.lost': { readonly accountId: number; readonly reason: string }
  readonly 'account.health_changed': { readonly accountId: number; readonly health: string; readonly reason: string }
  readonly 'campaign.started': { readonly campaignId: number }
  readonly 'campaign.finished': { readonly campaignId: number }
  /** Messages left, failed for good or were refused by the guard. Written only where a webhook of the tenant wants to know. */
  readonly 'delivery.ended': {
    readonly deliveries: readonly {
      readonly deliveryId: number
      readonly accountId: number
      /** Null for what went into a group. */
      readonly contactId: number | null
      readonly state: 'sent' | 'failed' | 'unknown' | 'refused'
      readonly reason: string | null
    }[]
  }
  /** Webhooks were asked for again. */
  readonly 'webhooks.waiting': Readonly<Record<string, never>>
  /** The server gave up on an endpoint. */
  readonly 'webhook.disabled': { readonly endpointId: number; readonly reason: WebhookDisabling }
  /** Approved invitations wait to be sent, or links to be made or ended. */
  readonly 'invites.waiting': Readonly<Record<string, never>>
  /** Something is to be done in one of the tenant's groups: `group_act` says what. */
  readonly 'group.acts_wanted': Readonly<Record<string, never>>
  /** An order moved on, or needs somebody to look at it. */
  readonly 'payment.changed': { readonly paymentId: number; readonly state: string; readonly needsReview: boolean }
  /** A contact's order moved on, or needs a member to look at it. */
  readonly 'order.changed': { readonly orderId: number; readonly state: OrderState; readonly needsReview: boolean }
  /** What a tenant may do changed: it paid, its period ended, its package or the catalogue is another. */
  readonly 'subscription.changed': { readonly package: string; readonly state: string }
  /** A limit of the package came to 80 or 100 per cent; once a period each. */
  readonly 'usage.noticed': {
    readonly entitlement: string
    readonly percent: 80 | 100
    readonly used: number
    readonly limit: number
  }
  /** A contact began a conversation. Written only where a webhook of the tenant wants to know. */
  readonly 'conversation.opened': {
    readonly conversationId: number
    readonly accountId: number
    readonly contactId: number
  }
  /** Somebody has to go on where a model or a rule answered. */
  readonly 'conversation.handed_over': { readonly conversationId: number; readonly reason: string }
  /** Nobody answered in time. */
  readonly 'conversation.overdue': { readonly conversationId: number; readonly dueAt: number }
  /** A person of the tenant closed it. */
  readonly 'conversation.closed': { readonly conversationId: number; readonly closedAt: number; readonly by: string }
  /** A task about a contact was not done in time. */
  readonly 'task.overdue': { readonly taskId: number; readonly dueAt: number }
  /** A member left, or may no longer do what was given to them. */
  readonly 'member.left': { readonly memberId: number }
  /** A person's way to a running account went on, back or to its end. */
  readonly 'onboarding.changed': { readonly onboardingId: number; readonly state: OnboardingState }
}

export type DomainEventType = keyof DomainEvents

/** One event as it is emitted. */
export type DomainEvent = {
  readonly [T in DomainEventType]: { readonly type: T; readonly payload: DomainEvents[T] }
}[DomainEventType]

/** An event as a listener receives it. `at` is epoch milliseconds of the domain's clock. */
export type StoredEvent<T extends DomainEventType = DomainEventType> = {
  readonly [K in T]: {
    readonly id: number
    readonly tenantId: number
    readonly at: number
    readonly type: K
    readonly payload: DomainEvents[K]
  }
}[T]

/**
 * Somebody who acts on events. `receive` gets events of its types in commit order, in batches; an event may come twice
 * (after a crash, after a retry), so receiving is idempotent. A throw puts aside only the events that cause it: they
 * come again, alone, with growing waits, while later ones go on.
 */
export interface EventListener<T extends DomainEventType = DomainEventType> {
  /** Names the cursor; renamed, a listener starts over. */
  readonly name: string
  readonly types: readonly T[]
  receive(events: readonly StoredEvent<T>[]): Promise<void>
}

/** A listener typed by the events it names. */
export const defineListener = <const T extends DomainEventType>(listener: EventListener<T>): EventListener => listener
