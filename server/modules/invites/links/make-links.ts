import type { Locale } from '#contract/words.ts'
import type { Clock } from '#server/base/clock.ts'
import { DAY_MS, MINUTE_MS } from '#server/base/duration.ts'
import type { Db } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { addTags, getContact } from '#server/modules/contacts/index.ts'
import { createReply } from '#server/modules/delivery/index.ts'
import { recordChatMigration } from '#server/modules/groups/index.ts'
import { type Tenant, getOwnTenant } from '#server/modules/tenancy/index.ts'

import { type InviteLinkMaker, admissionOf } from './invite-link-maker.ts'
import { HOLD_MS, TRIES_MAX } from './link.rules.ts'
import { type HeldLink, finishHold, holdEnding, holdWanted } from './link.store.ts'

/** What is said about a link, as Telegram HTML, in the language of who is told. */
export interface LinkWording {
  link(person: Addressee, link: string): string
  byHand(person: Addressee): string
}

export interface Addressee {
  readonly tenant: Tenant
  /** As Telegram told it; null where it did not. */
  readonly languageCode: string | null
  /** The tenant's, when the person's is none of ours. */
  readonly fallback: Locale
}

export interface LinkDeps {
  readonly db: Db
  readonly clock: Clock
  readonly maker: InviteLinkMaker
  readonly wording: LinkWording
}

/** When Telegram may have made a link whose address never arrived, or names no pause. */
const PAUSE_MS = MINUTE_MS

/**
 * Makes the links that wait and hands each to its person, one after another, with no transaction open while Telegram is
 * asked. A link is held by one worker at a time; when that one dies or its answer is lost, the link is made again: an
 * address that nobody received lets nobody in and runs out. What Telegram refuses, or refuses five times for now, falls
 * back to the chat's public address or to a colleague, with the reason in the row. Returns how many were made.
 */
export const makeInviteLinks = async (deps: LinkDeps, tenantId: number, signal?: AbortSignal): Promise<number> => {
  for (let made = 0; ;) {
    if (signal?.aborted === true) return made
    const now = deps.clock.now()
    const link = await inTenant(deps.db, tenantId, (tx) => holdWanted(tx, now, now + HOLD_MS))
    if (!link) return made
    if (await makeOne(deps, tenantId, link)) made += 1
  }
}

const makeOne = async (deps: LinkDeps, tenantId: number, link: HeldLink): Promise<boolean> => {
  const { db, clock, maker } = deps
  const expiresAt = clock.now() + link.lifeDays * DAY_MS
  const result = await maker.make(link.makerAccountId, link.chatTelegramId, {
    name: link.name,
    expiresAt,
    ...admissionOf(link.admission),
  })
  const at = clock.now()
  if (result.kind === 'done') {
    const { url } = result.value
    const isOurs = await inTenant(db, tenantId, async (tx) => {
      if (!(await finishHold(tx, link, { state: 'made', url, expiresAt }, at))) return false
      await tell(tx, deps, link, { url, at })
      return true
    })
    // Somebody else holds the link by now, or it was ended: this one must not stay open beside it.
    if (!isOurs) await maker.end(link.makerAccountId, link.chatTelegramId, url)
    return isOurs
  }
  await inTenant(db, tenantId, async (tx) => {
    if (result.kind === 'migrated') await recordChatMigration(tx, link.chatTelegramId, result.newChatId)
    const isFinal = result.kind === 'rejected' || result.kind === 'account_lost' || link.tries >= TRIES_MAX
    if (!isFinal) {
      const pause = result.kind === 'retry' ? result.afterMs : result.kind === 'migrated' ? 0 : PAUSE_MS
      await finishHold(tx, link, { state: 'wanted', notBefore: at + pause }, at)
      return
    }
    const reason = result.kind === 'migrated' ? 'chat_migrated' : result.reason
    if (await finishHold(tx, link, { state: 'failed', reason }, at)) await tell(tx, deps, link, { url: null, at })
  })
  return false
}

/** Hands the link over; without one, the chat's public address, or a colleague's help. */
const tell = async (
  tx: TenantTx,
  { wording }: LinkDeps,
  link: HeldLink,
  { url, at }: { readonly url: string | null; readonly at: number },
): Promise<void> => {
  const { contactId, giverAccountId } = link
  if (contactId === null || giverAccountId === null) return
  const { telegramId, languageCode } = await getContact(tx, contactId)
  if (telegramId === null) return
  const tenant = await getOwnTenant(tx)
  const person = { tenant, languageCode, fallback: tenant.locale }
  const address = url ?? (link.username === null ? null : `https://t.me/${link.username}`)
  if (address === null) await addTags(tx, { contactIds: [contactId], tags: ['needs-human'], at })
  await createReply(tx, {
    accountId: giverAccountId,
    contactId,
    chatId: telegramId,
    text: address === null ? wording.byHand(person) : wording.link(person, address),
    source: 'system',
    messageClass: 'reply',
    dedupeKey: `invite-link:${link.id}:${link.holdNumber}`,
    at,
  })
}

/** Ends the links that are to be ended, at Telegram. What it knows no more counts as ended. Returns how many. */
export const endInviteLinks = async (
  { db, clock, maker }: Omit<LinkDeps, 'wording'>,
  tenantId: number,
  signal?: AbortSignal,
): Promise<number> => {
  for (let ended = 0; ;) {
    if (signal?.aborted === true) return ended
    const now = clock.now()
    const link = await inTenant(db, tenantId, (tx) => holdEnding(tx, now, now + HOLD_MS))
    if (!link) return ended
    const result = await maker.end(link.makerAccountId, link.chatTelegramId, link.url ?? '')
    const at = clock.now()
    const isOver = result.kind === 'done' || result.kind === 'rejected' || result.kind === 'account_lost'
    const reason = result.kind === 'done' || result.kind === 'migrated' ? null : result.reason
    const pause = result.kind === 'retry' ? result.afterMs : PAUSE_MS
    await inTenant(db, tenantId, async (tx) => {
      if (result.kind === 'migrated') await recordChatMigration(tx, link.chatTelegramId, result.newChatId)
      if (isOver || link.tries >= TRIES_MAX) await finishHold(tx, link, { state: 'revoked', reason }, at)
      else await finishHold(tx, link, { state: 'ending', notBefore: at + pause }, at)
    })
    ended += 1
  }
}
