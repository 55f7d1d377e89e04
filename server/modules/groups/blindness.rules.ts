import { DAY_MS } from '#server/base/duration.ts'

import type { OwnPlace } from './group.rules.ts'

/** A group this large in which nobody was heard for so long is not quiet: nobody listens. */
export const SILENT_DAYS = 3
export const SILENT_MEMBERS = 20

export interface Hearing {
  /** The tenant's accounts in the chat. */
  readonly places: readonly Pick<OwnPlace, 'kind' | 'status' | 'readsAllMessages' | 'changedAt'>[]
  readonly kind: 'group' | 'supergroup' | 'channel'
  readonly memberCount: number | null
  /** Messages of people in the last {@link SILENT_DAYS} days. */
  readonly heard: number
  readonly now: number
}

/**
 * Why a group's messages do not arrive, though nothing looks wrong: `privacy_mode` when Telegram keeps them from the
 * bot, `silent` when nobody was heard in a large group and nothing explains it. Null when they do arrive. Pure.
 */
export const findBlindness = ({ places, kind, memberCount, heard, now }: Hearing): 'privacy_mode' | 'silent' | null => {
  const inside = places.filter(({ status }) => status !== 'left' && status !== 'kicked')
  if (kind === 'channel' || inside.length === 0) return null
  const sees = inside.some(
    ({ kind: account, status, readsAllMessages }) =>
      account === 'user' || status === 'administrator' || readsAllMessages === true,
  )
  const known = inside.every(({ readsAllMessages, kind: account }) => account !== 'bot' || readsAllMessages !== null)
  if (!sees && known) return 'privacy_mode'
  const since = Math.min(...inside.map(({ changedAt }) => changedAt))
  const isLarge = memberCount !== null && memberCount > SILENT_MEMBERS
  return heard === 0 && isLarge && since <= now - SILENT_DAYS * DAY_MS ? 'silent' : null
}
