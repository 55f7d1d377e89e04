import type { OperatorTx } from '#server/db/tenant-scope.ts'
import { can, listMembersOf, listOperators } from '#server/modules/tenancy/index.ts'

import { NOTICE_KINDS, type NoticeKindOf, type NoticeParams } from './notice.rules.ts'
import { type NewNotice, insertNotices } from './notice.store.ts'

interface Told<K> {
  readonly kind: K
  /** The same key is the same notice for the same person: it is told once, however often its cause repeats. */
  readonly dedupeKey: string
  /** Ids, words and figures for the text; never what somebody wrote, never a secret. */
  readonly params?: NoticeParams
  /** Notices of one person with the same key become one message; the kind when left out. */
  readonly groupKey?: string
}

const notice = <K extends NewNotice['kind']>(told: Told<K>, recipient: number, at: number): NewNotice => ({
  recipient,
  audience: NOTICE_KINDS[told.kind].audience,
  kind: told.kind,
  dedupeKey: told.dedupeKey,
  params: told.params ?? {},
  groupKey: told.groupKey ?? told.kind,
  createdAt: at,
})

/**
 * Tells every operator who may act on it, in the caller's transaction; `only` names one of them by Telegram number.
 * Returns how many notices are new.
 */
export const noticeOperators = async (
  tx: OperatorTx,
  told: Told<NoticeKindOf<'operator'>> & { readonly only?: number | null },
  at: number,
): Promise<number> => {
  const { action } = NOTICE_KINDS[told.kind]
  const all = await listOperators(tx)
  const able = all.filter((operator) => can({ kind: 'operator', role: operator.role }, action))
  const chosen = able.filter((operator) => operator.telegramId === told.only)
  // Whoever was meant may have left since: then it concerns everybody.
  const recipients = chosen.length > 0 ? chosen : able
  return insertNotices(
    tx,
    recipients.map((operator) => notice(told, operator.telegramId, at)),
  )
}

/**
 * Tells the members of a tenant whose role lets them act on it; `only` names one of them by member number. Returns how
 * many notices are new.
 */
export const noticeMembers = async (
  tx: OperatorTx,
  tenantId: number,
  told: Told<NoticeKindOf<'member'>> & { readonly only?: number | null },
  at: number,
): Promise<number> => {
  const { action } = NOTICE_KINDS[told.kind]
  const members = await listMembersOf(tx, tenantId)
  const able = members.filter((member) => can({ kind: 'member', role: member.role }, action))
  const chosen = able.filter((member) => member.id === told.only)
  const recipients = chosen.length > 0 ? chosen : able
  return insertNotices(
    tx,
    recipients.map((member) => notice(told, member.telegramId, at)),
  )
}

/** Tells one person, member or not: whoever asked, whoever paid. Returns whether the notice is new. */
export const noticePerson = async (
  tx: OperatorTx,
  telegramId: number,
  told: Told<NoticeKindOf<'member'>>,
  at: number,
): Promise<boolean> => (await insertNotices(tx, [notice(told, telegramId, at)])) > 0
