import type { Locale } from '#contract/words.ts'
import type { Translate } from '#server/base/translate.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { together } from '#server/db/together.ts'
import { type InboxUpdate, eraseStoredMessages, finishUpdates, getAccount } from '#server/modules/accounts/index.ts'
import {
  type Person,
  type TouchedContact,
  eraseMessages,
  recordOwnWords,
  reviseMessage,
  touchContacts,
} from '#server/modules/contacts/index.ts'
import { type Voice, findVoices, recordTakeover, upsertAllInbound } from '#server/modules/conversations/index.ts'
import {
  type ContactResponse,
  type ReplyInput,
  createReplies,
  findReached,
  parseCallbackData,
  recordResponse,
} from '#server/modules/delivery/index.ts'
import { isChatAdministrator, recordChatMigration, recordOwnMembership } from '#server/modules/groups/index.ts'
import { findInvitingAccounts } from '#server/modules/invites/index.ts'
import { findSellers } from '#server/modules/sales/index.ts'
import { type Tenant, getOwnTenant } from '#server/modules/tenancy/index.ts'

import { answerContact } from './answer-contact.ts'
import { takeComments } from './answer-rating.ts'
import type { BusinessNews } from './business-updates.rules.ts'
import { type Happening, readHappening } from './happening.rules.ts'
import { answerLocale, intentOfAction, intentOfText } from './intent.rules.ts'
import { noteCampaigns } from './note-campaigns.ts'
import { respondInGroups } from './respond-in-groups.ts'
import { respondToWords } from './respond-to-words.ts'
import type { Talk, Toast } from './talk.ts'
import { tendGroups } from './tend-groups.ts'
import { trackJoins, trackReferrals } from './track-joins.ts'
import { watchGroups } from './watch-groups.ts'

export interface ApplyOptions {
  readonly now: number
  readonly translator: (locale: Locale) => Translate
}

/** A pressed button that waits for its spinner to be stopped, once the transaction has committed. */
export interface CallbackAnswer {
  readonly accountId: number
  readonly callbackId: string
  readonly text: Toast
}

interface Batch extends ApplyOptions {
  readonly tx: TenantTx
  readonly tenant: Tenant
  /** Contacts of the batch who may be answering a delivery; most who write are not. */
  readonly reached: ReadonlySet<number>
  /** What the accounts of the batch are, say and do; read at once, where anybody may ask. */
  readonly asked: () => Promise<Asked>
  /** Of whom something waits below: before anything else happens to one of them, all of it is finished. */
  readonly open: Set<number>
  /** Words that wait to be answered together, each of another contact. */
  readonly said: SaidWords[]
  /** Answers that wait to be written together. */
  readonly replies: ReplyInput[]
}

/** Words of a contact that are no command, before they are in a conversation. */
interface SaidWords {
  readonly talk: Talk
  readonly text: string
  readonly messageId: number | null
}

interface Asked {
  readonly voices: ReadonlyMap<number, Voice>
  readonly inviting: ReadonlySet<number>
  readonly sellers: ReadonlySet<number>
}

const readAsked = async (tx: TenantTx, accountIds: readonly number[], now: number): Promise<Asked> => {
  const [voices, inviting, sellers] = await Promise.all([
    findVoices(tx, accountIds, now),
    findInvitingAccounts(tx),
    findSellers(tx, accountIds),
  ])
  return { voices, inviting, sellers }
}

type People = ReadonlyMap<Happening, TouchedContact>

/**
 * Applies updates of a tenant's accounts, those of each in their order, in the caller's transaction: contacts,
 * memberships, responses, and what contacts ask for. Throws when one of them cannot be applied; the caller rolls back and
 * tries them one by one.
 */
