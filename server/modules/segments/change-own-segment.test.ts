import { describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { NOON, createAccount, createContact, createTenant, ownerAt } from '#server/testing/factories.ts'

import {
  createOwnSegment,
  findOwnSegments,
  listContactsOfOwnSegment,
  listOwnSegments,
  previewOwnSegment,
  removeOwnSegment,
  updateOwnSegment,
} from './index.ts'
import { usePeople } from './people.suite.ts'

const { world, inside, createHot, createLurker } = usePeople()

const owner = ownerAt(NOON)
const ENGAGED = { feature: 'engagement', op: '>=', value: 70 }
const create = (name: string, conditions: unknown = [ENGAGED]) =>
  inside((tx) => createOwnSegment(tx, { name, conditions }, owner))
const names = async () => (await inside(listOwnSegments)).map(({ name }) => name)
const createCampaign = async (state: string, own: readonly number[]) => {
  const accountId = await createAccount(world.db, world.tenantId)
  await world.db
    .insertInto('campaign')
    .values({
      tenant_id: world.tenantId,
      name: `Yaz ${state}`,
      kind: 'broadcast',
      state,
      account_id: accountId,
      audience: JSON.stringify({ segments: [], tags: [], chats: [], own }),
      steps: '[]',
      created_at: toDate(NOON),
    })
    .execute()
}

describe('createOwnSegment', () => {
  it('keeps the name as it was meant, once for each way of writing it in Turkish', async () => {
    await create('  Kış   ışığı ')
    expect(await names()).toEqual(['Kış ışığı'])
    await expect(create('KIŞ IŞIĞI')).rejects.toMatchObject({ kind: 'conflict', code: 'own_segment_name_taken' })
    // In Turkish these are two letters.
    await create('KİŞ ışığı')
    expect(await names()).toHaveLength(2)
  })

  it.each([
    ['', 'name', 'own_segment_name'],
    ['x'.repeat(61), 'name', 'own_segment_name'],
    ['iki\nsatır', null, null],
    ['a\u0007b', 'name', 'own_segment_name'],
  ])('judges the name %j', async (name, field, code) => {
    const made = create(name)
    if (code === null) expect((await made).name).toBe('iki satır')
    else await expect(made).rejects.toMatchObject({ code, params: { field } })
  })

  it.each([
    [[], 'conditions', 'segment_rule_conditions'],
    [Array.from({ length: 13 }, () => ENGAGED), 'conditions', 'segment_rule_conditions'],
    [[{ ...ENGAGED, value: 101 }], 'conditions[0].value', 'segment_rule_threshold'],
    [[ENGAGED, { feature: 'age', op: '>=', value: 3 }], 'conditions[1].feature', 'segment_rule_feature'],
    [[{ feature: 'orders', op: '>=', value: 1.5 }], 'conditions[0].value', 'segment_rule_threshold_whole'],
    [[ENGAGED, { feature: 'engagement', op: '<', value: 70 }], 'conditions[1]', 'segment_rule_contradiction'],
    [
      [
        { tag: 'vip', is: true },
        { tag: 'VIP', is: false },
      ],
      'conditions[1]',
      'own_segment_opposites',
    ],
    [[{ tag: '  ', is: true }], 'conditions[0].tag', 'own_segment_tag'],
    [[{ tag: 'vip', is: 'yes' }], 'conditions[0].is', 'own_segment_is'],
    [[{ consent: 'spam', is: true }], 'conditions[0].consent', 'own_segment_consent'],
    [[{ segment: 'RICH', is: true }], 'conditions[0].segment', 'segment_rule_segment'],
    ['all', 'conditions', 'segment_rule_conditions'],
    [['all'], 'conditions[0]', 'segment_rule_condition'],
  ])('refuses %j and says where', async (conditions, field, code) => {
    await expect(create('Yanlış', conditions)).rejects.toMatchObject({ kind: 'invalid', code, params: { field } })
    expect(await names()).toEqual([])
  })

  it('stops at fifty, also when several make one at the same moment', async () => {
    for (let n = 0; n < 48; n++) await create(`S${n}`)
    const made = await Promise.allSettled(['a', 'b', 'c', 'd'].map((name) => create(name)))
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    await expect(create('e')).rejects.toMatchObject({ kind: 'limit_reached', code: 'own_segments_full' })
  })

  it('wants the right and the package', async () => {
    const analyst = { ...owner, access: { kind: 'member', role: 'analyst' } } as const
    const asAnalyst = inside((tx) => createOwnSegment(tx, { name: 'A', conditions: [ENGAGED] }, analyst))
    await expect(asAnalyst).rejects.toMatchObject({ code: 'not_allowed' })
    const starter = await createTenant(world.db, { package: 'starter' })
    const small = inTenant(world.db, starter, (tx) => createOwnSegment(tx, { name: 'A', conditions: [ENGAGED] }, owner))
    await expect(small).rejects.toMatchObject({ code: 'package_feature' })
  })
})

describe('updateOwnSegment', () => {
  const update = (id: number, expectedVersion: number, name: string, conditions: unknown = [ENGAGED]) =>
    inside((tx) => updateOwnSegment(tx, id, { name, conditions, expectedVersion }, owner))

  it('replaces what was looked at, and nothing that moved on', async () => {
    const { id } = await create('İlk')
    expect(await update(id, 1, 'ilk')).toMatchObject({ name: 'ilk', version: 2 })
    await expect(update(id, 1, 'Öteki')).rejects.toMatchObject({ code: 'own_segment_moved_on' })
  })

  it('leaves the people of a campaign under way; a new name is none of their business', async () => {
    const { id } = await create('Yazlık')
    await createCampaign('running', [id])
    await expect(update(id, 1, 'Yazlık', [{ ...ENGAGED, value: 10 }])).rejects.toMatchObject({
      code: 'own_segment_under_way',
      params: { campaign: 'Yaz running' },
    })
    expect(await update(id, 1, 'Kışlık')).toMatchObject({ name: 'Kışlık', conditions: [ENGAGED] })
  })
})

describe('removeOwnSegment', () => {
  const remove = (id: number) => inside((tx) => removeOwnSegment(tx, id, owner))

  it('removes one that no campaign needs any more', async () => {
    const { id } = await create('Eski')
    await createCampaign('completed', [id])
    await createCampaign('running', [id + 1_000])
    await remove(id)
    expect(await names()).toEqual([])
    await expect(remove(id)).rejects.toMatchObject({ kind: 'not_found' })
  })

  it.each(['draft', 'in_review', 'running', 'paused'])(
    'keeps one that a campaign in state %s is for',
    async (state) => {
      const { id } = await create('Lazım')
      await createCampaign(state, [7, id])
      await expect(remove(id)).rejects.toMatchObject({
        kind: 'conflict',
        code: 'own_segment_in_use',
        params: { campaign: `Yaz ${state}` },
      })
    },
  )

  it('is another tenant’s business nowhere', async () => {
    const { id } = await create('Bizim')
    const other = await createTenant(world.db)
    const elsewhere = inTenant(world.db, other, (tx) => removeOwnSegment(tx, id, owner))
    await expect(elsewhere).rejects.toMatchObject({ kind: 'not_found' })
    expect(await inTenant(world.db, other, (tx) => findOwnSegments(tx, [id]))).toEqual([])
  })
})

describe('previewOwnSegment', () => {
  it('counts everybody who fits and shows ten, seen last first; erased and merged people are nobody', async () => {
    const hot = await createHot()
    await createLurker()
    const preview = (conditions: unknown) => inside((tx) => previewOwnSegment(tx, conditions, NOON))
    expect(await preview([ENGAGED])).toMatchObject({ count: 1, sample: [{ id: hot }] })
    for (let n = 0; n < 12; n++) await createContact(world.db, world.tenantId, { at: NOON - n * 60_000, tags: ['kış'] })
    const { count, sample } = await preview([{ tag: 'kış', is: true }])
    expect([count, sample.length]).toEqual([12, 10])
    expect(sample.map(({ lastSeenAt }) => lastSeenAt)).toEqual(
      sample.map(({ lastSeenAt }) => lastSeenAt).toSorted((a, b) => (b ?? 0) - (a ?? 0)),
    )
    await world.db
      .updateTable('contact')
      .set({ erased_at: toDate(NOON), telegram_id: null })
      .where('id', '=', sample[0]?.id ?? 0)
      .execute()
    expect((await preview([{ tag: 'kış', is: true }])).count).toBe(11)
  })
})

describe('listContactsOfOwnSegment', () => {
  it('lists exactly those the preview counts, page by page', async () => {
    for (let n = 0; n < 7; n++) await createContact(world.db, world.tenantId, { tags: n % 2 === 0 ? ['kış'] : [] })
    const { id } = await create('Kışlıklar', [
      { tag: 'kış', is: true },
      { feature: 'orders', op: '<=', value: 0 },
    ])
    const page = (cursor: string | null) =>
      inside((tx) => listContactsOfOwnSegment(tx, id, {}, { cursor, limit: 3 }, NOON))
    const first = await page(null)
    const second = await page(first.nextCursor)
    expect([first.contacts.length, second.contacts.length, second.nextCursor]).toEqual([3, 1, null])
  })
})
