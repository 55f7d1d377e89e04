import type { TenantTx } from '#server/db/tenant-scope.ts'
import { packageOf } from '#server/modules/billing/index.ts'

import { type ChosenModeRow, holdChosenModes, holdConversations, listConversing } from './ai-standing.store.ts'
import type { ClaimedRow } from './claim.store.ts'
import type { AiStanding } from './guard.rules.ts'
import { type Meeting, meetingKey } from './guard.store.ts'

type Standings = (row: Pick<ClaimedRow, 'is_ai' | 'account_id' | 'contact_id'>) => AiStanding | null

const GONE: AiStanding = { isOn: false, isOpen: false, pausedUntil: null, isChanging: false }

/** Whether a model may say each of these; reads nothing where no model wrote. Holds settings and conversations in share. */
export const loadAiStanding = async (tx: TenantTx, rows: readonly ClaimedRow[]): Promise<Standings> => {
  const meetings = new Map<string, Meeting>()
  for (const { is_ai: isAi, account_id: accountId, contact_id: contactId } of rows)
    if (isAi && contactId !== null) meetings.set(meetingKey(accountId, contactId), { accountId, contactId })
  if (meetings.size === 0) return (row) => (row.is_ai ? GONE : null)
  const accountIds = [...new Set([...meetings.values()].map(({ accountId }) => accountId))]
  const [modes, conversations] = await Promise.all([
    loadModes(tx, accountIds),
    holdConversations(tx, [...meetings.values()]),
  ])
  const held = new Map(conversations.map((row) => [meetingKey(row.account_id, row.contact_id), row]))
  const missing = [...meetings].flatMap(([key, meeting]) => (held.has(key) ? [] : [meeting]))
  const conversing = missing.length > 0 ? await listConversing(tx, missing) : []
  const changing = new Set(conversing.map(({ accountId, contactId }) => meetingKey(accountId, contactId)))
  return ({ is_ai: isAi, account_id: accountId, contact_id: contactId }) => {
    if (!isAi) return null
    const isOn = isModelOn(modes.get(accountId))
    const key = contactId === null ? '' : meetingKey(accountId, contactId)
    const row = held.get(key)
    if (!row) return { ...GONE, isOn, isChanging: changing.has(key) }
    return {
      isOn,
      isOpen: row.state !== 'closed' && !row.is_handed_over,
      pausedUntil: row.paused_until?.getTime() ?? null,
      isChanging: false,
    }
  }
}

const isModelOn = (mode: ChosenModeRow | undefined): boolean =>
  mode?.reply_mode === 'ai' && packageOf(mode.package).features.replyModes.includes('ai')

/** A version that replaces the one that was waited for is found by the second look. */
const loadModes = async (tx: TenantTx, accountIds: readonly number[]): Promise<ReadonlyMap<number, ChosenModeRow>> => {
  const found = await holdChosenModes(tx, accountIds)
  const known = new Set(found.map((mode) => mode.account_id))
  const missing = accountIds.filter((id) => !known.has(id))
  const late = missing.length > 0 ? await holdChosenModes(tx, missing) : []
  return new Map([...found, ...late].map((mode) => [mode.account_id, mode]))
}