export const applyUpdates = async (
  tx: TenantTx,
  updates: readonly InboxUpdate[],
  options: ApplyOptions,
): Promise<readonly CallbackAnswer[]> => {
  const accountIds = [...new Set(updates.map(({ accountId }) => accountId))]
  const owners = await findOwners(tx, updates)
  const happenings = updates.map((update) => readHappening(update, owners.get(update.accountId)))
  const people = await touchPeople(tx, happenings)
  const byAccount = new Map(accountIds.map((id) => [id, peopleOf(id, people)]))
  for (const [accountId, own] of byAccount) await watchGroups(tx, accountId, own)
  await trackJoins(tx, people)
  await trackReferrals(tx, people)
  await noteCampaigns(tx, people)
  const contactIds = [...new Set([...people.values()].map(({ contactId }) => contactId))]
  // A week back at most, as the instants of happenings are.
  const earliest = happenings.reduce((at, happening) => Math.min(at, happening.at), options.now)
  // Groups ask for none of it, as a rule; whoever speaks to an account alone does.
  const isAsked = happenings.some(({ said, pressed }) => said !== null || pressed !== null)
  const [reached, tenant, asked] = await together(tx, (side) => [
    findReached(side, contactIds, earliest),
    getOwnTenant(side),
    isAsked ? readAsked(side, accountIds, options.now) : Promise.resolve(null),
  ])
  const read = once(async () => asked ?? readAsked(tx, accountIds, options.now))
  const batch: Batch = { ...options, tx, tenant, reached, asked: read, ...nothingOpen() }
  for (const [accountId, own] of byAccount) await tendGroups({ ...batch, accountId }, own)
  const answers: CallbackAnswer[] = []
  for (const happening of happenings) {
    const contact = people.get(happening) ?? null
    const isNext = contact !== null && batch.open.has(contact.contactId)
    if (isNext || happening.own || happening.migration || happening.business) await finishOpen(batch)
    const toast = await applyOne(batch, happening, contact)
    const { accountId } = happening.update
    if (happening.pressed) answers.push({ accountId, callbackId: happening.pressed.callbackId, text: toast })
  }
  await finishOpen(batch)
  for (const [accountId, own] of byAccount) await respondInGroups({ ...batch, accountId }, own)
  const ends = happenings.map(({ update: { accountId, updateId }, ignored }) => ({
    accountId,
    updateId,
    state: ignored === null ? ('done' as const) : ('ignored' as const),
    note: ignored,
  }))
  await finishUpdates(tx, ends, options.now)
  return answers
}

const nothingOpen = (): Pick<Batch, 'open' | 'said' | 'replies'> => ({ open: new Set(), said: [], replies: [] })

/** Answers what was said, and writes all answers that wait. */
const finishOpen = async ({ tx, open, said, replies }: Batch): Promise<void> => {
  const words = await takeComments(said.splice(0))
  const conversations = await upsertAllInbound(
    tx,
    words.map(({ talk: { accountId, contactId, at }, messageId }) => ({ accountId, contactId, messageId, at })),
  )
  await respondToWords(
    words.flatMap(({ talk, text }, i) => {
      const conversation = conversations[i]
      return conversation ? [{ talk, text, conversation }] : []
    }),
  )
  await createReplies(tx, replies.splice(0))
  open.clear()
}

/** Most batches hold nothing that asks for it; those that do read it once. */
const once = <T>(read: () => Promise<T>): (() => Promise<T>) => {
  let reading: Promise<T> | null = null
  return () => (reading ??= read())
}

/** Whose own words come in with those of others, by account: of accounts that people write to as a person. */
const findOwners = async (tx: TenantTx, updates: readonly InboxUpdate[]): Promise<ReadonlyMap<number, number>> => {
  const owners = new Map<number, number>()
  for (const { kind, accountId } of updates) {
    if (kind !== 'business_message' || owners.has(accountId)) continue
    owners.set(accountId, (await getAccount(tx, accountId)).telegramId)
  }
  return owners
}

const peopleOf = (accountId: number, people: People): People =>
  new Map([...people].filter(([{ update }]) => update.accountId === accountId))

/** Whether updates after this one belong into another transaction: they would be swept up by an erasure before them. */
export const endsBatch = (update: InboxUpdate): boolean =>
  update.kind === 'callback_query' && JSON.stringify(update.payload).includes('erase_yes')

/** Records all activities at once; gives the contact behind each happening's first activity. */
const touchPeople = async (tx: TenantTx, happenings: readonly Happening[]): Promise<People> => {
  const wanted: Happening[] = []
  for (const happening of happenings) {
    const chat = happening.isServiceMessage ? happening.activities[0]?.chat : undefined
    const repeats = chat !== undefined && (await isChatAdministrator(tx, happening.update.accountId, chat.telegramId))
    if (!repeats) wanted.push(happening)
  }
  const touched = await touchContacts(
    tx,
    wanted.flatMap((happening) => happening.activities),
  )
  const people = new Map<Happening, TouchedContact>()
  let next = 0
  for (const happening of wanted) {
    const contact = happening.activities.length > 0 ? touched[next] : null
    if (contact) people.set(happening, contact)
    next += happening.activities.length
  }
  return people
}

