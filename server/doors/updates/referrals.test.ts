import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { recordConsent } from '#server/modules/contacts/index.ts'
import { setReferralSettings } from '#server/modules/invites/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON } from '#server/testing/factories.ts'

import { ayse, messageUpdate } from './update-factories.suite.ts'
import { type UpdatesWorld, createUpdatesWorld } from './updates-world.suite.ts'

let db: Db
let world: UpdatesWorld

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const owner = { by: 'member:1', access: { kind: 'member', role: 'owner' }, at: NOON } as const

beforeEach(async () => {
  world = await createUpdatesWorld(db)
  await inTenant(db, world.tenantId, (tx) => setReferralSettings(tx, { isOn: true }, owner))
})

let serial = 9_000
const somebody = (more: object = {}) => ({ ...ayse, id: (serial += 1), ...more })
const says = (text: string, person = ayse) => world.process(messageUpdate(text, { person }))
const newest = async () => (await world.replies()).at(-1)?.text ?? ''
const payload = async () => /start=(r_\w+)/.exec(await newest())?.[1] ?? ''
const referrals = () =>
  db.selectFrom('referral').select(['newcomer_id', 'state']).where('tenant_id', '=', world.tenantId).execute()

describe('the commands about bringing people', () => {
  it('give a link of one’s own, the same each time, and points', async () => {
    await says('/davet')
    const { username } = await db
      .selectFrom('account')
      .select('username')
      .where('id', '=', world.accountId)
      .executeTakeFirstOrThrow()
    expect(await newest()).toContain(`https://t.me/${username}?start=r_`)
    const first = await payload()
    await says('/invite')
    expect(await payload()).toBe(first)
    await says('/puan')
    expect(await newest()).toBe('Puanınız: <b>0</b>')
    await says('/points', somebody({ language_code: 'en' }))
    expect(await newest()).toBe('Your points: <b>0</b>')
  })

  it('say that there is no programme while the tenant rewards nobody', async () => {
    await inTenant(db, world.tenantId, (tx) => setReferralSettings(tx, { isOn: false }, owner))
    await says('/davet')
    expect(await newest()).toBe('Şu anda davet programı yok.')
    await says('/points', somebody({ language_code: 'ar' }))
    expect(await newest()).toBe('لا يوجد برنامج دعوات حاليًا.')
  })

  it('are explained in the notice about privacy', async () => {
    await says('/gizlilik')
    expect(await newest()).toContain('/davet')
    expect(await newest()).toContain('İlgi alanları')
  })
})

describe('somebody who starts by a code', () => {
  it('counts for who gave it once they act, and is told nothing else than everybody', async () => {
    await says('/davet')
    const code = await payload()
    await says(`/start ${code}`, somebody())
    expect(await newest()).toContain('Merhaba')
    expect((await referrals()).map((row) => row.state)).toEqual(['waiting'])
    await says('/puan')
    expect(await newest()).toBe('Puanınız: <b>0</b>')
    const [{ newcomer_id: contactId } = { newcomer_id: 0 }] = await referrals()
    await inTenant(db, world.tenantId, (tx) =>
      recordConsent(tx, {
        contactId,
        purpose: 'marketing',
        granted: true,
        textVersion: 't',
        source: 'bot',
        accountId: world.accountId,
        updateId: 1,
        at: NOON,
      }),
    )
    await says('/puan')
    expect(await newest()).toBe('Puanınız: <b>10</b>')
  })

  it('counts for nobody when known before, when it is oneself, or when it is a bot', async () => {
    await says('/davet')
    const code = await payload()
    await says(`/start ${code}`)
    const known = somebody()
    await says('merhaba', known)
    await says(`/start ${code}`, known)
    await says(`/start ${code}`, somebody({ is_bot: true }))
    await says('/start r_nobodyhasthis', somebody())
    expect(await referrals()).toEqual([])
  })

  it('counts once when two come by one code at the same moment, each for themselves', async () => {
    await says('/davet')
    const code = await payload()
    const lane = world.laneFor(world.tenantId, world.accountId)
    await world.receive(...[somebody(), somebody()].map((person) => messageUpdate(`/start ${code}`, { person })))
    await Promise.all([lane.drain(), world.lane.drain()])
    const rows = await referrals()
    expect([rows.length, new Set(rows.map((row) => row.newcomer_id)).size]).toEqual([2, 2])
  })
})
