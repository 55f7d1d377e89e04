import { toDate } from '#server/base/clock.ts'
import { createTranslator } from '#server/base/translate.ts'
import type { Db } from '#server/db/pool.ts'
import { recordConsent, recordOptOut } from '#server/modules/contacts/index.ts'
import { reserveSlots } from '#server/modules/delivery/guard/reserve-slots.ts'
import type { AskModel, ModelAnswer, ModelQuestion } from '#server/modules/llm/index.ts'

import { type AnsweringChange, setAnswering, setReplyMode } from '../change-settings.ts'
import { closeForStop } from '../inbox/close-conversation.ts'
import { createInboxWorld } from '../inbox/inbox-world.suite.ts'
import { writePersona } from '../update-persona.ts'
import { AnswerLane, type AnswerLaneOptions } from './answer-lane.ts'
import type { DraftVerdict } from './decide-draft.ts'
import { decideDraft } from './decide-draft.ts'
import { openTurns } from './open-turn.ts'
import type { ModelReply } from './reply-prompt.rules.ts'

const translators = new Map(['tr', 'en', 'ru', 'ar'].map((locale) => [locale, createTranslator(locale as 'tr', 'bot')]))

const PERSONA = {
  displayName: 'Selin',
  tone: 'samimi',
  style: 'kısa',
  language: 'tr',
  facts: {
    catalogue: [{ name: 'VIP üyelik', priceMinor: 25_000, currency: 'TRY' }],
    faq: [{ question: 'Kargo ne kadar sürer?', answer: 'Kargo 3 gün sürer.' }],
    notes: [],
  },
  doNots: ['Kataloğda olmayan fiyat verme.'],
  greeting: 'Merhaba!',
  menu: [],
  sampleReplies: [],
} as const

export const GOOD: ModelReply = {
  text: 'Merhaba! VIP üyelik 250 TL, kargo 3 gün sürer.',
  language: 'tr',
  confidence: 95,
  intent: 'fiyat',
  needsHuman: false,
  usedFacts: ['VIP üyelik'],
}

export const saying = (over: Partial<ModelReply> = {}): ModelAnswer<ModelReply> => ({
  kind: 'answered',
  value: { ...GOOD, ...over },
  model: 'test',
  promptVersion: 1,
})

type Script = (
  question: ModelQuestion<ModelReply>,
  call: number,
) => Promise<ModelAnswer<ModelReply>> | ModelAnswer<ModelReply>

export type AnswerWorld = Awaited<ReturnType<typeof createAnswerWorld>>

/** A contact who agreed to be answered by a model, an account that does, and a model that says what it is told to. */
export const createAnswerWorld = async (db: Db, options: { readonly hasConsent?: boolean | null } = {}) => {
  const { hasConsent = true } = options
  const inbox = await createInboxWorld(db)
  const { tenantId, accountId, contactId, within, now } = inbox
  const asked: ModelQuestion<ModelReply>[] = []
  let script: Script = () => saying()
  const askModel: AskModel = async (question) => {
    const own = question as unknown as ModelQuestion<ModelReply>
    asked.push(own)
    return (await script(own, asked.length)) as never
  }
  const by = () => ({ by: 'test', at: now() })
  await within((tx) => writePersona(tx, accountId, PERSONA, 'persona.updated', by()))
  const say = (granted: boolean) =>
    within((tx) =>
      recordConsent(tx, { contactId, purpose: 'ai_processing', granted, textVersion: 'v1', source: 'bot', at: now() }),
    )
  if (hasConsent !== null) await say(hasConsent)

  const laneOf = (options: Partial<AnswerLaneOptions> = {}) =>
    new AnswerLane(
      {
        db,
        clock: { now, sleep: async () => undefined },
        askModel,
        translator: (locale) => translators.get(locale) ?? String,
        log: { info: () => undefined, warn: () => undefined, error: (fields) => void faults.push(fields) },
      },
      { atOnce: 8, debounceMs: 0, ...options },
    )
  const faults: object[] = []
  const lane = laneOf()

  const rows = (table: 'answer_turn' | 'reply_draft') =>
    db.selectFrom(table).selectAll().where('tenant_id', '=', tenantId).orderBy('id').execute()

  return {
    ...inbox,
    asked,
    faults,
    laneOf,
    drain: () => lane.drain(),
    script: (next: Script) => void (script = next),
    setMode: (mode: 'manual' | 'hybrid' | 'ai') => within((tx) => setReplyMode(tx, { accountId, mode }, by())),
    set: (change: AnsweringChange) => within((tx) => setAnswering(tx, { accountId, ...change }, by())),
    consent: say,
    /** The contact writes to an account that answers by itself. */
    ask: async (text = 'VIP fiyatı nedir?') => {
      const conversation = await inbox.write(text)
      await within((tx) => openTurns(tx, [{ conversation, writtenAt: now() }], now()))
      return conversation
    },
    stop: () =>
      within(async (tx) => {
        await recordOptOut(tx, { contactId, source: 'command', at: now() })
        await closeForStop(tx, contactId, now())
      }),
    decide: (verdict: DraftVerdict, actor = inbox.actor()) => within((tx) => decideDraft(tx, verdict, actor)),
    /** What the guard lets leave now; it is sent at once. */
    leave: async () => {
      const { reserved } = await within((tx) => reserveSlots(tx, { accountId, now: now(), limit: 50 }))
      for (const { deliveryId, content } of reserved) {
        await db
          .updateTable('delivery')
          .set({ state: 'sent', finished_at: toDate(now()), telegram_message_id: 1_000_000 + deliveryId })
          .where('tenant_id', '=', tenantId)
          .where('id', '=', deliveryId)
          .execute()
        await db
          .insertInto('message')
          .values({
            tenant_id: tenantId,
            at: toDate(now()),
            contact_id: contactId,
            account_id: accountId,
            chat_id: inbox.telegramId ?? 0,
            direction: 'out',
            telegram_message_id: 1_000_000 + deliveryId,
            delivery_id: deliveryId,
            text: content.text,
          })
          .execute()
      }
      return reserved.map(({ content }) => content.text)
    },
    deliveries: async () =>
      (
        await db
          .selectFrom('delivery')
          .select(['id', 'content', 'state', 'reason', 'is_ai', 'is_human', 'dedupe_key'])
          .where('tenant_id', '=', tenantId)
          .orderBy('id')
          .execute()
      ).map((row) => ({ ...row, text: (row.content as { text: string }).text })),
    turns: () =>
      rows('answer_turn') as Promise<{ state: string; outcome: string | null; kind: string; due_at: Date }[]>,
    drafts: () => rows('reply_draft') as Promise<{ id: number; state: string; text: string; findings: unknown }[]>,
  }
}
