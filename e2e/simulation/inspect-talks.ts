import { sql } from 'kysely'

import { DAY_MS } from '#server/base/duration.ts'

import type { AcceptedMessage, Simulation } from './open-simulation.ts'
import { INVENTED } from './script-model.ts'
import { CATALOGUE, HANDED_OVER } from './settle-shop.ts'

/** What is told of a delivery beside what Telegram accepted. */
interface Told {
  readonly id: number
  readonly telegram_message_id: number | null
  readonly bot_id: number
  readonly chat_id: number
  readonly source: string
  readonly message_class: string
  readonly is_ai: boolean
  readonly is_human: boolean
  readonly written_by: string | null
  readonly invite_chat_id: number | null
  readonly dedupe_key: string
}

export interface TalkFindings {
  /** Left an account of which people alone answer, and no member had written it. */
  readonly sentInManualMode: readonly AcceptedMessage[]
  readonly writtenByMembers: number
  /** Words of drafts that a member refused or nobody decided about, and that left all the same. */
  readonly leftUndecided: readonly AcceptedMessage[]
  readonly draftStates: Readonly<Record<string, number>>
  /** Of a model, with no word before or in it that a model speaks, where all of its words arrived. */
  readonly undisclosed: readonly AcceptedMessage[]
  readonly saidByModel: number
  /** With a price or an offer that no catalogue has. */
  readonly invented: readonly AcceptedMessage[]
  readonly priced: number
  /** Asked into a chat they had refused before, or within 30 days of the invitation before. */
  readonly pestered: readonly AcceptedMessage[]
  readonly invitations: number
  /** A bot's words in a group that answer words of a bot. */
  readonly botToBot: readonly AcceptedMessage[]
  /** Answers in groups to whoever named a bot or asked for the rules. */
  readonly answersInGroups: number
  /** Of a model alone, while a person had the word or after somebody had said stop. */
  readonly outOfTurn: readonly AcceptedMessage[]
  /** How often a person got the word. */
  readonly takeovers: number
}

/** An account of which people alone answered, for a while. */
export interface ManualPhase {
  readonly botId: number
  readonly from: number
  readonly to: number
}

const PRICE = /(?:₺\s?(\d[\d.,]*))|(?:(\d[\d.,]*)\s?(?:TL|TRY|₺|lira))/giu

const priceFaults = (text: string): readonly number[] =>
  [...text.replaceAll(/[\u2066-\u2069\u00A0]/g, '').matchAll(PRICE)]
    .map((found) => Number((found[1] ?? found[2] ?? '').replace(/[.,]00$/, '').replaceAll(/[.,]/g, '')) * 100)
    .filter((minor) => !CATALOGUE.some(({ priceMinor }) => priceMinor === minor))

const readTold = async ({ db, tenantId }: Simulation): Promise<readonly Told[]> =>
  (
    await sql<Told>`
      select d.id, d.telegram_message_id, a.telegram_id as bot_id, d.chat_id, d.source, d.message_class, d.is_ai,
        d.is_human, d.written_by, d.invite_chat_id, d.dedupe_key
      from delivery d join account a on a.tenant_id = d.tenant_id and a.id = d.account_id
      where d.tenant_id = ${tenantId} and d.reserved_at is not null`.execute(db)
  ).rows

/** Words of the drafts that must not be read anywhere. */
const readUndecided = async ({ db, tenantId }: Simulation) => {
  const { rows } = await sql<{ state: string; text: string | null }>`
    select state, text from reply_draft where tenant_id = ${tenantId}`.execute(db)
  const states: Record<string, number> = {}
  for (const { state } of rows) states[state] = (states[state] ?? 0) + 1
  const texts = rows.flatMap(({ state, text }) =>
    text !== null && ['rejected', 'expired'].includes(state) ? [text] : [],
  )
  return { states, texts }
}

/** The key of an answer in a group names the chat and the message it answers. */
const POINTER = /^pointer:\d+:(-\d+):(\d+)$/

/** While a conversation is in a person's hand. Instants are epoch ms. */
interface Silence {
  readonly botId: number
  readonly chatId: number
  readonly from: number
  readonly to: number
}

