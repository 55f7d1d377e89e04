import type { Locale } from '#contract/words.ts'
import type { Translate } from '#server/base/translate.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type InboxUpdate, eraseStoredMessages, finishUpdates, getAccount } from '#server/modules/accounts/index.ts'
import {
  type Person,
  type TouchedContact,
  eraseMessages,
  recordOwnWords,
  reviseMessage,
  touchContacts,
} from '#server/modules/contacts/index.ts'
import { type Voice, findVoice } from '#server/modules/conversations/index.ts'
import { type ContactResponse, findReached, parseCallbackData, recordResponse } from '#server/modules/delivery/index.ts'
import { isChatAdministrator, recordChatMigration, recordOwnMembership } from '#server/modules/groups/index.ts'
import { type Tenant, getOwnTenant } from '#server/modules/tenancy/index.ts'

import { answerContact } from './answer-contact.ts'
import type { BusinessNews } from './business-updates.rules.ts'
import { type Happening, readHappening } from './happening.rules.ts'
import { type Intent, answerLocale, intentOfAction, intentOfText } from './intent.rules.ts'
import type { Talk, Toast } from './talk.ts'
import { watchGroups } from './watch-groups.ts'

export interface ApplyOptions {
  readonly accountId: number
  readonly now: number
  readonly translator: (locale: Locale) => Translate
}

/** A pressed button that waits for its spinner to be stopped, once the transaction has committed. */
export interface CallbackAnswer {
  readonly callbackId: string
  readonly text: Toast
}

interface Batch extends ApplyOptions {
  readonly tx: TenantTx
  readonly tenant: Tenant
  /** Contacts of the batch who may be answering a delivery; most who write are not. */
  readonly reached: ReadonlySet<number>
  readonly voice: () => Promise<Voice | null>
}

/**
 * Applies updates of one account in their order, in the caller's transaction: contacts, memberships, responses, and
 * what contacts ask for. Throws when one of them cannot be applied; the caller rolls back and tries them one by one.
 */
export const applyUpdates = async (
  tx: TenantTx,
  updates: readonly InboxUpdate[],
  options: ApplyOptions,
): Promise<readonly CallbackAnswer[]> => {
  const ownerId = updates.some(isBusiness) ? (await getAccount(tx, options.accountId)).telegramId : null
  const happenings = updates.map((update) => readHappening(update, options.accountId, ownerId))
  const people = await touchPeople(tx, options.accountId, happenings)
  await watchGroups(tx, options.accountId, people)
  const contactIds = [...new Set([...people.values()].map(({ contactId }) => contactId))]
  // A week back at most, as the instants of happenings are.
  const earliest = happenings.reduce((at, happening) => Math.min(at, happening.at), options.now)
  const reached = await findReached(tx, contactIds, earliest)
  const batch: Batch = { ...options, tx, tenant: await getOwnTenant(tx), reached, voice: voiceOf(tx, options) }
  const answers: CallbackAnswer[] = []
  for (const happening of happenings) {
    const contact = people.get(happening) ?? null
    const toast = await applyOne(batch, happening, contact)
    if (happening.pressed) answers.push({ callbackId: happening.pressed.callbackId, text: toast })
  }
  const ends = happenings.map(({ update, ignored }) => ({
    updateId: update.updateId,
    state: ignored === null ? ('done' as const) : ('ignored' as const),
    note: ignored,
  }))
  await finishUpdates(tx, options.accountId, ends, options.now)
  return answers
}

/** Most batches hold nothing that asks for it; those that do read it once. */
const voiceOf = (tx: TenantTx, { accountId, now }: ApplyOptions): (() => Promise<Voice | null>) => {
  let read: Promise<Voice | null> | null = null
  return () => (read ??= findVoice(tx, accountId, now))
}

const isBusiness = ({ kind }: InboxUpdate): boolean => kind === 'business_message'

/** Whether updates after this one belong into another transaction: they would be swept up by an erasure before them. */
export const endsBatch = (update: InboxUpdate): boolean =>
  update.kind === 'callback_query' && JSON.stringify(update.payload).includes('erase_yes')

/** Records all activities at once; gives the contact behind each happening's first activity. */
const touchPeople = async (
  tx: TenantTx,
  accountId: number,
  happenings: readonly Happening[],
): Promise<ReadonlyMap<Happening, TouchedContact>> => {
  const wanted: Happening[] = []
  for (const happening of happenings) {
    const chat = happening.isServiceMessage ? happening.activities[0]?.chat : undefined
    const repeats = chat !== undefined && (await isChatAdministrator(tx, accountId, chat.telegramId))
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
  const { tx, accountId } = batch
  if (happening.own) await recordOwnMembership(tx, { accountId, ...happening.own, at: happening.at })
  if (happening.migration) await recordChatMigration(tx, happening.migration.from, happening.migration.to)
  if (happening.business) await applyBusinessNews(batch, happening, happening.business)
  if (!contact) return null
  if (happening.said) return applySaid(batch, happening, happening.said, contact)
  if (happening.pressed) return applyPressed(batch, happening, happening.pressed, contact)
  return null
}

const applyBusinessNews = async (
  { tx, accountId }: Batch,
  { at, update }: Happening,
  news: BusinessNews,
): Promise<void> => {
  switch (news.kind) {
    case 'by_hand': {
      const { telegramId, messageId, messageKind: kind, text } = news
      await recordOwnWords(tx, { accountId, telegramId, messageId, kind, text, at })
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
  const { accountId } = batch
  // A withdrawal is the opposite of a response: it is recorded as the delivery's opt-out.
  if (intent !== 'stop') await creditResponse(batch, { contactId, accountId, at: happening.at, kind: 'message' })
  return intent
    ? answer(batch, happening, said.person, contactId, intent, { by: 'command', argument: '', deliveryId: null })
    : null
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
  const { accountId } = batch
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
  const how = { by: 'button', argument: asked.argument, deliveryId: parsed.deliveryId } as const
  return answer(batch, happening, pressed.person, contactId, asked.intent, how)
}

const creditResponse = async (batch: Batch, response: ContactResponse): Promise<void> => {
  if (batch.reached.has(response.contactId)) await recordResponse(batch.tx, response)
}

const answer = (
  batch: Batch,
  happening: Happening,
  person: Person,
  contactId: number,
  intent: Intent,
  how: Pick<Talk, 'by' | 'argument' | 'deliveryId'>,
): Promise<Toast> => {
  const locale = answerLocale(person.languageCode, batch.tenant.locale)
  return answerContact(
    {
      tx: batch.tx,
      tenant: batch.tenant,
      accountId: batch.accountId,
      contactId,
      person,
      updateId: happening.update.updateId,
      at: happening.at,
      now: batch.now,
      locale,
      t: batch.translator(locale),
      voice: batch.voice,
      ...how,
    },
    intent,
  )
}
