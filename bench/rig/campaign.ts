import { sql } from 'kysely'

import { systemClock, toDate } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'
import { refreshStatistics } from '#server/db/statistics.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { approveTemplate, createTemplate } from '#server/modules/templates/index.ts'

const TEXT = 'Merhaba {{first_name|dostum}}, bugün size özel bir haberimiz var. {{sender}}. {{opt_out}}'

/** An approved commercial template: personalised, with two buttons and a way out. */
export const createOffer = (db: Db, tenantId: number): Promise<number> =>
  inTenant(db, tenantId, async (tx) => {
    const { id } = await createTemplate(
      tx,
      {
        name: 'Duyuru',
        messageClass: 'commercial',
        variants: [
          {
            name: 'a',
            locale: 'tr',
            text: TEXT,
            buttons: [
              [
                { text: 'Göster', action: 'show' },
                { text: 'Dur', action: 'stop' },
              ],
            ],
          },
        ],
      },
      systemClock.now(),
    )
    await approveTemplate(tx, id, systemClock.now())
    return id
  })

/** One delivery of the offer to everyone the account reaches, due at `at`, and the sending process is told. */
export const planOffer = async (
  db: Db,
  tenantId: number,
  accountId: number,
  templateId: number,
  at: number = systemClock.now(),
): Promise<void> => {
  await sql`
    insert into delivery (tenant_id, account_id, contact_id, chat_id, source, message_class, template_id, variant, is_outreach, priority, due_at, dedupe_key, planned_at)
    select c.tenant_id, ${accountId}, c.id, c.telegram_id, 'campaign', 'commercial', ${templateId}, 'a', false, 50, ${toDate(at)}, 'campaign:1:0:' || c.id, ${toDate(at)}
    from contact_account ca join contact c on c.tenant_id = ca.tenant_id and c.id = ca.contact_id
    where ca.tenant_id = ${tenantId} and ca.account_id = ${accountId}`.execute(db)
  await refreshStatistics(db, ['delivery'])
  await sql`select pg_notify('gavatcore_queue', ${`${tenantId}:${accountId}`})`.execute(db)
}