const readSilences = async ({ db, tenantId }: Simulation): Promise<readonly Silence[]> => {
  const { rows } = await sql<{ bot_id: number; chat_id: number; began: Date; ended: Date | null }>`
    select a.telegram_id as bot_id, c.telegram_id as chat_id, e.at as began,
      (select min(x.at) from conversation_event x where x.tenant_id = e.tenant_id
        and x.conversation_id = e.conversation_id and x.kind in ('given_back', 'closed') and x.at > e.at) as ended
    from conversation_event e
    join conversation v on v.tenant_id = e.tenant_id and v.id = e.conversation_id
    join account a on a.tenant_id = v.tenant_id and a.id = v.account_id
    join contact c on c.tenant_id = v.tenant_id and c.id = v.contact_id
    where e.tenant_id = ${tenantId} and e.kind = 'handed_over'`.execute(db)
  return rows.map(({ bot_id: botId, chat_id: chatId, began, ended }) => ({
    botId,
    chatId,
    from: began.getTime(),
    to: ended?.getTime() ?? Number.POSITIVE_INFINITY,
  }))
}

const isWithin = (span: Silence, { botId, chatId, at }: AcceptedMessage): boolean =>
  span.botId === botId && span.chatId === chatId && at > span.from && at < span.to

const hasSaidStop = (words: Simulation['words']['words'], { chatId, at }: AcceptedMessage): boolean =>
  words.findLast((word) => word.personId === chatId && word.heardAt <= at)?.stops ?? false

const isDisclosing = (text: string): boolean => text.includes('🤖')

/** Refusals that were written down: whose, and of which chat. */
const readRefusals = async ({ db, tenantId }: Simulation) => {
  const { rows } = await sql<{ chat_id: number; place: number; at: Date }>`
    select c.telegram_id as chat_id, r.chat_id as place, r.refused_at as at from invite_refusal r
    join contact c on c.tenant_id = r.tenant_id and c.id = r.contact_id
    where r.tenant_id = ${tenantId}`.execute(db)
  return rows.map(({ chat_id: chatId, place, at }) => ({ chatId, place, at: at.getTime() }))
}

/** Dialogs in which a model's words did not arrive: what they disclosed was not read, and is not looked at here. */
const readLost = async ({ db, tenantId }: Simulation): Promise<ReadonlySet<string>> => {
  const { rows } = await sql<{ dialog: string }>`
    select distinct a.telegram_id || ':' || d.chat_id as dialog from delivery d
    join account a on a.tenant_id = d.tenant_id and a.id = d.account_id
    where d.tenant_id = ${tenantId} and d.is_ai and d.state <> 'sent'`.execute(db)
  return new Set(rows.map(({ dialog }) => dialog))
}

