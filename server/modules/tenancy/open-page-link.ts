import { AppError } from '#server/base/errors.ts'
import { hashSecret, randomToken } from '#server/base/secret.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'

import {
  PAGE_LINK_LIMITS,
  type PageLink,
  type PageSubject,
  type PageVisit,
  pageLinkFault,
  pageLinkPath,
} from './page-link.rules.ts'
import {
  countLinksLocked,
  deleteOldLinks,
  insertPageLink,
  lockPageLink,
  saveVisit,
  selectPageLink,
  selectVisit,
} from './page-link.store.ts'

/** A link as its person gets it. */
export interface GivenPageLink {
  /** Shown once: only its hash is kept. */
  readonly token: string
  /** Below the server's public address, such as `/open/…`. */
  readonly path: string
  readonly expiresAt: number
}

/** What a link is made for; who calls has checked that the person may see the page. */
export type NewPageLink = Pick<PageSubject, 'purpose' | 'telegramId'> & Partial<PageSubject>

/**
 * Makes a link to a page of ours for one person: opened once, within ten minutes. Takes a transaction or makes its own.
 * Errors: `rate_limited/page_links_max` after ten in an hour, with `minutes` to wait.
 */
export const createPageLink = async (db: Db, input: NewPageLink, at: number): Promise<GivenPageLink> => {
  if (!db.isTransaction) return db.transaction().execute((tx) => createPageLink(tx, input, at))
  const { links, linkMs } = PAGE_LINK_LIMITS
  if ((await countLinksLocked(db, input.telegramId, at - links.perMs)) >= links.max) {
    throw new AppError('rate_limited', 'page_links_max', { max: links.max, minutes: links.perMs / 60_000 })
  }
  const token = randomToken(32)
  const expiresAt = at + linkMs
  const subject: PageSubject = { tenantId: null, onboardingId: null, locale: null, ...input }
  await insertPageLink(db, { ...subject, tokenHash: hashSecret(token), expiresAt }, at)
  return { token, path: pageLinkPath(token), expiresAt }
}

const FAULTS = { unknown: 'page_link_unknown', used: 'page_link_used', expired: 'page_link_expired' } as const

const requireUsable = (link: PageLink | null, at: number): PageLink => {
  const fault = pageLinkFault(link, at)
  if (link === null || fault !== null) throw new AppError('conflict', FAULTS[fault ?? 'unknown'])
  return link
}

/** What a link would open, without using it up: previews of messages call it, too. Errors: as {@link openPageLink}. */
export const getPageLink = async (db: Db, token: string, at: number): Promise<PageLink> =>
  requireUsable(await asOperator(db, 'page link', (tx) => selectPageLink(tx, hashSecret(token))), at)

/** A visit and the secret of its cookie, which is shown once. */
export interface OpenedPage {
  readonly visit: PageVisit
  readonly visitToken: string
}

/**
 * Exchanges a link's token, once, for a visit of half an hour. Locks the link. Errors: `conflict` with
 * `page_link_unknown`, `page_link_used` or `page_link_expired`.
 */
export const openPageLink = (db: Db, token: string, at: number): Promise<OpenedPage> =>
  asOperator(db, 'open a page link', async (tx) => {
    const { id, expiresAt: _e, openedAt: _o, ...subject } = requireUsable(await lockPageLink(tx, hashSecret(token)), at)
    const visitToken = randomToken(32)
    const endsAt = at + PAGE_LINK_LIMITS.visitMs
    await saveVisit(tx, id, { hash: hashSecret(visitToken), endsAt }, at)
    return { visit: { ...subject, linkId: id, endsAt }, visitToken }
  })

/** Whose cookie this is; null when it is nobody's, or its visit is over. */
export const findPageVisit = async (db: Db, visitToken: string, at: number): Promise<PageVisit | null> => {
  const visit = await asOperator(db, 'page visit', (tx) => selectVisit(tx, hashSecret(visitToken)))
  return visit !== null && at < visit.endsAt ? visit : null
}

/** Removes links and visits that ended before `before`. Repeatable. Returns how many. */
export const removeOldPageLinks = (db: Db, before: number): Promise<number> =>
  asOperator(db, 'old page links', (tx) => deleteOldLinks(tx, before))
