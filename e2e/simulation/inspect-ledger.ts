import { sql } from 'kysely'

import type { DeliveryState, MessageClass } from '#contract/words.ts'

import type { AcceptedMessage, Simulation } from './open-simulation.ts'

interface LedgerRow {
  readonly id: number
  readonly bot_id: number
  readonly chat_id: number
  readonly message_class: MessageClass
  readonly state: DeliveryState
  readonly telegram_message_id: number | null
}

export interface LedgerFindings {
  /** Deliveries that Telegram accepted more than once. */
  readonly sentTwice: readonly number[]
  /** Accepted messages that the ledger calls neither sent nor in doubt. */
  readonly unaccounted: readonly AcceptedMessage[]
  /** Deliveries called sent that Telegram never accepted. */
  readonly neverAccepted: readonly number[]
  /** Commercial messages accepted for somebody whose last word heard was a no, or who never said yes. */
  readonly againstWill: readonly AcceptedMessage[]
  readonly commercial: number
}

/** Compares what Telegram accepted with what the ledger says, message by message. */
export const inspectLedger = async ({ db, tenantId, accepted, words }: Simulation): Promise<LedgerFindings> => {
  const { rows } = await sql<LedgerRow>`
    select d.id, a.telegram_id as bot_id, d.chat_id, d.message_class, d.state, d.telegram_message_id
    from delivery d join account a on a.tenant_id = d.tenant_id and a.id = d.account_id
    where d.tenant_id = ${tenantId} and d.reserved_at is not null`.execute(db)
  const byId = new Map(rows.map((row) => [row.id, row]))
  const byMessage = new Map(
    rows.flatMap((row) =>
      row.telegram_message_id === null
        ? []
        : [[`${row.bot_id}:${row.telegram_message_id}:${row.chat_id}`, row] as const],
    ),
  )
  const doubts = new Map<string, number>()
  for (const row of rows) {
    const key = `${row.bot_id}:${row.chat_id}`
    if (row.state === 'unknown') doubts.set(key, (doubts.get(key) ?? 0) + 1)
  }
  const times = new Map<number, number>()
  const seen = new Set<number>()
  const unaccounted: AcceptedMessage[] = []
  const againstWill: AcceptedMessage[] = []
  let commercial = 0
  for (const message of accepted) {
    const row =
      message.deliveryId === null
        ? byMessage.get(`${message.botId}:${message.messageId}:${message.chatId}`)
        : byId.get(message.deliveryId)
    if (row) {
      times.set(row.id, (times.get(row.id) ?? 0) + 1)
      seen.add(row.id)
      if (row.state !== 'unknown' && row.telegram_message_id !== message.messageId) unaccounted.push(message)
      if (row.message_class === 'commercial') {
        commercial += 1
        if (!mayWrite(words.words, message)) againstWill.push(message)
      }
      continue
    }
    // Without buttons a message names no delivery: it is one of those in doubt, and there must be one.
    const key = `${message.botId}:${message.chatId}`
    const left = doubts.get(key) ?? 0
    if (left === 0 || message.deliveryId !== null) unaccounted.push(message)
    doubts.set(key, left - 1)
  }
  return {
    sentTwice: [...times].filter(([, count]) => count > 1).map(([id]) => id),
    unaccounted,
    neverAccepted: rows.filter((row) => row.state === 'sent' && !seen.has(row.id)).map((row) => row.id),
    againstWill,
    commercial,
  }
}

const mayWrite = (words: Simulation['words']['words'], message: AcceptedMessage): boolean =>
  words.findLast((word) => word.personId === message.chatId && word.heardAt <= message.at)?.allows ?? false
