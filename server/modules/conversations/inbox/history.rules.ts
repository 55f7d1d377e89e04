import type { DeliverySource, DeliveryState } from '#contract/words.ts'

import type { ConversationEventKind } from './conversation.rules.ts'

/** What a message of ours came from. */
interface SentBy {
  readonly deliveryId: number
  readonly source: DeliverySource
  readonly isHuman: boolean
  readonly isAi: boolean
  readonly writtenBy: string | null
  readonly campaignId: number | null
  readonly segment: string | null
  /** Of a model's answer, how sure it was, 0–1. */
  readonly confidenceRatio: number | null
}

/** One thing of a conversation, as it is stored. Instants are epoch ms. */
export type HistoryRow =
  | {
      readonly type: 'message'
      readonly id: number
      readonly at: number
      readonly direction: 'in' | 'out'
      readonly kind: string
      /** Of ours Telegram HTML; null once its time is over. */
      readonly text: string | null
      /** Null for what the contact, or the owner by hand, wrote. */
      readonly sent: SentBy | null
    }
  | {
      /** What has not left, or never did. */
      readonly type: 'delivery'
      readonly id: number
      readonly at: number
      readonly state: DeliveryState
      readonly reason: string | null
      readonly text: string | null
      readonly sent: SentBy
    }
  | {
      readonly type: 'event'
      readonly id: number
      readonly at: number
      readonly kind: ConversationEventKind
      readonly by: string
      readonly detail: Readonly<Record<string, string | number | null>>
      /** Of a note. */
      readonly text: string | null
    }

/** Who said something: the contact, a member, the account's owner by hand, a model, or what speaks by itself. */
export type Author =
  | {
      readonly kind:
        | 'contact'
        | 'owner'
        | 'ai'
        | 'automatic'
        | 'rule'
        | 'campaign'
        | 'strategy'
        | 'order'
        | 'system'
        | 'cli'
    }
  | { readonly kind: 'member'; readonly id: number; readonly name: string | null }

const MEMBER = /^member:(\d+)$/

/** Who `member:12`, `cli`, `system` … is; `names` are those of the tenant's members, of former ones too. */
const authorNamed = (by: string, names: ReadonlyMap<number, string>): Author => {
  const id = MEMBER.exec(by)?.[1]
  if (id !== undefined) return { kind: 'member', id: Number(id), name: names.get(Number(id)) ?? null }
  switch (by) {
    case 'contact':
    case 'owner':
    case 'automatic':
    case 'cli':
      return { kind: by }
    default:
      return { kind: 'system' }
  }
}

const authorOfSent = (sent: SentBy, names: ReadonlyMap<number, string>): Author => {
  // A member typed it, or decided that a draft may leave.
  if (sent.writtenBy !== null) return authorNamed(sent.writtenBy, names)
  if (sent.isHuman) return { kind: 'owner' }
  if (sent.isAi) return { kind: 'ai' }
  switch (sent.source) {
    case 'rule':
    case 'campaign':
    case 'strategy':
    case 'order':
      return { kind: sent.source }
    default:
      return { kind: 'automatic' }
  }
}

/** Who stands behind an entry of a history. Total. */
export const authorOf = (row: HistoryRow, names: ReadonlyMap<number, string>): Author => {
  if (row.type === 'event') return authorNamed(row.by, names)
  if (row.sent !== null) return authorOfSent(row.sent, names)
  return { kind: row.type === 'message' && row.direction === 'in' ? 'contact' : 'owner' }
}
