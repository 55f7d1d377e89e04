import type { GuardReason } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { ReservedDelivery } from '../delivery.rules.ts'

import { type AccountRow, lockAccountRows } from './account-row.store.ts'
import { type ClaimedRow, claimDueRows } from './claim.store.ts'
import { type ComposedContent, type Sender, composeContent, loadWordings } from './compose-content.ts'
import { type GuardDecision, decide } from './guard.rules.ts'
import { type AttemptRow, type Verdict, writeVerdicts } from './guard.store.ts'
import { loadFacts, slotKindOf, toAccountFacts } from './load-facts.ts'
import { tellRefused } from './tell-refused.ts'

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

export interface ReserveWish {
  readonly accountId: number
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
 * Claims due deliveries of a tenant's accounts, asks the guard about each and writes the verdicts, all in the caller's
 * transaction; one answer for each account asked for, in their order. Locks the tenant when it has a quota that its
 * accounts share, the accounts, then contacts and deliveries (skipping those another process holds), so no two processes
 * can take the same slot; accounts that are asked for together share no slot either. What comes back in `reserved` must be
 * sent at once after the commit: its attempt is open.
 */
export const reserveAllSlots = async (
  tx: TenantTx,
  wishes: readonly ReserveWish[],
  now: number,
): Promise<readonly Reservation[]> => {
  const accounts = await lockAccountRows(
    tx,
    wishes.map(({ accountId }) => accountId),
  )
  const blocks = new Map(wishes.map(({ accountId }) => [accountId, blockOf(accounts.get(accountId), now)]))
  const open = wishes.filter(({ accountId }) => blocks.get(accountId) === null)
  const rows =
    open.length === 0
      ? []
      : await claimDueRows(
          tx,
          open.map(({ accountId, limit, minPriority = 0 }) => ({ accountId, limit, minPriority })),
          now,
        )
  const { list, composed } =
    rows.length === 0 ? { list: [], composed: new Map() } : await judge(tx, accounts, rows, open, now)
  const attempts = rows.length === 0 ? [] : await writeVerdicts(tx, list, now)
  await tellRefused(tx, list, rows, now)
  const verdicts = new Map(list.map((verdict) => [verdict.id, verdict.state]))
  return wishes.map(({ accountId }) => {
    const block = blocks.get(accountId)
    if (block) return { ...NOTHING, ...block }
    const own = rows.filter((row) => row.account_id === accountId)
    const count = (state: Verdict['state']) => own.filter(({ id }) => verdicts.get(id) === state).length
    return {
      claimed: own.length,
      reserved: joinAttempts(own, composed, attempts),
      deferred: count('deferred'),
      refused: count('refused'),
      blockedUntil: null,
      blockedBy: null,
    }
  })
}

/** The same for one account. */
export const reserveSlots = async (
  tx: TenantTx,
  { now, ...wish }: ReserveWish & { readonly now: number },
): Promise<Reservation> => {
  const [reservation] = await reserveAllSlots(tx, [wish], now)
  if (!reservation) throw new Error('an account that was asked for has no reservation')
  return reservation
}

const blockOf = (row: AccountRow | undefined, now: number): ReturnType<typeof accountBlock> =>
  row ? accountBlock(row, now) : { blockedUntil: Number.POSITIVE_INFINITY, blockedBy: 'account_unusable' }

interface Verdicts {
  readonly list: readonly Verdict[]
  readonly composed: ReadonlyMap<number, ComposedContent>
}

const judge = async (
  tx: TenantTx,
  locked: ReadonlyMap<number, AccountRow>,
  rows: readonly ClaimedRow[],
  wishes: readonly ReserveWish[],
  now: number,
): Promise<Verdicts> => {
  const claiming = new Set(rows.map((row) => row.account_id))
  const accounts = new Map([...locked].filter(([id]) => claiming.has(id)))
  const numbering = new Map(wishes.map(({ accountId, randomIdOf }) => [accountId, randomIdOf]))
  const wordings = await loadWordings(tx, rows)
  const facts = await loadFacts(tx, accounts, rows, now)
  const list: Verdict[] = []
  const composed = new Map<number, ComposedContent>()
  const contentsOf = new Map<number, Set<number>>()
  for (const row of rows) {
    const content = composeContent(row, wordings, facts.recipientOf(row), senderOf(accounts.get(row.account_id)))
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
    } else if (decision.kind === 'defer') facts.ledger.wait(decision.reason, row)
    const randomId = numbering.get(row.account_id)?.(row.id, now) ?? null
    list.push({ ...toVerdict(row, content, decision), randomId })
  }
  return { list, composed }
}

const senderOf = (account: AccountRow | undefined): Sender => {
  if (!account) throw new Error('a delivery was claimed for an account that nobody asked for')
  return { senderName: account.sender_name, locale: account.locale }
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
            accountId: row.account_id,
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
