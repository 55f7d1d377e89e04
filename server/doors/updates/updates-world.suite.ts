import { ManualClock } from '#server/base/clock.ts'
import { silentLogger } from '#server/base/logger.ts'
import { createTranslator } from '#server/base/translate.ts'
import type { Db } from '#server/db/pool.ts'
import { NOON, createAccount, createTenant } from '#server/testing/factories.ts'

import type { CallbackAnswer } from './apply-updates.ts'
import { InboxLane, type InboxLaneOptions } from './inbox-lane.ts'
import { receiveUpdates } from './receive-updates.ts'
import { ayse, callbackUpdate } from './update-factories.suite.ts'

type LaneChoices = Partial<Pick<InboxLaneOptions, 'lease' | 'batches'>>

export type UpdatesWorld = Awaited<ReturnType<typeof createUpdatesWorld>>

const translators = new Map(['tr', 'en', 'ru', 'ar'].map((locale) => [locale, createTranslator(locale as 'tr', 'bot')]))

/** A tenant with one account whose updates are received and applied, and what became of them. */
export const createUpdatesWorld = async (db: Db) => {
  let clock = new ManualClock(NOON)
  const toasts: CallbackAnswer[] = []
  const counts: Record<string, number> = {}
  const tenantId = await createTenant(db)
  const accountId = await createAccount(db, tenantId)

  const laneFor = (tenant: number, account: number, own: LaneChoices = {}) =>
    new InboxLane(
      {
        db,
        clock: { now: () => clock.now(), sleep: (ms, signal) => clock.sleep(ms, signal) },
        log: silentLogger,
        translator: (locale) => translators.get(locale) ?? String,
        answerCallback: async (answer) => void toasts.push(answer),
      },
      { tenantId: tenant, accountId: account, lease: null, ...own },
    )
  const lane = laneFor(tenantId, accountId)

  const receiveFor = (owner: { tenantId: number; accountId: number }, updates: readonly unknown[]) =>
    receiveUpdates(
      {
        db,
        clock,
        log: silentLogger,
        count: (outcome, amount) => void (counts[outcome] = (counts[outcome] ?? 0) + amount),
      },
      owner,
      updates,
    )
  const receive = (...updates: unknown[]) => receiveFor({ tenantId, accountId }, updates)
  const process = async (...updates: unknown[]) => {
    await receive(...updates)
    await lane.drain()
  }

  const replies = async () => {
    const rows = await db
      .selectFrom('delivery')
      .select(['id', 'content', 'source', 'message_class'])
      .where('tenant_id', '=', tenantId)
      .where('source', '=', 'system')
      .orderBy('id')
      .execute()
    return rows.map((row) => ({
      id: row.id,
      ...(row.content as { text: string; buttons: { text: string; action: string }[][] }),
    }))
  }

  return {
    tenantId,
    accountId,
    toasts,
    counts,
    lane,
    laneFor,
    receiveFor,
    receive,
    process,
    replies,
    advance: (ms: number) => void (clock = new ManualClock(clock.now() + ms)),
    inbox: () =>
      db
        .selectFrom('update_inbox')
        .select(['update_id', 'state', 'kind', 'error'])
        .where('account_id', '=', accountId)
        .orderBy('update_id')
        .execute(),
    findAyse: () =>
      db
        .selectFrom('contact')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where('telegram_id', '=', ayse.id)
        .executeTakeFirst(),
    consents: async () => {
      const rows = await db
        .selectFrom('contact_consent')
        .select(['purpose', 'granted'])
        .where('tenant_id', '=', tenantId)
        .orderBy('purpose')
        .execute()
      return Object.fromEntries(rows.map((row) => [row.purpose, row.granted]))
    },
    /** Presses the button of the newest reply whose action begins so. */
    press: async (action: string) => {
      const newest = (await replies()).at(-1)
      const button = newest?.buttons.flat().find((b) => b.action.split(':')[0] === action)
      if (!newest || !button) throw new Error(`the newest reply has no button ${action}`)
      await process(callbackUpdate(`${newest.id.toString(36)}.${button.action}`))
    },
  }
}