/** Looks at what Telegram accepted as a contact would, with the ledger's word on who had written it. */
export const inspectTalks = async (simulation: Simulation, manual: ManualPhase): Promise<TalkFindings> => {
  const { accepted, words } = simulation
  const spans = await readSilences(simulation)
  const refusals = await readRefusals(simulation)
  const lost = await readLost(simulation)
  const ofBots = new Set(accepted.map(({ chatId, messageId }) => `${chatId}:${messageId}`))
  const rows = await readTold(simulation)
  const byId = new Map(rows.map((row) => [row.id, row]))
  const byMessage = new Map(rows.map((row) => [`${row.bot_id}:${row.telegram_message_id}:${row.chat_id}`, row]))
  const told = (message: AcceptedMessage): Told | undefined =>
    message.deliveryId === null
      ? byMessage.get(`${message.botId}:${message.messageId}:${message.chatId}`)
      : byId.get(message.deliveryId)
  const undecided = await readUndecided(simulation)
  const disclosed = new Set<string>()
  const invitedAt = new Map<string, number>()
  const found = {
    sentInManualMode: [] as AcceptedMessage[],
    writtenByMembers: 0,
    undisclosed: [] as AcceptedMessage[],
    saidByModel: 0,
    pestered: [] as AcceptedMessage[],
    invitations: 0,
    botToBot: [] as AcceptedMessage[],
    answersInGroups: 0,
    outOfTurn: [] as AcceptedMessage[],
  }
  for (const message of accepted) {
    const row = told(message)
    const dialog = `${message.botId}:${message.chatId}`
    if (row?.is_ai) {
      found.saidByModel += 1
      if (isDisclosing(message.text)) disclosed.add(dialog)
      else if (!disclosed.has(dialog) && !lost.has(dialog)) found.undisclosed.push(message)
      const isSilent = spans.some((span) => isWithin(span, message)) || hasSaidStop(words.words, message)
      if (row.written_by === null && isSilent) found.outOfTurn.push(message)
    }
    const answered = POINTER.exec(row?.dedupe_key ?? '')
    if (answered && ofBots.has(`${answered[1]}:${answered[2]}`)) found.botToBot.push(message)
    if (message.chatId < 0 && row?.source === 'system') found.answersInGroups += 1
    if (
      message.botId === manual.botId &&
      message.at >= manual.from &&
      message.at < manual.to &&
      row?.source === 'reply'
    ) {
      if (row.written_by === null || row.is_ai) found.sentInManualMode.push(message)
      else found.writtenByMembers += 1
    }
    if (row?.invite_chat_id) {
      const key = `${message.chatId}:${row.invite_chat_id}`
      const before = invitedAt.get(key)
      const refused = refusals.some(
        (one) => one.chatId === message.chatId && one.place === row.invite_chat_id && one.at < message.at,
      )
      if (refused || (before !== undefined && before > message.at - 30 * DAY_MS)) found.pestered.push(message)
      invitedAt.set(key, message.at)
      found.invitations += 1
    }
  }
  const priced = accepted.filter(({ text }) => text.search(PRICE) >= 0)
  return {
    ...found,
    leftUndecided: accepted.filter(({ text }) => undecided.texts.some((draft) => text.includes(draft))),
    draftStates: undecided.states,
    invented: [
      ...priced.filter(({ text }) => priceFaults(text).length > 0),
      ...accepted.filter(({ text }) => INVENTED.some((offer) => text.includes(offer))),
    ],
    priced: priced.length,
    takeovers: spans.length,
  }
}

export interface SaleFindings {
  /** References of paid orders that were handed over more than once, or neither handed over nor in front of a member. */
  readonly deliveredWrong: readonly string[]
  /** References that were handed over and never paid. */
  readonly deliveredUnpaid: readonly string[]
  readonly delivered: number
  readonly paidOrders: number
  /** Second payments of an order, listed with it. */
  readonly paidTwice: number
  /** Of those, given back. */
  readonly givenBack: number
}

/** Orders against what Telegram accepted and took. */
export const inspectSales = async ({ db, tenantId, accepted }: Simulation): Promise<SaleFindings> => {
  const { rows } = await sql<{
    reference: string
    is_paid: boolean
    review_reason: string | null
    twice: number
    back: number
  }>`
    select o.reference, o.paid_at is not null as is_paid, o.review_reason,
      count(c.id) filter (where c.outcome = 'paid_twice') as twice,
      count(c.id) filter (where c.outcome = 'paid_twice' and c.refunded_at is not null) as back
    from sales_order o left join order_charge c on c.tenant_id = o.tenant_id and c.order_id = o.id
    where o.tenant_id = ${tenantId} group by o.id, o.tenant_id, o.reference, o.paid_at, o.review_reason`.execute(db)
  const handed = accepted.filter(({ text }) => text.includes(HANDED_OVER))
  const timesOf = (reference: string) => handed.filter(({ text }) => text.includes(reference)).length
  const paid = rows.filter((row) => row.is_paid)
  return {
    deliveredWrong: paid
      .filter(({ reference, review_reason: review }) => {
        const times = timesOf(reference)
        return times > 1 || (times === 0 && review === null)
      })
      .map(({ reference }) => reference),
    deliveredUnpaid: rows.filter((row) => !row.is_paid && timesOf(row.reference) > 0).map((row) => row.reference),
    delivered: handed.length,
    paidOrders: paid.length,
    paidTwice: rows.reduce((sum, row) => sum + row.twice, 0),
    givenBack: rows.reduce((sum, row) => sum + row.back, 0),
  }
}