const applyOne = async (batch: Batch, happening: Happening, contact: TouchedContact | null): Promise<Toast> => {
  const { tx } = batch
  const { accountId } = happening.update
  if (happening.own) await recordOwnMembership(tx, { accountId, ...happening.own, at: happening.at })
  if (happening.migration) await recordChatMigration(tx, happening.migration.from, happening.migration.to)
  if (happening.business) await applyBusinessNews(batch, happening, happening.business)
  if (!contact) return null
  if (happening.said) return applySaid(batch, happening, happening.said, contact)
  if (happening.pressed) return applyPressed(batch, happening, happening.pressed, contact)
  return null
}

const applyBusinessNews = async ({ tx }: Batch, { at, update }: Happening, news: BusinessNews): Promise<void> => {
  const { accountId } = update
  switch (news.kind) {
    case 'by_hand': {
      const { telegramId, messageId, messageKind: kind, text } = news
      const contactId = await recordOwnWords(tx, { accountId, telegramId, messageId, kind, text, at })
      if (contactId !== null) await recordTakeover(tx, { accountId, contactId, at })
      return
    }
    case 'edited':
      return reviseMessage(tx, { accountId, chatId: news.chatId, messageId: news.messageId, text: news.text })
    case 'deleted': {
      const { chatId, messageIds } = news
      await eraseMessages(tx, { accountId, chatId, messageIds })
      return eraseStoredMessages(tx, accountId, { ...update, messageIds })
    }
    default:
      return news satisfies never
  }
}

const applySaid = async (
  batch: Batch,
  happening: Happening,
  said: NonNullable<Happening['said']>,
  { contactId }: TouchedContact,
): Promise<Toast> => {
  const intent = intentOfText(said.text)
  const { accountId } = happening.update
  // A withdrawal is the opposite of a response: it is recorded as the delivery's opt-out.
  if (intent !== 'stop') await creditResponse(batch, { contactId, accountId, at: happening.at, kind: 'message' })
  const talk = talkOf(batch, happening, said.person, contactId, { by: 'command', argument: '', deliveryId: null })
  batch.open.add(contactId)
  if (intent) return answerContact(talk, intent)
  batch.said.push({ talk, text: said.text, messageId: happening.activities[0]?.messageId ?? null })
  return null
}

const applyPressed = async (
  batch: Batch,
  happening: Happening,
  pressed: NonNullable<Happening['pressed']>,
  { contactId }: TouchedContact,
): Promise<Toast> => {
  const parsed = parseCallbackData(pressed.data)
  const t = batch.translator(answerLocale(pressed.person.languageCode, batch.tenant.locale))
  if (!parsed) return t('unknown')
  const asked = intentOfAction(parsed.action)
  const { accountId } = happening.update
  if (pressed.isPrivate && asked?.intent !== 'stop') {
    await creditResponse(batch, {
      contactId,
      accountId,
      at: happening.at,
      kind: 'button',
      deliveryId: parsed.deliveryId,
    })
  }
  // Under a group's message only the way out is open: everything else is answered in the private chat.
  if (!asked || !(pressed.isPrivate || asked.intent === 'stop')) return null
  batch.open.add(contactId)
  const how = { by: 'button', argument: asked.argument, deliveryId: parsed.deliveryId } as const
  return answerContact(talkOf(batch, happening, pressed.person, contactId, how), asked.intent)
}

const creditResponse = async (batch: Batch, response: ContactResponse): Promise<void> => {
  if (batch.reached.has(response.contactId)) await recordResponse(batch.tx, response)
}

const talkOf = (
  batch: Batch,
  happening: Happening,
  person: Person,
  contactId: number,
  how: Pick<Talk, 'by' | 'argument' | 'deliveryId'>,
): Talk => {
  const locale = answerLocale(person.languageCode, batch.tenant.locale)
  const { accountId, updateId } = happening.update
  return {
    tx: batch.tx,
    tenant: batch.tenant,
    accountId,
    contactId,
    person,
    updateId,
    at: happening.at,
    now: batch.now,
    locale,
    t: batch.translator(locale),
    translator: batch.translator,
    voice: async () => (await batch.asked()).voices.get(accountId) ?? null,
    hasWaysIn: async () => (await batch.asked()).inviting.has(accountId),
    sells: async () => (await batch.asked()).sellers.has(accountId),
    replies: batch.replies,
    ...how,
  }
}
