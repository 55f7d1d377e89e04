import type { DomainEvent } from '#server/base/events.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import {
  cleanActivity,
  detailOf,
  eventsOf,
  isChatActivity,
  isMessage,
  isPrivate,
  membershipOf,
  reachOf,
  sourceOf,
} from './activity.rules.ts'
import { type ContactActivity, isIgnoredPerson } from './contact.rules.ts'
import { findOrInsertContacts, suppressListed, updateProfiles } from './contact.store.ts'
import { type ContactFeatures, foldEvent } from './feature.rules.ts'
import { lockContactsWithFeatures, saveFeatures } from './feature.store.ts'
import { findNewEvents, insertContactEvents, insertMessages } from './message.store.ts'
import { type LockedContact, nextProfile } from './profile.rules.ts'
import { mergeMemberships, mergeReach } from './reach.rules.ts'
import { ensureChats, saveMemberships, saveReach } from './reach.store.ts'
import { hasPriceIntent } from './text.rules.ts'

export interface TouchedContact {
  readonly contactId: number
  /** Whether this activity made the contact known. */
  readonly created: boolean
  /** When the contact was last heard of before these activities, anywhere; epoch ms, null for never. */
  readonly seenBeforeAt: number | null
}

export interface TouchOptions {
  /**
   * The activities are history (an import): they answer no delivery, change no reachability, override no newer profile,
   * and what the timeline already has is skipped, so importing twice changes nothing.
   */
  readonly history?: boolean
  /** When the events are said to happen (epoch ms), if not at the newest activity. */
  readonly emitAt?: number
}

interface Touch {
  readonly activity: ContactActivity
  readonly contact: LockedContact
}

/** An event carries at most this many ids, the size of a segment batch. */
const IDS_PER_EVENT = 500

/**
 * Records one activity of one person: profile, reachability, counters, histograms, engagement, message, timeline and
 * events. Returns null for bots, Telegram's own accounts and impossible ids, which are nobody's contacts.
 * Locks the contact's row until the end of `tx`.
 */
export const touchContact = async (tx: TenantTx, activity: ContactActivity): Promise<TouchedContact | null> =>
  (await touchContacts(tx, [activity]))[0] ?? null

/**
 * {@link touchContact} for many activities in a fixed number of statements; the answer has their order. Meant for up to
 * about a thousand at once. Locks the contacts' rows, lowest id first.
 */
export const touchContacts = async (
  tx: TenantTx,
  activities: readonly ContactActivity[],
  options: TouchOptions = {},
): Promise<(TouchedContact | null)[]> => (await recordActivities(tx, activities, options)).touched

/** {@link touchContacts}, also telling which of the activities were not known before. */
export const recordActivities = async (
  tx: TenantTx,
  activities: readonly ContactActivity[],
  options: TouchOptions = {},
): Promise<{ readonly touched: (TouchedContact | null)[]; readonly fresh: readonly ContactActivity[] }> => {
  const history = options.history ?? false
  const cleaned = activities.map((a) => (isIgnoredPerson(a.person) ? null : cleanActivity(a)))
  const known = cleaned.filter((a) => a !== null)
  if (known.length === 0) return { touched: activities.map(() => null), fresh: [] }

  const { contacts, created } = await findOrCreateContacts(tx, known)
  const touches = known.flatMap((activity): Touch[] => {
    const contact = contacts.get(activity.person.telegramId)
    return contact ? [{ activity, contact }] : []
  })
  const fresh = await keepFresh(tx, touches, history)
  if (fresh.length > 0) await recordTouches(tx, fresh, { ...options, history, created })
  const touched = cleaned.map((activity) => {
    const contact = activity && contacts.get(activity.person.telegramId)
    if (!contact) return null
    const seenBeforeAt = contact.features.lastSeenAt
    return { contactId: contact.id, created: created.has(contact.telegramId), seenBeforeAt }
  })
  return { touched, fresh: fresh.map((t) => t.activity) }
}

const findOrCreateContacts = async (tx: TenantTx, activities: readonly ContactActivity[]) => {
  const firsts = new Map<number, ContactActivity>()
  for (const activity of activities) {
    const { telegramId } = activity.person
    const first = firsts.get(telegramId)
    if (!first || activity.at < first.at) firsts.set(telegramId, activity)
  }
  const found = await findOrInsertContacts(
    tx,
    [...firsts.values()].map((activity) => ({
      ...activity.person,
      username: activity.person.username ?? null,
      languageCode: activity.person.languageCode ?? null,
      source: sourceOf(activity),
      seenAt: activity.at,
    })),
  )
  const created = new Set(found.flatMap((c) => (c.created ? [c.telegramId] : [])))
  const locked = await lockContactsWithFeatures(
    tx,
    found.map((c) => c.id),
  )
  await suppressListed(
    tx,
    locked.filter((c) => created.has(c.telegramId)),
  )
  return { contacts: new Map(locked.map((c) => [c.telegramId, c])), created }
}

