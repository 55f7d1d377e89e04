import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type Conversation, isAiSilent, markAnswered } from '#server/modules/conversations/index.ts'

import { startPosition } from './advance.rules.ts'
import { findBuyingWish } from './buying-intent.rules.ts'
import { findForSale } from './find-for-sale.ts'
import { STANDARD_FUNNEL, stageOf } from './funnel.rules.ts'
import { findFunnel } from './funnel.store.ts'
import { mayUseFunnel } from './may-use-funnel.ts'
import { moveRun } from './move-run.ts'
import { findStoredSelling } from './product.store.ts'
import { type Run, type Walker, insertRun, lockOpenRun } from './run.store.ts'
import type { Selling } from './selling.rules.ts'
import { type Translator, findListener } from './speak.ts'

export interface HeardWords {
  readonly conversation: Conversation
  readonly text: string
  /** Names what was said: heard twice, it is answered once. */
  readonly cause: string
  readonly translator: Translator
  readonly now: number
}

const beginRun = async (tx: TenantTx, walker: Walker, selling: Selling, now: number): Promise<Run | null> => {
  const funnel = await findFunnel(tx, selling.funnel)
  if (!funnel) return null
  const { name, version, definition } = funnel
  const position = startPosition(definition, now)
  const kind = stageOf(definition, definition.start)?.kind ?? 'none'
  return insertRun(tx, walker, { funnel: name, version, position, kind })
}

/**
 * Hears what somebody wrote in private: begins or moves their way through the account's funnel, and answers where the
 * funnel answers. Only words of theirs begin anything. Returns whether something was said; false also for an account
 * that does not sell by itself, without a package that sells, and while a person has the conversation in hand.
 */
export const hearWords = async (tx: TenantTx, heard: HeardWords): Promise<boolean> => {
  const { conversation, text, cause, translator, now } = heard
  const { accountId, contactId } = conversation
  // A person has it in hand, or took over a while ago: the funnel keeps as still as a model.
  const stored = await findStoredSelling(tx, accountId)
  if (stored?.sellsByItself !== true || isAiSilent(conversation, now)) return false
  const { selling, products } = await findForSale(tx, accountId, now)
  if (!(await mayUseFunnel(tx, selling.funnel === STANDARD_FUNNEL ? 'standard' : 'custom', now))) return false
  const wish = findBuyingWish(
    text,
    products.map(({ name }) => name),
  )
  const walker = { accountId, contactId }
  const run = (await lockOpenRun(tx, walker)) ?? (wish && (await beginRun(tx, walker, selling, now)))
  if (!run) return false
  const listener = await findListener(tx, walker, translator)
  const [named] = wish?.products ?? []
  const only = products.length === 1 ? products[0]?.name : undefined
  const event = {
    kind: 'words',
    intent: wish?.intent ?? null,
    product: named ?? (wish && only) ?? null,
    at: now,
  } as const
  const { isSaid } = await moveRun(tx, run, listener, { event, wanted: wish?.products ?? [], cause })
  if (isSaid) await markAnswered(tx, conversation.id, now)
  return isSaid
}
