import { ManualClock, toDate } from '#server/base/clock.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { type CampaignInput, createCampaign, startCampaign } from '#server/modules/campaigns/index.ts'
import { approveTemplate, createTemplate } from '#server/modules/templates/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import {
  type ContactOptions,
  type TenantOptions,
  NOON,
  createAccount,
  createContact,
  createTenant,
  ownerAt,
} from '#server/testing/factories.ts'

import { planCampaign } from './plan-campaign.ts'
import { previewCampaign } from './preview-campaign.ts'

let serial = 0

export interface TestChat {
  readonly telegramId: number
  readonly title?: string
  readonly kind?: 'group' | 'supergroup' | 'channel'
  readonly status?: 'administrator' | 'member' | 'restricted' | 'left' | 'kicked'
  readonly rights?: Readonly<Record<string, boolean>>
  readonly memberCount?: number
}

/** A tenant with one account, and what campaigns need around it. */
export const createCampaignWorld = async (db: Db, options: TenantOptions = {}) => {
  const tenantId = await createTenant(db, options)
  const accountId = await createAccount(db, tenantId)
  const clock = new ManualClock(NOON)
  const deps = { db, clock }
  const run = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
  const template = (text = `#reklam ${(serial += 1)} {{sender}} {{opt_out}}`) =>
    run(async (tx) => {
      const variants = [{ name: 'a', locale: 'tr', text } as const]
      const { id } = await createTemplate(
        tx,
        { name: `Şablon ${(serial += 1)}`, messageClass: 'commercial', variants },
        NOON,
      )
      await approveTemplate(tx, id, NOON)
      return id
    })
  const draft = async (over: Partial<CampaignInput> = {}) => {
    const steps = over.steps ?? [{ templateId: await template(), afterHours: 0 }]
    const input = { name: `Kampanya ${(serial += 1)}`, kind: 'broadcast', accountId, ...over, steps } as const
    return (await run((tx) => createCampaign(tx, input, ownerAt(clock.now())))).id
  }
  const start = async (over: Partial<CampaignInput> = {}) => {
    const id = await draft(over)
    await run((tx) => startCampaign(tx, id, ownerAt(clock.now())))
    await planCampaign(deps, tenantId, id)
    return id
  }
  return {
    db,
    tenantId,
    accountId,
    clock,
    deps,
    run,
    template,
    draft,
    start,
    preview: (id: number) => previewCampaign(deps, tenantId, id),
    person: (over: ContactOptions = {}) => createContact(db, tenantId, { accountId, consents: ['marketing'], ...over }),
    async chat({ telegramId, title = 'Grup', kind = 'supergroup', status = 'member', ...more }: TestChat) {
      const { id } = await db
        .insertInto('chat')
        .values({
          tenant_id: tenantId,
          telegram_id: telegramId,
          kind,
          title,
          member_count: more.memberCount ?? 100,
          added_at: toDate(NOON),
        })
        .returning('id')
        .executeTakeFirstOrThrow()
      await db
        .insertInto('chat_account')
        .values({
          tenant_id: tenantId,
          chat_id: id,
          account_id: accountId,
          status,
          rights: JSON.stringify(more.rights ?? {}),
          changed_at: toDate(NOON),
        })
        .execute()
      return id
    },
    rows: (campaignId: number) =>
      db
        .selectFrom('delivery')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where('campaign_id', '=', campaignId)
        .orderBy('id')
        .execute(),
    /** What waits of a campaign has left at `at`. */
    send: (campaignId: number, at = clock.now()) =>
      db
        .updateTable('delivery')
        .set((eb) => ({
          state: 'sent',
          reason: null,
          reserved_at: toDate(at),
          finished_at: toDate(at),
          telegram_message_id: eb.ref('id'),
        }))
        .where('tenant_id', '=', tenantId)
        .where('campaign_id', '=', campaignId)
        .where('state', 'in', ['planned', 'deferred'])
        .execute(),
  }
}

export const openCampaignDatabase = async (): Promise<Db> => createDb((await createTestDatabase()).pool)
