import type { GuardReason } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { ReservedDelivery } from '../delivery.rules.ts'

import { type ComposedContent, composeContent, loadWordings } from './compose-content.ts'
import { type GuardDecision, decide } from './guard.rules.ts'
import {
  type AccountRow,
  type AttemptRow,
  type ClaimedRow,
  type Verdict,
  claimDueRows,
  findAccountRow,
  writeVerdicts,
} from './guard.store.ts'
import { loadFacts, slotKindOf, toAccountFacts } from './load-facts.ts'

export interface Reservation {
  /** How many due deliveries were looked at; fewer than asked for means none is left. */
  readonly claimed: number
  readonly reserved: readonly ReservedDelivery[]
  readonly deferred: number
  readonly refused: number
  /** The whole account may not send before this instant; nothing was claimed. Infinity: not before somebody acts. */
  readonly blockedUntil: number | null
  readonly blockedBy: GuardReason | null
}

export interface ReserveInput {
  readonly accountId: number
  readonly now: number
  /** At most this many deliveries are looked at. */
  readonly limit: number
  /** Only deliveries of at least this priority; `REPLY_PRIORITY` takes replies alone. */
  readonly minPriority?: number
  /** Numbers the sends of an account whose kind has numbers. */
  readonly randomIdOf?: NumberSend
}

/** The number of a delivery's send that begins at `at`. */
export type NumberSend = (deliveryId: number, at: number) => bigint

const NOTHING = { claimed: 0, reserved: [], deferred: 0, refused: 0 } as const

/** A stop that holds every delivery of the account: claiming would only write the same deferral over and over. */
export const accountBlock = (row: AccountRow, now: number): Pick<Reservation, 'blockedUntil' | 'blockedBy'> | null => {
  const facts = toAccountFacts(row)
  const by = (blockedBy: GuardReason) => ({ blockedUntil: Number.POSITIVE_INFINITY, blockedBy })
  if (!facts.tenantActive) return by('tenant_inactive')
  if (facts.globalStopped) return by('kill_switch_global')
  if (facts.tenantStopped) return by('kill_switch_tenant')
  if (facts.accountStopped) return by('kill_switch_account')
  if (!facts.accountUsable) return by('account_unusable')
  if (facts.waitingUntil !== null && facts.waitingUntil > now)
    return { blockedUntil: facts.waitingUntil, blockedBy: 'account_waiting' }
  return null
}

/**
 * Claims due deliveries of one account, asks the guard about each and writes the verdicts, all in the caller's
 * transaction. Locks the tenant when it has a quota that its accounts share, the account, then contacts and deliveries
 * (skipping those another process holds), so no two processes can take the same slot. What comes back in `reserved`
 * must be sent at once after the commit: its attempt is open.
 */
export const reserveSlots = async (tx: TenantTx, input: ReserveInput): Promise<Reservation> => {
  const { accountId, now, limit } = input
  const account = await findAccountRow(tx, accountId, true)
  if (!account) return { ...NOTHING, blockedUntil: Number.POSITIVE_INFINITY, blockedBy: 'account_unusable' }
  const block = accountBlock(account, now)
  if (block) return { ...NOTHING, ...block }
  const rows = await claimDueRows(tx, accountId, now, limit, input.minPriority ?? 0)
  if (rows.length === 0) return { ...NOTHING, blockedUntil: null, blockedBy: null }

  const verdicts = await judge(tx, account, rows, input)
  const attempts = await writeVerdicts(tx, accountId, verdicts.list, now)
  return {
    claimed: rows.length,
    reserved: joinAttempts(accountId, rows, verdicts.composed, attempts),
    deferred: verdicts.list.filter((v) => v.state === 'deferred').length,
    refused: verdicts.list.filter((v) => v.state === 'refused').length,
    blockedUntil: null,
    blockedBy: null,
  }
}

interface Verdicts {
  readonly list: readonly Verdict[]
  readonly composed: ReadonlyMap<number, ComposedContent>
}

const judge = async (
  tx: TenantTx,
  account: AccountRow,
  rows: readonly ClaimedRow[],
  { accountId, now, randomIdOf }: ReserveInput,
): Promise<Verdicts> => {
  const wordings = await loadWordings(tx, rows)
  const facts = await loadFacts(tx, accountId, account, rows, now)
  const sender = { senderName: account.sender_name, locale: account.locale }
  const list: Verdict[] = []
  const composed = new Map<number, ComposedContent>()
  const contentsOf = new Map<number, Set<number>>()
  for (const row of rows) {
    const recipient = row.contact_id === null ? undefined : facts.recipients.get(row.contact_id)
    const content = composeContent(row, wordings, recipient, sender)
    composed.set(row.id, content)
    const guardFacts = facts.factsOf({
      row,
      contentHash: content.contentHash,
      templateApproved: content.templateApproved,
    })
    const decision = isRepeatInBatch(row, content, contentsOf)
      ? ({ kind: 'refuse', reason: 'duplicate_content' } satisfies GuardDecision)
      : decide(guardFacts, now)
    if (decision.kind === 'allow') {
      facts.ledger.take(row, slotKindOf(row))
      rememberContent(row, content, contentsOf)
    } else if (decision.kind === 'defer') facts.ledger.wait(decision.reason)
    list.push({ ...toVerdict(row, content, decision), randomId: randomIdOf?.(row.id, now) ?? null })
  }
  return { list, composed }
}

/** The facts hold what was reserved before the batch; this holds what the batch itself reserved. */
const isRepeatInBatch = (
  row: ClaimedRow,
  content: ComposedContent,
  seen: ReadonlyMap<number, ReadonlySet<number>>,
): boolean =>
  row.message_class === 'commercial' &&
  row.contact_id !== null &&
  content.contentHash !== null &&
  (seen.get(row.contact_id)?.has(content.contentHash) ?? false)

const rememberContent = (row: ClaimedRow, content: ComposedContent, seen: Map<number, Set<number>>): void => {
  if (row.contact_id === null || content.contentHash === null) return
  const contents = seen.get(row.contact_id)
  if (contents) contents.add(content.contentHash)
  else seen.set(row.contact_id, new Set([content.contentHash]))
}

const toVerdict = (row: ClaimedRow, content: ComposedContent, decision: GuardDecision): Omit<Verdict, 'randomId'> => {
  const base = { id: row.id, contentHash: content.contentHash }
  if (decision.kind === 'allow') return { ...base, state: 'reserved', reason: null, dueAt: null }
  if (decision.kind === 'refuse') return { ...base, state: 'refused', reason: decision.reason, dueAt: null }
  return { ...base, state: 'deferred', reason: decision.reason, dueAt: decision.until }
}

export const joinAttempts = (
  accountId: number,
  rows: readonly ClaimedRow[],
  composed: ReadonlyMap<number, ComposedContent>,
  attempts: readonly AttemptRow[],
  isRepeat = false,
): readonly ReservedDelivery[] => {
  const byDelivery = new Map(attempts.map((a) => [a.delivery_id, a]))
  return rows.flatMap((row) => {
    const attempt = byDelivery.get(row.id)
    const content = composed.get(row.id)?.content
    return attempt && content
      ? [
          {
            deliveryId: row.id,
            attemptId: attempt.attempt_id,
            attemptNumber: attempt.number,
            accountId,
            contactId: row.contact_id,
            chatId: row.chat_id,
            isReply: row.source === 'reply' || row.source === 'system',
            randomId: attempt.random_id === null ? null : BigInt(attempt.random_id),
            isRepeat,
            content,
          },
        ]
      : []
  })
}
