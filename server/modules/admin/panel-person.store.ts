import type { Selectable } from 'kysely'

import type { Locale } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { PanelPersonTable } from '#server/db/schema.generated.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

/** Somebody who has spoken with the panel bot. */
export interface PanelPerson {
  readonly telegramId: number
  /** Their private chat with the bot. */
  readonly chatId: number
  readonly locale: Locale
  /** In lower case, without @; null for those who have none. */
  readonly username: string | null
  readonly name: string
  /** What the next thing they write answers: ids and words. Null when nothing is asked, or its time is over. */
  readonly awaiting: Readonly<Record<string, string | number | boolean | null>> | null
  readonly awaitingUntil: number | null
  /** Since when they have stopped the bot, epoch ms; null while they read it. */
  readonly blockedAt: number | null
  /** Since when they want no announcements. */
  readonly mutedAt: number | null
}

const toPerson = (row: Selectable<PanelPersonTable>): PanelPerson => ({
  telegramId: row.telegram_id,
  chatId: row.chat_id,
  locale: row.locale as Locale,
  username: row.username,
  name: row.name,
  awaiting: row.awaiting as PanelPerson['awaiting'],
  awaitingUntil: row.awaiting_until?.getTime() ?? null,
  blockedAt: row.blocked_at?.getTime() ?? null,
  mutedAt: row.muted_at?.getTime() ?? null,
})

export interface SeenPerson {
  readonly telegramId: number
  readonly chatId: number
  /** Used for somebody new; a language chosen before stays. */
  readonly locale: Locale
  readonly username: string | null
  readonly name: string
}

/**
 * Notes that somebody wrote to the panel bot or pressed one of its buttons: makes or refreshes them, and ends a block.
 * A user name that had belonged to somebody else is theirs no more. Returns them as they are now.
 */
export const recordPanelPerson = async (tx: OperatorTx, seen: SeenPerson, at: number): Promise<PanelPerson> => {
  const given = seen.username?.toLowerCase() ?? ''
  const username = /^[a-z0-9_]{1,64}$/.test(given) ? given : null
  if (username !== null) {
    await tx
      .updateTable('panel_person')
      .set({ username: null })
      .where('username', '=', username)
      .where('telegram_id', '<>', seen.telegramId)
      .execute()
  }
  const fresh = {
    chat_id: seen.chatId,
    username,
    name: seen.name.trim().slice(0, 100),
    updated_at: toDate(at),
    blocked_at: null,
  }
  const row = await tx
    .insertInto('panel_person')
    .values({ telegram_id: seen.telegramId, locale: seen.locale, ...fresh })
    .onConflict((c) => c.column('telegram_id').doUpdateSet(fresh))
    .returningAll()
    .executeTakeFirstOrThrow()
  return toPerson(row)
}

/** Somebody who has spoken with the panel bot, by Telegram number; null for strangers. */
export const findPanelPerson = async (tx: OperatorTx, telegramId: number): Promise<PanelPerson | null> => {
  const row = await tx.selectFrom('panel_person').selectAll().where('telegram_id', '=', telegramId).executeTakeFirst()
  return row ? toPerson(row) : null
}

export const setPanelLocale = async (tx: OperatorTx, telegramId: number, locale: Locale): Promise<void> => {
  await tx.updateTable('panel_person').set({ locale }).where('telegram_id', '=', telegramId).execute()
}

/** What the next thing they write answers, until an instant; null for nothing. */
export const setAwaiting = async (
  tx: OperatorTx,
  telegramId: number,
  awaiting: { readonly what: NonNullable<PanelPerson['awaiting']>; readonly until: number } | null,
): Promise<void> => {
  await tx
    .updateTable('panel_person')
    .set({
      awaiting: awaiting === null ? null : JSON.stringify(awaiting.what),
      awaiting_until: awaiting === null ? null : toDate(awaiting.until),
    })
    .where('telegram_id', '=', telegramId)
    .execute()
}

/** Notes that the bot cannot reach them, or can again. */
export const setPanelBlocked = async (tx: OperatorTx, telegramId: number, blockedAt: number | null): Promise<void> => {
  await tx
    .updateTable('panel_person')
    .set({ blocked_at: blockedAt === null ? null : toDate(blockedAt) })
    .where('telegram_id', '=', telegramId)
    .execute()
}

/** Whether they want announcements of the operator. */
export const setPanelMuted = async (tx: OperatorTx, telegramId: number, mutedAt: number | null): Promise<void> => {
  await tx
    .updateTable('panel_person')
    .set({ muted_at: mutedAt === null ? null : toDate(mutedAt) })
    .where('telegram_id', '=', telegramId)
    .execute()
}