/** Drops what is already recorded: messages always, by their ids; other history by its timeline entry. */
const keepFresh = async (tx: TenantTx, touches: readonly Touch[], history: boolean): Promise<Touch[]> => {
  const messages = touches.filter((t) => isMessage(t.activity))
  const kept = await insertMessages(
    tx,
    messages.map(({ activity, contact }) => ({
      at: activity.at,
      contactId: contact.id,
      accountId: activity.accountId,
      chatId: activity.chat?.telegramId ?? contact.telegramId,
      direction: 'in',
      kind: activity.messageKind ?? 'text',
      messageId: activity.messageId ?? null,
      text: activity.text ?? null,
    })),
  )
  const rest = touches.filter((t) => !isMessage(t.activity))
  const entries = rest.map(({ activity, contact }) => ({
    at: activity.at,
    contactId: contact.id,
    kind: activity.kind,
    detail: detailOf(activity),
  }))
  const news = history ? await findNewEvents(tx, entries) : null
  await insertContactEvents(
    tx,
    entries.filter((_, i) => news?.has(i) ?? true),
  )
  const fresh = new Set([...messages.filter((_, i) => kept.has(i)), ...rest.filter((_, i) => news?.has(i) ?? true)])
  return touches.filter((t) => fresh.has(t))
}

const inPortions = (ids: readonly number[]) =>
  Array.from({ length: Math.ceil(ids.length / IDS_PER_EVENT) }, (_, i) => ({
    contactIds: ids.slice(i * IDS_PER_EVENT, (i + 1) * IDS_PER_EVENT),
  }))

/** Who changed, and who of them is new: `created` are Telegram's numbers. */
const changesOf = (touches: readonly Touch[], created: ReadonlySet<number>): DomainEvent[] => {
  const ids = [...new Set(touches.map(({ contact }) => contact.id))]
  const news = new Set(touches.flatMap(({ contact }) => (created.has(contact.telegramId) ? [contact.id] : [])))
  return [
    ...inPortions(ids).map((payload) => ({ type: 'contact.changed' as const, payload })),
    ...inPortions([...news]).map((payload) => ({ type: 'contact.created' as const, payload })),
  ]
}

interface TouchFacts {
  readonly history: boolean
  readonly created: ReadonlySet<number>
  readonly emitAt?: number
}

const recordTouches = async (
  tx: TenantTx,
  touches: readonly Touch[],
  { history, created, emitAt }: TouchFacts,
): Promise<void> => {
  const newestAt = touches.reduce((newest, t) => Math.max(newest, t.activity.at), 0)
  await updateChangedProfiles(tx, touches, history)
  if (!history) await saveReach(tx, mergeReach(touches.flatMap(reachRows)))
  const chats = new Map(
    touches.flatMap((t) => (t.activity.chat ? [[t.activity.chat.telegramId, t.activity.chat]] : [])),
  )
  const chatIds =
    chats.size > 0 ? await ensureChats(tx, [...chats.values()], newestAt, !history) : new Map<number, number>()
  await saveMemberships(tx, mergeMemberships(touches.flatMap((t) => membershipRows(t, chatIds))))
  await saveFeatures(tx, foldTouches(touches))

  const events = changesOf(touches, created)
  if (!history) {
    for (const { activity, contact } of touches) {
      events.push(...eventsOf(activity, contact.id, chatIds.get(activity.chat?.telegramId ?? 0)))
    }
  }
  await emitEvents(tx, emitAt ?? newestAt, events)
}

const reachRows = ({ activity, contact }: Touch) => {
  const reachability = reachOf(activity)
  if (reachability === null || activity.accountId === null) return []
  const { at, kind } = activity
  const talks = reachability === 'reachable' && kind !== 'unblocked'
  return [
    {
      contactId: contact.id,
      accountId: activity.accountId,
      reachability,
      at,
      startedAt: kind === 'started' ? at : null,
      startPayload: activity.startPayload ?? null,
      inboundAt: talks ? at : null,
    },
  ]
}

const membershipRows = ({ activity, contact }: Touch, chatIds: ReadonlyMap<number, number>) => {
  const chatId = activity.chat && activity.chat.kind !== 'channel' ? chatIds.get(activity.chat.telegramId) : undefined
  const status = membershipOf(activity)
  const active = isChatActivity(activity)
  if (chatId === undefined || isPrivate(activity) || (status === null && !active)) return []
  const { at, kind } = activity
  return [
    {
      contactId: contact.id,
      chatId,
      status,
      at,
      joinedAt: kind === 'joined_chat' ? at : null,
      activeAt: active ? at : null,
      messages: kind === 'group_message' ? 1 : 0,
    },
  ]
}

const foldTouches = (touches: readonly Touch[]): Map<number, ContactFeatures> => {
  const folded = new Map<number, ContactFeatures>()
  for (const { activity, contact } of [...touches].sort((a, b) => a.activity.at - b.activity.at)) {
    const event = {
      kind: activity.kind,
      at: activity.at,
      isPremium: activity.person.isPremium,
      hasPriceIntent: activity.text !== undefined && hasPriceIntent(activity.text),
    }
    folded.set(contact.id, foldEvent(folded.get(contact.id) ?? contact.features, event, contact.timeZone))
  }
  return folded
}

const updateChangedProfiles = async (tx: TenantTx, touches: readonly Touch[], history: boolean): Promise<void> => {
  const newest = new Map<number, Touch & { earliestAt: number }>()
  for (const touch of touches) {
    const { id } = touch.contact
    const { at } = touch.activity
    const seen = newest.get(id)
    const earliestAt = Math.min(seen?.earliestAt ?? at, at)
    newest.set(id, !seen || at >= seen.activity.at ? { ...touch, earliestAt } : { ...seen, earliestAt })
  }
  const changes = [...newest.values()].map((t) => nextProfile(t.contact, t.activity, t.earliestAt, history))
  await updateProfiles(
    tx,
    changes.filter((change) => change !== null),
  )
}
