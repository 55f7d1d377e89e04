import { type Selectable, sql } from 'kysely'

import type { Locale } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { SignInLinkTable, WebSessionTable } from '#server/db/schema.generated.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

import { standOf } from './second-factor.rules.ts'
import type { CurrentSession, SignInLink, WebPerson, WebSession } from './web-session.rules.ts'

const toLink = (row: Selectable<SignInLinkTable>): SignInLink => ({
  id: row.id,
  telegramId: row.telegram_id,
  tenantId: row.tenant_id,
  locale: row.locale as Locale | null,
  expiresAt: row.expires_at.getTime(),
  usedAt: row.used_at?.getTime() ?? null,
})

/** Asked for with every call: statements that name their columns keep their plans. */
const SESSION = ['id', 'telegram_id', 'device', 'created_at', 'last_seen_at', 'expires_at'] as const

const toSession = (row: Pick<Selectable<WebSessionTable>, (typeof SESSION)[number]>): WebSession => ({
  id: row.id,
  telegramId: row.telegram_id,
  device: row.device,
  createdAt: row.created_at.getTime(),
  lastSeenAt: row.last_seen_at.getTime(),
  expiresAt: row.expires_at.getTime(),
})

/** Holds the person's links to the end of the transaction, then counts those since `since`. */
export const countSignInLinksLocked = async (
  tx: OperatorTx,
  { telegramId }: WebPerson,
  since: number,
): Promise<number> => {
  await sql`select pg_advisory_xact_lock(hashtextextended('sign_in_link', ${telegramId ?? 0}))`.execute(tx)
  const { made } = await tx
    .selectFrom('sign_in_link')
    .select((e) => e.fn.countAll<number>().as('made'))
    .where('telegram_id', 'is not distinct from', telegramId)
    .where('created_at', '>', toDate(since))
    .executeTakeFirstOrThrow()
  return made
}

export const insertSignInLink = async (
  tx: OperatorTx,
  link: Pick<SignInLink, 'telegramId' | 'tenantId' | 'locale' | 'expiresAt'> & { readonly tokenHash: Buffer },
  at: number,
): Promise<void> => {
  await tx
    .insertInto('sign_in_link')
    .values({
      token_hash: link.tokenHash,
      telegram_id: link.telegramId,
      tenant_id: link.tenantId,
      locale: link.locale,
      created_at: toDate(at),
      expires_at: toDate(link.expiresAt),
    })
    .execute()
}

export const selectSignInLink = async (tx: OperatorTx, tokenHash: Buffer): Promise<SignInLink | null> => {
  const row = await tx.selectFrom('sign_in_link').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst()
  return row ? toLink(row) : null
}

/** Locked: of two who use the same link, one comes in. */
export const lockSignInLink = async (tx: OperatorTx, tokenHash: Buffer): Promise<SignInLink | null> => {
  const query = tx.selectFrom('sign_in_link').selectAll().where('token_hash', '=', tokenHash).forUpdate()
  const row = await query.executeTakeFirst()
  return row ? toLink(row) : null
}

export const saveLinkUse = async (tx: OperatorTx, id: number, at: number): Promise<void> => {
  await tx
    .updateTable('sign_in_link')
    .set({ used_at: toDate(at) })
    .where('id', '=', id)
    .execute()
}

export const insertWebSession = async (
  tx: OperatorTx,
  session: WebPerson & { readonly tokenHash: Buffer; readonly device: string; readonly expiresAt: number },
  at: number,
): Promise<WebSession> => {
  const row = await tx
    .insertInto('web_session')
    .values({
      token_hash: session.tokenHash,
      telegram_id: session.telegramId,
      device: session.device,
      created_at: toDate(at),
      last_seen_at: toDate(at),
      expires_at: toDate(session.expiresAt),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return toSession(row)
}

export const selectWebSession = async (
  tx: OperatorTx,
  tokenHash: Buffer,
  at: number,
): Promise<CurrentSession | null> => {
  const row = await tx
    .selectFrom('web_session')
    .leftJoin('second_factor', (join) =>
      join.on('second_factor.person', '=', sql<number>`coalesce(web_session.telegram_id, 0)`),
    )
    .select(SESSION.map((column) => `web_session.${column}` as const))
    .select(['web_session.second_factor_at', 'second_factor.confirmed_at'])
    .where('token_hash', '=', tokenHash)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', toDate(at))
    .executeTakeFirst()
  if (!row) return null
  const [confirmedAt, passedAt] = [row.confirmed_at?.getTime() ?? null, row.second_factor_at?.getTime() ?? null]
  return { ...toSession(row), secondFactor: standOf(confirmedAt, passedAt) }
}

export const saveSessionUse = async (tx: OperatorTx, id: number, expiresAt: number, at: number): Promise<void> => {
  await tx
    .updateTable('web_session')
    .set({ last_seen_at: toDate(at), expires_at: toDate(expiresAt) })
    .where('id', '=', id)
    .execute()
}

/** A person's sessions that go on, last used first. */
export const selectWebSessions = async (
  tx: OperatorTx,
  { telegramId }: WebPerson,
  at: number,
): Promise<readonly WebSession[]> => {
  const rows = await tx
    .selectFrom('web_session')
    .selectAll()
    .where('telegram_id', 'is not distinct from', telegramId)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', toDate(at))
    .orderBy('last_seen_at', 'desc')
    .execute()
  return rows.map(toSession)
}

/** False when the person has no such session that goes on. */
export const saveSessionEnd = async (
  tx: OperatorTx,
  { telegramId }: WebPerson,
  id: number,
  at: number,
): Promise<boolean> => {
  const { numUpdatedRows } = await tx
    .updateTable('web_session')
    .set({ ended_at: toDate(at) })
    .where('id', '=', id)
    .where('telegram_id', 'is not distinct from', telegramId)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Removes links and sessions that were over before `before`. Returns how many. */
export const deleteOldSignIns = async (tx: OperatorTx, before: number): Promise<number> => {
  const links = await tx.deleteFrom('sign_in_link').where('expires_at', '<', toDate(before)).executeTakeFirst()
  const sessions = await tx
    .deleteFrom('web_session')
    .where((e) => e.or([e('expires_at', '<', toDate(before)), e('ended_at', '<', toDate(before))]))
    .executeTakeFirst()
  return Number(links.numDeletedRows + sessions.numDeletedRows)
}
