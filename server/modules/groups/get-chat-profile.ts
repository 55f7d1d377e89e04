import { DAY_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { SILENT_DAYS, findBlindness } from './blindness.rules.ts'
import { countHeard, listOwnPlaces } from './chat-profile.store.ts'
import { getChat } from './find-chat.ts'
import type { Chat, OwnPlace } from './group.rules.ts'

/** A chat with what the tenant's accounts are and hear there. */
export interface ChatProfile extends Chat {
  readonly places: readonly OwnPlace[]
  /** Messages of people in the last few days, counted up to 1 000. */
  readonly heard: number
  readonly heardDays: number
  /** Why messages do not arrive though nothing looks wrong; null when they do. */
  readonly blindness: 'privacy_mode' | 'silent' | null
}

const HEARD_MAX = 1_000

/** What is known of one chat at `at`. Errors: `not_found`. */
export const getChatProfile = async (tx: TenantTx, chatId: number, at: number): Promise<ChatProfile> => {
  const chat = await getChat(tx, chatId)
  const places = await listOwnPlaces(tx, chat.id)
  const heard = await countHeard(tx, chat.telegramId, at - SILENT_DAYS * DAY_MS, HEARD_MAX)
  const { kind, memberCount } = chat
  return {
    ...chat,
    places,
    heard,
    heardDays: SILENT_DAYS,
    blindness: findBlindness({ places, kind, memberCount, heard, now: at }),
  }
}
