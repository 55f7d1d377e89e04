import { describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { createDb } from '#server/db/pool.ts'
import { createCampaignWorld } from '#server/modules/delivery/plan/campaign-world.suite.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'

const db = createDb((await createTestDatabase()).pool)
const world = await createCampaignWorld(db)
const { clock, tenantId } = world
const { addMember } = openTestApi(db, clock)

interface Answer {
  readonly id?: number
  readonly version?: string
  readonly state?: string
  readonly items?: readonly { readonly id: number; readonly name: string }[]
  readonly nextCursor?: string | null
  readonly people?: readonly { readonly name: string }[]
  readonly samples?: readonly { readonly text: string; readonly locale: string; readonly length: number }[]
  readonly [more: string]: unknown
}

const owner = await addMember<Answer>(tenantId, 'owner', { name: 'Zeynep' })
const analyst = await addMember<Answer>(tenantId, 'analyst')
const ask = owner.call

const TEXT = '#reklam Merhaba {{first_name|değerli müşterimiz}} {{sender}} {{opt_out}}'
let serial = 0
const content = (over: object = {}) => ({
  name: `mesaj ${(serial += 1)}`,
  messageClass: 'commercial',
  variants: [{ name: 'a', locale: 'tr', text: TEXT }],
  ...over,
})

describe('templates', () => {
  it('are written, listed from new to old by state, and read', async () => {
    const first = await ask('POST', 'templates', content())
    const second = await ask('POST', 'templates', content({ style: 'friendly_engaging' }))
    expect(second).toMatchObject({ status: 200, state: 'draft', variants: [{ text: TEXT, weight: 1, buttons: [] }] })
    const page = await ask('GET', 'templates?limit=1&state=draft')
    expect(page.items).toMatchObject([{ id: second.id }])
    expect((await ask('GET', `templates?limit=1&state=draft&cursor=${page.nextCursor}`)).items).toMatchObject([
      { id: first.id },
    ])
    expect((await ask('GET', 'templates?state=archived')).items).toEqual([])
    expect(await ask('GET', `templates/${second.id}`)).toMatchObject({ style: 'friendly_engaging' })
    expect(await ask('GET', 'templates?cursor=x')).toMatchObject({ status: 400, field: 'cursor' })
  })

  it('say which part is wrong, at its place', async () => {
    for (const [over, field] of [
      [{ name: ' ' }, 'name'],
      [{ variants: [] }, 'variants'],
      [{ variants: [{ name: 'A B', locale: 'tr', text: 'x' }] }, 'variants[0].name'],
      [{ variants: [{ name: 'a', locale: 'tr', text: 'x', weight: 101 }] }, 'variants[0].weight'],
      [{ messageClass: 'spam' }, 'messageClass'],
    ] as const)
      expect([field, await ask('POST', 'templates', content(over))]).toMatchObject([field, { status: 400, field }])
    const taken = await ask('POST', 'templates', content({ name: 'bir kez' }))
    expect(taken.status).toBe(200)
    expect(await ask('POST', 'templates', content({ name: 'bir kez' }))).toMatchObject({ status: 409, field: 'name' })
  })

  it('are changed by whoever saw them as they are; whoever saw an older one is told, and nothing is lost', async () => {
    const { id, version } = await ask('POST', 'templates', content())
    const mine = content({ variants: [{ name: 'a', locale: 'tr', text: `${TEXT} 1` }] })
    const saved = await ask('PUT', `templates/${id}`, { ...mine, expectedVersion: version })
    expect(saved).toMatchObject({ status: 200, variants: [{ text: `${TEXT} 1` }] })
    const late = { ...content(), expectedVersion: version }
    expect(await ask('PUT', `templates/${id}`, late)).toMatchObject({ status: 409, code: 'template_moved_on' })
    expect(await ask('GET', `templates/${id}`)).toMatchObject({ version: saved.version })
  })

  it('are sent once they are approved, and no more once they are archived', async () => {
    const broken = await ask(
      'POST',
      'templates',
      content({ variants: [{ name: 'a', locale: 'tr', text: 'Selam <b>' }] }),
    )
    expect(await ask('POST', `templates/${broken.id}/approve`)).toMatchObject({ status: 400, code: 'template_lint' })
    const { id } = await ask('POST', 'templates', content())
    const approved = await ask('POST', `templates/${id}/approve`)
    expect(approved).toMatchObject({ state: 'approved' })
    const other = { ...content({ messageClass: 'transactional' }), expectedVersion: approved.version }
    expect(await ask('PUT', `templates/${id}`, other)).toMatchObject({ status: 409, code: 'template_class_fixed' })
    expect(await ask('POST', `templates/${id}/archive`)).toMatchObject({ state: 'archived' })
    const audit = await db.selectFrom('audit_log').select('action').where('target', '=', `template:${id}`).orderBy('id').execute() // prettier-ignore
    expect(audit.map(({ action }) => action)).toEqual(['template.created', 'template.approved', 'template.archived'])
  })

  it('are shown for people and languages before anybody saved them, with what is wrong, in words', async () => {
    const telegramId = 91_000
    await world.person({ telegramId, firstName: 'Ayşe <b>' })
    const wording = {
      messageClass: 'commercial',
      variants: [
        { name: 'a', locale: 'tr', text: '<b>Merhaba {{first_name|siz}}</b>', buttons: [[{ text: 'Aç', url: 'x' }]] },
        { name: 'a', locale: 'ru', text: 'Привет {{first_name|друг}} {{sender}} {{opt_out}}' },
      ],
    }
    const { people, samples, findings } = await ask('POST', 'templates/preview', wording)
    expect(people).toMatchObject([{ name: 'Ayşe <b>' }, { contactId: null, name: '' }])
    expect(samples?.map(({ locale, text, length }) => [locale, text.slice(0, 31), length])).toEqual([
      ['tr', '<b>Merhaba Ayşe &lt;b&gt;</b>', 16],
      ['ru', expect.stringContaining('Привет Ayşe &lt;b&gt;'), expect.any(Number)],
      ['tr', '<b>Merhaba siz</b>', 11],
      ['ru', expect.stringContaining('Привет друг'), expect.any(Number)],
    ])
    expect(samples?.[0]).toMatchObject({ lengthMax: 4096 })
    expect(findings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: 'opt_out_missing', severity: 'error', locale: 'tr', detail: expect.stringContaining('{{opt_out}}') }), // prettier-ignore
        expect.objectContaining({ code: 'button_url', field: 'buttons[0][0].url' }),
      ]),
    )
    // Whoever may not see names is shown nobody's.
    expect((await analyst.call('POST', 'templates/preview', wording)).people).toEqual([{ contactId: null, name: '' }])
  })

  it('are tried by whoever wrote them, in the wanted language', async () => {
    const { id } = await ask('POST', 'templates', content())
    const trial = { accountId: world.accountId, locale: 'tr' }
    expect(await ask('POST', `templates/${id}/test`, trial)).toMatchObject({ code: 'test_send_not_started' })
    await world.person({ telegramId: owner.telegramId, consents: [] })
    const { status, deliveryId } = await ask('POST', `templates/${id}/test`, trial)
    expect(status).toBe(200)
    const row = await db.selectFrom('delivery').select(['chat_id', 'source', 'message_class']).where('id', '=', deliveryId as number).executeTakeFirst() // prettier-ignore
    expect(row).toEqual({ chat_id: owner.telegramId, source: 'system', message_class: 'transactional' })
  })

  it('of another tenant are not there', async () => {
    const other = await createCampaignWorld(db)
    const id = await other.template()
    for (const [method, path, body] of [
      ['GET', `templates/${id}`, undefined],
      ['PUT', `templates/${id}`, { ...content(), expectedVersion: 'x' }],
      ['POST', `templates/${id}/approve`, undefined],
      ['POST', `templates/${id}/archive`, undefined],
    ] as const)
      expect([path, await ask(method, path, body)]).toMatchObject([path, { status: 404 }])
    expect((await ask('GET', 'templates')).items?.map((row) => row.id)).not.toContain(id)
    const stands = await db
      .selectFrom('template')
      .select(['state', 'approved_at'])
      .where('id', '=', id)
      .executeTakeFirst()
    expect(stands).toMatchObject({ state: 'approved', approved_at: toDate(clock.now()) })
  })
})
