import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { INVITE_PAUSE_MS } from './invite.rules.ts'

/** A group of the tenant's that somebody may be shown the way into. */
export interface InviteOffer {
  /** Row id of the chat. */
  readonly chatId: number
  readonly title: string
  /** The public address; null for a group whose links are made for each person who says yes. */
  readonly link: string | null
}

/** Which accounts could show anybody the way into a group: most cannot, and need not look for each person. */
export const findInvitingAccounts = async (tx: TenantTx): Promise<ReadonlySet<number>> => {
  const rows = await tx
    .selectFrom('chat_account')
    .select('account_id')
    .distinct()
    .where('tenant_id', '=', tx.tenantId)
    .where('status', '=', 'administrator')
    .execute()
  return new Set(rows.map((row) => row.account_id))
}

/**
 * The group whose address may stand in an answer to this contact, the one known longest; null when there is none. It is
 * administered by the answering account and has a public address, or that account may make links; and the contact allowed marketing, is not suppressed, is
 * not in it nor removed from it, never refused it to any account, and was shown or sent no invitation into it within 30 days. What became a
 * supergroup counts with what it was.
 */
export const findInviteOffer = async (
  tx: TenantTx,
  { accountId, contactId, at }: { readonly accountId: number; readonly contactId: number; readonly at: number },
): Promise<InviteOffer | null> => {
  const since = toDate(at - INVITE_PAUSE_MS)
  const { rows } = await sql<{ readonly chatId: number; readonly title: string; readonly username: string | null }>`
    select c.id as "chatId", c.title, c.username
    from contact p
    join contact_consent k on k.tenant_id = p.tenant_id and k.contact_id = p.id
      and k.purpose = 'marketing' and k.granted
    join chat_account a on a.tenant_id = p.tenant_id and a.account_id = ${accountId} and a.status = 'administrator'
    join chat c on c.tenant_id = p.tenant_id and c.id = a.chat_id
      and c.migrated_to_id is null and (c.username is not null or a.rights ->> 'can_invite_users' = 'true')
    where p.tenant_id = ${tx.tenantId} and p.id = ${contactId} and p.suppressed_at is null
      and not exists (
        select from chat was
        where was.tenant_id = c.tenant_id and (was.id = c.id or was.migrated_to_id = c.telegram_id)
          and (
            exists (select from contact_chat m where m.tenant_id = was.tenant_id and m.contact_id = p.id
              and m.chat_id = was.id and m.status in ('member', 'kicked'))
            or exists (select from invite_refusal r where r.tenant_id = was.tenant_id and r.contact_id = p.id
              and r.chat_id = was.id)
            or exists (select from delivery d where d.tenant_id = was.tenant_id and d.contact_id = p.id
              and d.invite_chat_id = was.id
              and (d.state in ('planned', 'deferred') or d.reserved_at > ${since}))))
    order by c.added_at, c.id
    limit 1`.execute(tx)
  const [found] = rows
  if (!found) return null
  const { chatId, title, username } = found
  return { chatId, title, link: username === null ? null : `https://t.me/${username}` }
}
