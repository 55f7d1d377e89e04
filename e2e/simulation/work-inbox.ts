import { AppError } from '#server/base/errors.ts'
import type { Random } from '#server/base/random.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import {
  closeConversation,
  decideDraft,
  giveBackConversation,
  listConversations,
  listDrafts,
  replyAsMember,
} from '#server/modules/conversations/index.ts'
import { decideInvites, listBatches } from '#server/modules/invites/index.ts'
import { ownerAt } from '#server/testing/factories.ts'

import type { Simulation } from './open-simulation.ts'

export const DEEDS = [
  'approved',
  'edited',
  'rejected',
  'left',
  'refused',
  'replied',
  'gaveBack',
  'closed',
  'invited',
] as const
export type DeedCounts = Record<(typeof DEEDS)[number], number>

export interface Inbox {
  readonly counts: DeedCounts
  /** A member looks through drafts, conversations and proposals, and decides. */
  work(): Promise<void>
}

/** A member of the tenant, of one seed, who works the inbox now and then. */
export const openInbox = (
  { within, time, accounts }: Simulation,
  manual: { readonly from: number; readonly to: number },
  random: Random,
): Inbox => {
  const counts = Object.fromEntries(DEEDS.map((deed) => [deed, 0])) as DeedCounts
  const actor = () => ownerAt(time.world.now())
  /** What the contact has moved on from, or nobody may answer any more, is left as it is. */
  const attempt = async (deed: keyof DeedCounts, work: (tx: TenantTx) => Promise<unknown>) => {
    try {
      await within(work)
      counts[deed] += 1
    } catch (error) {
      if (!(error instanceof AppError && error.kind === 'conflict')) throw error
      counts.refused += 1
    }
  }
  const decideDrafts = async () => {
    const drafts = await within((tx) => listDrafts(tx, { state: 'proposed' }, actor()))
    for (const { id: draftId } of drafts) {
      const dice = random.next()
      if (dice < 0.4) await attempt('approved', (tx) => decideDraft(tx, { draftId, decision: 'approve' }, actor()))
      else if (dice < 0.55)
        await attempt('edited', (tx) =>
          decideDraft(tx, { draftId, decision: 'edit', text: `Elbette, bekleriz! (${draftId})` }, actor()),
        )
      else if (dice < 0.8) await attempt('rejected', (tx) => decideDraft(tx, { draftId, decision: 'reject' }, actor()))
      else counts.left += 1
    }
  }
  /** Of the second account people alone answer for a while. */
  const isManual = (accountId: number) =>
    accountId === accounts[1]?.accountId && time.world.now() >= manual.from && time.world.now() < manual.to
  const answerPeople = async () => {
    const { conversations } = await within((tx) => listConversations(tx, { state: 'open' }, { limit: 100 }, actor()))
    for (const { id: conversationId, accountId, handedOverAt, turn } of conversations) {
      const dice = random.next()
      // People who were not handed over are mostly left to the model, where there is one.
      if (dice < (isManual(accountId) ? 0.7 : handedOverAt === null ? 0.02 : 0.3))
        await attempt('replied', (tx) =>
          replyAsMember(tx, { conversationId, text: `Ben Ece, buradayım. (${turn})`, seenTurn: turn }, actor()),
        )
      else if (dice < 0.8 && handedOverAt !== null)
        await attempt('gaveBack', (tx) => giveBackConversation(tx, conversationId, actor()))
    }
  }
  const closeSome = async () => {
    const { conversations } = await within((tx) => listConversations(tx, { state: 'waiting' }, { limit: 100 }, actor()))
    for (const { id: conversationId, turn } of conversations)
      if (random.next() < 0.1)
        await attempt('closed', (tx) => closeConversation(tx, { conversationId, seenTurn: turn }, actor()))
  }
  const invite = async () => {
    const batches = await within((tx) => listBatches(tx, { limit: 5 }))
    for (const { id: batchId, state } of batches)
      if (state === 'proposed')
        await attempt('invited', (tx) => decideInvites(tx, { batchId, isApproved: true }, actor()))
  }
  return {
    counts,
    async work() {
      await decideDrafts()
      await answerPeople()
      await closeSome()
      await invite()
    },
  }
}
