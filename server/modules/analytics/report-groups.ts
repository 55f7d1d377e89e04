import { DAY_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type Chat, getChat, getChatProfile, listChats } from '#server/modules/groups/index.ts'
import { type ActingPerson, maskContact } from '#server/modules/tenancy/index.ts'

import {
  type ChatActivity,
  type ChatDay,
  type ChatMember,
  type ChatSlot,
  QUIET_DAYS,
  fillChatDays,
} from './group-report.rules.ts'
import { countChatDays, countChatTalk, countChats, selectTopMembers } from './group-report.store.ts'
import { lastDays } from './report-period.ts'
import { requireDepth } from './require-depth.ts'

const TOP_MEMBERS = 20

/** A chat beside what was seen in it. */
export interface ChatWithActivity extends Chat, Omit<ChatActivity, 'chatId'> {
  /** Nobody wrote for a week, in a chat that is known for at least as long. */
  readonly isQuiet: boolean
}

const NOTHING = { messages: 0, active: 0, joined: 0, left: 0, lastMessageAt: null } as const

const isQuiet = ({ addedAt }: Chat, lastMessageAt: number | null, now: number): boolean =>
  now - (lastMessageAt ?? addedAt) > QUIET_DAYS * DAY_MS

interface Wanted {
  /** 1–90 days of the tenant's calendar, the last being today so far. */
  readonly days: number
  readonly now: number
}

const join = (chat: Chat, seen: ChatActivity | undefined, now: number): ChatWithActivity => {
  const { messages, active, joined, left, lastMessageAt } = seen ?? NOTHING
  return { ...chat, messages, active, joined, left, lastMessageAt, isQuiet: isQuiet(chat, lastMessageAt, now) }
}

/**
 * A page of the tenant's chats with what was seen in each in the last days. Messages are seen where an account hears them,
 * joins and leaves where Telegram tells of them. Errors: those of `listChats`, `invalid/whole_number_expected`,
 * `limit_reached/package_feature`.
 */
export const reportGroups = async (
  tx: TenantTx,
  wanted: Wanted,
  page: { readonly search?: string; readonly cursor?: string | null; readonly limit: number },
): Promise<{ readonly groups: readonly ChatWithActivity[]; readonly nextCursor: string | null }> => {
  const period = await lastDays(tx, wanted)
  await requireDepth(tx, period)
  const { search, cursor = null, limit } = page
  const { chats, nextCursor } = await listChats(tx, { ...(search !== undefined && { search }) }, { cursor, limit })
  const seen = chats.length === 0 ? [] : await countChats(tx, chats.map(({ id }) => id), period) // prettier-ignore
  return {
    groups: chats.map((chat) => join(chat, seen.find(({ chatId }) => chatId === chat.id), wanted.now)), // prettier-ignore
    nextCursor,
  }
}

/** One chat, as it was in the last days. */
export interface GroupReport {
  readonly group: ChatWithActivity
  /** Why messages do not arrive though nothing looks wrong; null when they do. */
  readonly blindness: 'privacy_mode' | 'silent' | null
  readonly timeZone: string
  readonly days: readonly ChatDay[]
  readonly slots: readonly ChatSlot[]
  readonly kinds: readonly { readonly kind: string; readonly messages: number }[]
  /** Who wrote most, with what whoever asks may see of them. */
  readonly members: readonly ChatMember[]
}

/** Errors: `not_found`, `invalid/whole_number_expected`, `limit_reached/package_feature`. */
export const reportGroup = async (
  tx: TenantTx,
  id: number,
  wanted: Wanted,
  { access }: Pick<ActingPerson, 'access'>,
): Promise<GroupReport> => {
  const chat = await getChat(tx, id)
  const { days, ...period } = await lastDays(tx, wanted)
  await requireDepth(tx, period)
  const [seen] = await countChats(tx, [chat.id], period)
  const { blindness } = await getChatProfile(tx, chat.id, wanted.now)
  return {
    group: join(chat, seen, wanted.now),
    blindness,
    timeZone: period.timeZone,
    days: fillChatDays(days, await countChatDays(tx, chat.telegramId, period)),
    ...(await countChatTalk(tx, chat.telegramId, period)),
    members: (await selectTopMembers(tx, chat.telegramId, period, TOP_MEMBERS)).map((row) => maskContact(access, row)),
  }
}
