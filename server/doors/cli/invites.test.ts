import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { recordReferral, refreshInterests, openReferralCard } from '#server/modules/invites/index.ts'
import { type CliRunner, createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

let db: Db
let run: CliRunner['run']
let json: CliRunner['json']
let tenantId: number
let accountId: number
let chatId: string

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
  const runner = createCliRunner(db)
  run = runner.run
  json = runner.json
  tenantId = await createTenant(db)
  accountId = await createAccount(db, tenantId)
  const { id } = await db
    .insertInto('chat')
    .values({
      tenant_id: tenantId,
      telegram_id: -100,
      kind: 'supergroup',
      title: 'Fırsatlar',
      username: null,
      added_at: toDate(NOON),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  chatId = String(id)
  const rights = JSON.stringify({ can_invite_users: true })
  await db
    .insertInto('chat_account')
    .values({
      tenant_id: tenantId,
      chat_id: id,
      account_id: accountId,
      status: 'administrator',
      rights,
      changed_at: toDate(NOON),
    })
    .execute()
})

const priceAsker = async (): Promise<number> => {
  const contactId = await createContact(db, tenantId, { accountId, consents: ['marketing'], firstName: 'Zeynep' })
  const at = toDate(NOON - DAY_MS)
  for (const text of ['fiyat nedir', 'ne kadar', 'indirim?'])
    await db
      .insertInto('message')
      .values({
        tenant_id: tenantId,
        at,
        contact_id: contactId,
        account_id: accountId,
        chat_id: 5,
        direction: 'in',
        text,
      })
      .execute()
  await db
    .updateTable('contact_feature')
    .set({ inbound_count: 3, engagement_mass: 5, engagement_at: at })
    .where('contact_id', '=', contactId)
    .execute()
  return contactId
}

describe('invites', () => {
  it('begins with what to do, proposes with reasons, and approves', async () => {
    expect((await run(['invites', 'list'])).out).toContain('invites chat-interests')
    expect((await run(['invites', 'propose'])).out).toContain('Nobody to propose')
    expect((await run(['invites', 'chat-interests', chatId, 'price_seeker'])).out).toContain('price question')
    const contactId = await priceAsker()
    await refreshInterests({ db, clock: { now: () => NOON, sleep: async () => {} } }, tenantId)
    expect((await run(['invites', 'interests'])).out).toMatch(/price question\s+price_seeker\s+1\s+3/)
    const proposed = await run(['invites', 'propose'])
    expect(proposed.out).toContain('3 × price question in 20 days')
    const batch = /invites approve (\d+)/.exec(proposed.out)?.[1] ?? ''
    expect(await json(['invites', 'list', batch])).toMatchObject({ proposals: [{ contactId, state: 'waiting' }] })
    expect((await run(['invites', 'approve', batch])).code).not.toBe(0)
    expect((await run(['invites', 'approve', batch, '--yes'])).out).toContain('approved')
    const again = await run(['invites', 'reject', batch])
    expect(again.err).toContain('was decided before')
    expect((await run(['invites', 'approve', '99999999', '--yes'])).err).toContain('batch of proposals 99999999')
    expect((await run(['invites', 'report'])).out).toContain('No invitations')
    expect(await json(['invites', 'report', '--by', 'batch'])).toEqual([])
  })

  it('opens and ends links, and lists them with where they stand', async () => {
    const { linkId } = (await json(['invites', 'open-link', chatId, '--ask', '--life-days', '3'])) as { linkId: number }
    expect((await run(['invites', 'links'])).out).toMatch(/Fırsatlar\s+by request\s+waiting/)
    expect((await run(['invites', 'end-link', String(linkId)])).out).toContain('is being ended')
    expect(await json(['invites', 'links', '--in-chat', chatId])).toMatchObject([{ id: linkId, state: 'revoked' }])
    expect((await run(['invites', 'end-link', String(linkId)])).err).toContain('invite link')
  })

  it('keeps own words from a file, and settings', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'interests-')), 'words.json')
    await writeFile(file, JSON.stringify({ fishing: ['balık*'] }))
    expect((await run(['invites', 'set-interests', file])).out).toContain('fishing')
    await writeFile(file, JSON.stringify({ groups: [{ name: 'A', words: [] }] }))
    expect((await run(['invites', 'set-interests', file])).err).toContain('"A" will not do')
    const set = ['invites', 'settings', '--daily-max', '5', '--auto', 'on', '--admission', 'request']
    expect(await json(set)).toMatchObject({ dailyMax: 5, isAuto: true, admission: 'request', proposeEveryHours: 6 })
    expect((await run(['invites', 'settings'])).out).toMatch(/Sent without approval\s+on/)
  })
})

describe('referrals', () => {
  it('switches the programme on, shows who brought people, and redeems', async () => {
    expect((await run(['referrals', 'list'])).out).toContain('--enabled on')
    expect(await json(['referrals', 'settings', '--enabled', 'on', '--points', '25'])).toMatchObject({
      isOn: true,
      pointsPerPerson: 25,
    })
    const referrerId = await createContact(db, tenantId, { accountId, firstName: 'Ali' })
    const newcomerId = await createContact(db, tenantId, { accountId, consents: ['marketing'] })
    await inTenant(db, tenantId, async (tx) => {
      const card = await openReferralCard(tx, { contactId: referrerId, at: NOON })
      await recordReferral(tx, { newcomerId, accountId, payload: `r_${card?.code}`, at: NOON })
      await openReferralCard(tx, { contactId: referrerId, at: NOON })
    })
    expect((await run(['referrals', 'list'])).out).toMatch(/Ali\s+1\s+0\s+25/)
    expect((await run(['referrals', 'redeem', String(referrerId), '20', 'YAZ-20'])).out).toContain(': 5')
    expect((await run(['referrals', 'redeem', String(referrerId), '20', 'YAZ-21'])).err).toContain('has 5 points only')
    expect((await run(['referrals', 'show', String(referrerId)])).out).toMatch(/redeemed\s+-20\s+YAZ-20\s+cli/)
    expect((await run(['referrals', 'settings'])).out).toMatch(/Points per person\s+25/)
  })
})
