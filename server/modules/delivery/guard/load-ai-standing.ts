import type { TenantTx } from '#server/db/tenant-scope.ts'
import { packageOf } from '#server/modules/billing/index.ts'

import { holdChosenMode, holdConversations, listConversing } from './ai-standing.store.ts'
import type { AiStanding } from './guard.rules.ts'
import type { ClaimedRow } from './guard.store.ts'

type Standings = (row: Pick<ClaimedRow, 'is_ai' | 'contact_id'>) => AiStanding | null

const GONE: AiStanding = { isOn: false, isOpen: false, pausedUntil: null, isChanging: false }

/** Whether a model may say each of these; reads nothing where no model wrote. Holds settings and conversations in share. */
export const loadAiStanding = async (
  tx: TenantTx,
  accountId: number,
  rows: readonly ClaimedRow[],
): Promise<Standings> => {
  const contactIds = [...new Set(rows.flatMap((r) => (r.is_ai && r.contact_id !== null ? [r.contact_id] : [])))]
  if (contactIds.length === 0) return (row) => (row.is_ai ? GONE : null)
  // A version that replaces the one that was waited for is found by the second look.
  const mode = (await holdChosenMode(tx, accountId)) ?? (await holdChosenMode(tx, accountId))
  const isOn = mode?.reply_mode === 'ai' && packageOf(mode.package).features.replyModes.includes('ai')
  const held = new Map((await holdConversations(tx, accountId, contactIds)).map((row) => [row.contact_id, row]))
  const missing = contactIds.filter((id) => !held.has(id))
  const changing = missing.length > 0 ? await listConversing(tx, accountId, missing) : new Set<number>()
  return ({ is_ai: isAi, contact_id: contactId }) => {
    if (!isAi) return null
    const row = contactId === null ? undefined : held.get(contactId)
    if (!row) return { ...GONE, isOn, isChanging: contactId !== null && changing.has(contactId) }
    return {
      isOn,
      isOpen: row.state !== 'closed' && !row.is_handed_over,
      pausedUntil: row.paused_until?.getTime() ?? null,
      isChanging: false,
    }
  }
}
