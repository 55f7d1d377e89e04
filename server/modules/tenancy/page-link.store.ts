import { type Selectable, sql } from 'kysely'

import type { Locale } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'
import type { PageLinkTable } from '#server/db/schema.generated.ts'

import type { PageLink, PagePurpose, PageSubject, PageVisit } from './page-link.rules.ts'

const toSubject = (row: Selectable<PageLinkTable>): PageSubject => ({
  purpose: row.purpose as PagePurpose,
  telegramId: row.telegram_id,
  tenantId: row.tenant_id,
  onboardingId: row.onboarding_id,
  locale: row.locale as Locale | null,
})

const toLink = (row: Selectable<PageLinkTable>): PageLink => ({
  ...toSubject(row),
  id: row.id,
  expiresAt: row.expires_at.getTime(),
  openedAt: row.opened_at?.getTime() ?? null,
})

/** Holds the person's links to the end of the transaction, then counts those since `since`. */
export const countLinksLocked = async (tx: Db, telegramId: number, since: number): Promise<number> => {
  await sql`select pg_advisory_xact_lock(hashtextextended('page_link', ${telegramId}))`.execute(tx)
  const { made } = await tx
    .selectFrom('page_link')
    .select((e) => e.fn.countAll<number>().as('made'))
    .where('telegram_id', '=', telegramId)
    .where('created_at', '>', toDate(since))
    .executeTakeFirstOrThrow()
  return made
}

export const insertPageLink = async (
  tx: Db,
  link: PageSubject & { readonly tokenHash: Buffer; readonly expiresAt: number },
  at: number,
): Promise<void> => {
  await tx
    .insertInto('page_link')
    .values({
      tenant_id: link.tenantId,
      token_hash: link.tokenHash,
      purpose: link.purpose,
      telegram_id: link.telegramId,
      onboarding_id: link.onboardingId,
      locale: link.locale,
      created_at: toDate(at),
      expires_at: toDate(link.expiresAt),
    })
    .execute()
}

export const selectPageLink = async (tx: Db, tokenHash: Buffer): Promise<PageLink | null> => {
  const row = await tx.selectFrom('page_link').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst()
  return row ? toLink(row) : null
}

/** Locked: of two who press the same link, one comes in. */
export const lockPageLink = async (tx: Db, tokenHash: Buffer): Promise<PageLink | null> => {
  const row = await tx
    .selectFrom('page_link')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .forUpdate()
    .executeTakeFirst()
  return row ? toLink(row) : null
}

export const saveVisit = async (
  tx: Db,
  id: number,
  visit: { readonly hash: Buffer; readonly endsAt: number },
  at: number,
): Promise<void> => {
  await tx
    .updateTable('page_link')
    .set({ opened_at: toDate(at), visit_hash: visit.hash, visit_ends_at: toDate(visit.endsAt) })
    .where('id', '=', id)
    .execute()
}

export const selectVisit = async (tx: Db, visitHash: Buffer): Promise<PageVisit | null> => {
  const row = await tx.selectFrom('page_link').selectAll().where('visit_hash', '=', visitHash).executeTakeFirst()
  return row ? { ...toSubject(row), linkId: row.id, endsAt: row.visit_ends_at?.getTime() ?? 0 } : null
}

/** Removes links whose visits, too, ended before `before`. Returns how many. */
export const deleteOldLinks = async (tx: Db, before: number): Promise<number> => {
  const { numDeletedRows } = await tx
    .deleteFrom('page_link')
    .where('expires_at', '<', toDate(before))
    .where((e) => e.or([e('visit_ends_at', 'is', null), e('visit_ends_at', '<', toDate(before))]))
    .executeTakeFirst()
  return Number(numDeletedRows)
}
