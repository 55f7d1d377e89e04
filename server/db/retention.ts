import { type RawBuilder, sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'

import type { Db } from './pool.ts'

/** How long what is kept (spec: texts of messages 90 days; the inbox and events as long as a fault may need a look). */
export const RETENTION = {
  messageTextMs: 90 * DAY_MS,
  finishedUpdateMs: 7 * DAY_MS,
  eventMs: 30 * DAY_MS,
  modelUseMs: 400 * DAY_MS,
  ruleFiredMs: 90 * DAY_MS,
  webhookMs: 30 * DAY_MS,
  faultDayMs: 90 * DAY_MS,
} as const

const BATCH = 5_000

/** Drops the texts of old messages; the rows and their counts stay. Returns how many. */
export const dropOldTexts = (db: Db, now: number): Promise<number> =>
  inBatches(
    db,
    () => sql`
    update message set text = null where (tenant_id, id, at) in (
      select tenant_id, id, at from message
      where text is not null and at < ${toDate(now - RETENTION.messageTextMs)} limit ${BATCH})`,
  )

/** Drops what members noted in conversations, and what contacts said to their ratings, with the texts of messages. Returns how many. */
export const dropOldInboxTexts = async (db: Db, now: number): Promise<number> => {
  const before = toDate(now - RETENTION.messageTextMs)
  const notes = await inBatches(
    db,
    () => sql`
    update conversation_event set text = null where (tenant_id, id) in (
      select tenant_id, id from conversation_event where text is not null and at < ${before} limit ${BATCH})`,
  )
  const comments = await inBatches(
    db,
    () => sql`
    update conversation_rating set comment = null where (tenant_id, id) in (
      select tenant_id, id from conversation_rating where comment is not null and rated_at < ${before} limit ${BATCH})`,
  )
  return notes + comments
}

/** Drops the texts of old drafts and removes old turns of answers; what was decided stays. Returns how many. */
export const dropOldDrafts = async (db: Db, now: number): Promise<number> => {
  const before = toDate(now - RETENTION.messageTextMs)
  const texts = await inBatches(
    db,
    () => sql`
    update reply_draft set text = null, edited_text = null, intent = '' where (tenant_id, id) in (
      select tenant_id, id from reply_draft where text is not null and created_at < ${before} limit ${BATCH})`,
  )
  const turns = await inBatches(
    db,
    () => sql`
    delete from answer_turn where (tenant_id, id) in (
      select tenant_id, id from answer_turn
      where finished_at < ${toDate(now - RETENTION.finishedUpdateMs)} limit ${BATCH})`,
  )
  return texts + turns
}

/** Drops what models wrote into the slots of old deliveries; what was decided stays. Returns how many. */
export const dropOldSlots = (db: Db, now: number): Promise<number> =>
  inBatches(
    db,
    () => sql`
    update delivery_slot set text = null where (tenant_id, id) in (
      select tenant_id, id from delivery_slot
      where text is not null and created_at < ${toDate(now - RETENTION.messageTextMs)} limit ${BATCH})`,
  )

/** Removes firings of rules that no cooldown and no report looks at any more. Returns how many. */
export const removeOldFires = (db: Db, now: number): Promise<number> =>
  inBatches(
    db,
    () => sql`
    delete from rule_fired where (tenant_id, id) in (
      select tenant_id, id from rule_fired where at < ${toDate(now - RETENTION.ruleFiredMs)} limit ${BATCH})`,
  )

/** Removes updates that were applied or ignored long ago; parked ones wait for a person. Returns how many. */
export const removeFinishedUpdates = (db: Db, now: number): Promise<number> =>
  inBatches(
    db,
    () => sql`
    delete from update_inbox where (account_id, update_id) in (
      select account_id, update_id from update_inbox
      where state in ('done', 'ignored') and finished_at < ${toDate(now - RETENTION.finishedUpdateMs)} limit ${BATCH})`,
  )

/** Removes webhooks that ended long ago, with their attempts. Returns how many. */
export const removeOldWebhooks = (db: Db, now: number): Promise<number> =>
  inBatches(
    db,
    () => sql`
    delete from webhook_delivery where (tenant_id, id) in (
      select tenant_id, id from webhook_delivery
      where state <> 'waiting' and created_at < ${toDate(now - RETENTION.webhookMs)} limit ${BATCH})`,
  )

/** Removes days of faults that no trend shows any more. Returns how many. */
export const removeOldFaultDays = (db: Db, now: number): Promise<number> =>
  inBatches(
    db,
    () => sql`
    delete from fault_day where (cause, seen_on) in (
      select cause, seen_on from fault_day
      where seen_on < (${toDate(now - RETENTION.faultDayMs)}::timestamptz at time zone 'UTC')::date limit ${BATCH})`,
  )

/** Removes kept answers of calls that may not be given again. Returns how many. */
export const removeOldCalls = (db: Db, now: number): Promise<number> =>
  inBatches(
    db,
    () => sql`
    delete from api_call where (tenant_id, caller, key) in (
      select tenant_id, caller, key from api_call where expires_at < ${toDate(now)} limit ${BATCH})`,
  )

/** So many answers of models are kept for a tenant; the newest. */
const KEPT_ANSWERS_MAX = 10_000

/** Removes answers of models that may not be given again, and those beyond what a tenant may keep. Returns how many. */
export const removeOldModelAnswers = async (db: Db, now: number): Promise<number> => {
  const expired = await inBatches(
    db,
    () => sql`
    delete from model_answer where (tenant_id, key) in (
      select tenant_id, key from model_answer where expires_at < ${toDate(now)} limit ${BATCH})`,
  )
  const beyond = await inBatches(
    db,
    () => sql`
    delete from model_answer where (tenant_id, key) in (
      select tenant_id, key from (
        select tenant_id, key, row_number() over (partition by tenant_id order by created_at desc, key) as place
        from model_answer) ranked
      where place > ${KEPT_ANSWERS_MAX} limit ${BATCH})`,
  )
  return expired + beyond
}

/** Removes old lines of the ledger of models' use. Returns how many. */
export const removeOldModelUse = (db: Db, now: number): Promise<number> =>
  inBatches(
    db,
    () => sql`
    delete from model_use where (tenant_id, id) in (
      select tenant_id, id from model_use where at < ${toDate(now - RETENTION.modelUseMs)} limit ${BATCH})`,
  )

/** Small transactions, so that the duty never locks what sends and replies wait for. */
const inBatches = async (db: Db, statement: () => RawBuilder<unknown>): Promise<number> => {
  for (let total = 0; ;) {
    const { numAffectedRows } = await statement().execute(db)
    total += Number(numAffectedRows ?? 0n)
    if (Number(numAffectedRows ?? 0n) < BATCH) return total
  }
}
