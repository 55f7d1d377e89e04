import type { ReferralState } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getContact } from '#server/modules/contacts/index.ts'

import { publicName } from './referral.rules.ts'
import {
  type PointEntry,
  countReferrals,
  findBalance,
  findCode,
  listPointEntries,
  selectLeaders,
} from './referral.store.ts'

/** Somebody who brings people, as a list may show them: no more of a name than a first name and a letter. */
export interface Referrer {
  readonly contactId: number
  readonly name: string
  readonly points: number
  readonly counted: number
  readonly waiting: number
}

/** Who brought most. */
export const listReferrers = async (tx: TenantTx, limit: number): Promise<readonly Referrer[]> =>
  (await selectLeaders(tx, limit)).map(({ firstName, lastName, ...row }) => ({
    ...row,
    name: publicName(firstName, lastName),
  }))

export interface ReferrerAccount {
  readonly contactId: number
  readonly name: string
  readonly code: string | null
  readonly points: number
  readonly people: Readonly<Record<ReferralState, number>>
  readonly entries: readonly PointEntry[]
}

const ENTRIES_SHOWN = 100

/** One person's code, newcomers, points and the newest lines of their ledger. Errors: `not_found`. */
export const getReferrer = async (tx: TenantTx, contactId: number): Promise<ReferrerAccount> => {
  const contact = await getContact(tx, contactId)
  return {
    contactId: contact.id,
    name: publicName(contact.firstName, contact.lastName),
    code: await findCode(tx, contact.id),
    points: await findBalance(tx, contact.id),
    people: await countReferrals(tx, contact.id),
    entries: await listPointEntries(tx, contact.id, ENTRIES_SHOWN),
  }
}
