import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'
import { createTemplate } from '#server/modules/templates/index.ts'

import { reserveSlots } from '../guard/reserve-slots.ts'
import { createCampaignWorld, openCampaignDatabase } from '../plan/campaign-world.suite.ts'
import { testSendCampaign, testSendTemplate } from './test-send-campaign.ts'

let db: Db
beforeAll(async () => {
  db = await openCampaignDatabase()
})

const setUp = async () => {
  const world = await createCampaignWorld(db)
  const telegramId = 555_000 + world.tenantId
  const member = { telegram_id: telegramId, role: 'admin', name: 'Deniz', invited_by: 'test' }
  const { id } = await db
    .insertInto('member')
    .values({ tenant_id: world.tenantId, ...member, joined_at: toDate(0) })
    .returning('id')
    .executeTakeFirstOrThrow()
  const actor = { by: `member:${id}`, access: { kind: 'member', role: 'admin' }, at: world.clock.now() } as const
  const campaignId = await world.draft()
  return { world, telegramId, actor, campaignId }
}

describe('testSendCampaign', () => {
  it('sends to the acting member alone, labelled, as a service message that no consent or campaign counts', async () => {
    const { world, telegramId, actor, campaignId } = await setUp()
    await world.person()
    const contactId = await world.person({ telegramId, consents: [], firstName: 'Deniz' })
    const id = await world.run((tx) => testSendCampaign(tx, { campaignId }, actor))
    const row = await db.selectFrom('delivery').selectAll().where('tenant_id', '=', world.tenantId).executeTakeFirstOrThrow() // prettier-ignore
    expect(row).toMatchObject({
      id,
      contact_id: contactId,
      chat_id: telegramId,
      source: 'system',
      message_class: 'transactional',
      is_human: false,
      is_outreach: false,
      campaign_id: null,
    })
    const { reserved } = await world.run((tx) =>
      reserveSlots(tx, { accountId: world.accountId, now: actor.at, limit: 10 }),
    )
    expect(reserved.map((delivery) => delivery.content.text)).toEqual([expect.stringMatching(/^\[TEST\] #reklam/)])
  })

  it('refuses clearly whoever has not started the bot, whom it does not reach, and whoever is no member', async () => {
    const { world, telegramId, actor, campaignId } = await setUp()
    const send = (who: Parameters<typeof testSendCampaign>[2] = actor) =>
      world.run((tx) => testSendCampaign(tx, { campaignId }, who))
    await expect(send()).rejects.toMatchObject({
      code: 'test_send_not_started',
      params: { link: expect.stringContaining('https://t.me/') },
    })
    const contactId = await world.person({ telegramId, reachability: 'blocked' })
    await expect(send()).rejects.toThrow('test_send_blocked')
    await db.updateTable('contact_account').set({ started_at: null, last_inbound_at: null }).where('contact_id', '=', contactId).execute() // prettier-ignore
    await expect(send()).rejects.toThrow('test_send_not_started')
    await expect(send({ ...actor, by: 'cli' })).rejects.toThrow('test_send_no_member')
    await expect(send({ ...actor, access: { kind: 'member', role: 'analyst' } })).rejects.toThrow('not_allowed')
    expect(await db.selectFrom('delivery').select('id').where('tenant_id', '=', world.tenantId).execute()).toEqual([])
  })

  it('sends any step and variant, and names what is not there', async () => {
    const { world, telegramId, actor, campaignId } = await setUp()
    await world.person({ telegramId })
    const send = (over: object) => world.run((tx) => testSendCampaign(tx, { campaignId, ...over }, actor))
    await expect(send({ step: 3 })).rejects.toThrow('whole_number_expected')
    await expect(send({ variant: 'zz' })).rejects.toThrow('not_found')
    await expect(send({ step: 0, variant: 'a' })).resolves.toBeGreaterThan(0)
  })
})

describe('testSendTemplate', () => {
  it('sends a draft in the wanted language to the acting member alone, once, and nothing that is at fault', async () => {
    const { world, telegramId, actor } = await setUp()
    await world.person({ telegramId, consents: [], firstName: 'Deniz' })
    const write = (name: string, text: string) =>
      world.run(async (tx) => {
        const variants = [
          { name: 'a', locale: 'tr', text },
          { name: 'a', locale: 'ru', text: 'Привет {{first_name|друг}} {{sender}} {{opt_out}}' },
        ] as const
        return (await createTemplate(tx, { name, messageClass: 'commercial', variants }, actor.at)).id
      })
    const templateId = await write('deneme', 'Merhaba {{sender}} {{opt_out}}')
    const send = (input: Omit<Parameters<typeof testSendTemplate>[1], 'accountId'>, who = actor) =>
      world.run((tx) => testSendTemplate(tx, { accountId: world.accountId, ...input }, who))
    await send({ templateId, locale: 'ru' })
    const { reserved } = await world.run((tx) =>
      reserveSlots(tx, { accountId: world.accountId, now: actor.at, limit: 10 }),
    )
    expect(reserved.map((delivery) => delivery.content.text)).toEqual([expect.stringMatching(/^\[TEST\] Привет Deniz/)])
    await expect(send({ templateId, locale: 'ru' })).rejects.toThrow('template_test_repeated')
    await expect(send({ templateId: await write('bozuk', 'Merhaba <b>') })).rejects.toThrow('template_lint')
    await expect(
      world.run((tx) =>
        testSendTemplate(
          tx,
          { accountId: world.accountId, templateId },
          {
            ...actor,
            access: { kind: 'member', role: 'agent' },
          },
        ),
      ),
    ).rejects.toThrow('not_allowed')
    const audit = await db.selectFrom('audit_log').select('action').where('tenant_id', '=', world.tenantId).where('action', '=', 'template.tested').execute() // prettier-ignore
    expect(audit).toHaveLength(1)
  })
})
