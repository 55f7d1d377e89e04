import { createHash } from 'node:crypto'

import { type AccountSettings, GROUP_PLACEMENTS } from './account-setting.rules.ts'

export type GroupPlacement = (typeof GROUP_PLACEMENTS)[number]

/** Of the digest; what fits a number exactly. */
const BYTES = 6

/** Where somebody stands between 0 and 1 on this account: the same place for ever, and all places alike over many. */
const standingOf = (accountId: number, contactId: number): number =>
  createHash('sha256').update(`invite:${accountId}:${contactId}`).digest().readUIntBE(0, BYTES) / 256 ** BYTES

/**
 * Whether somebody belongs to the share of people whom this account shows the way into the groups, at this place. The
 * same person gets the same answer as long as the settings stand, and a larger share only ever adds people. Who may be
 * asked at all is not decided here.
 */
export const showsInvite = (
  { inviteRatio, groupPlacements }: Pick<AccountSettings, 'inviteRatio' | 'groupPlacements'>,
  {
    accountId,
    contactId,
    placement,
  }: {
    readonly accountId: number
    readonly contactId: number
    readonly placement: GroupPlacement
  },
): boolean =>
  GROUP_PLACEMENTS.slice(0, groupPlacements).includes(placement) && standingOf(accountId, contactId) < inviteRatio
