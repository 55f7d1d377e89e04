import { describe, expect, it } from 'vitest'

import type { PackageName } from '#contract/words.ts'
import { ManualClock } from '#server/base/clock.ts'
import { createDb } from '#server/db/pool.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant } from '#server/testing/factories.ts'

const db = createDb((await createTestDatabase()).pool)
const { addMember } = openTestApi(db, new ManualClock(NOON))

interface Answer {
  readonly version: number
  readonly settings: Readonly<Record<string, { readonly value: unknown; readonly source: string }>>
  readonly [more: string]: unknown
}

const openShop = async (packageName: PackageName = 'professional') => {
  const tenantId = await createTenant(db, { package: packageName })
  const accountId = await createAccount(db, tenantId)
  const { call, id } = await addMember<Answer>(tenantId, 'owner')
  const set = (expectedVersion: number, change: object) =>
    call('PATCH', `replies/${accountId}`, { expectedVersion, ...change })
  return { tenantId, accountId, call, set, memberId: id }
}

describe('replies', () => {
  it('say what holds for each account, which layer decided, and what the package would bring', async () => {
    const { call, accountId, set, tenantId } = await openShop()
    expect(await call('GET', 'replies')).toMatchObject({
      model: 'off',
      items: [
        {
          account: { id: accountId, state: 'active' },
          version: 0,
          persona: null,
          drafts: 0,
          settings: {
            replyMode: { value: 'manual', source: 'package', chosen: null },
            inviteRatio: { value: 0.5, source: 'package' },
          },
          modes: [
            { mode: 'manual', liftedBy: null },
            { mode: 'hybrid', liftedBy: null },
            { mode: 'ai', liftedBy: 'enterprise' },
          ],
          limits: { package: 'professional', inviteRatioMax: 0.5, groupIntensityMax: 'intense' },
        },
      ],
    })
    const changed = await set(0, { replyMode: 'hybrid', inviteRatio: 0.2, holdingMessage: '  Az sonra. ' })
    expect(changed).toMatchObject({
      status: 200,
      version: 1,
      settings: {
        replyMode: { value: 'hybrid', source: 'account', chosen: 'hybrid' },
        inviteRatio: { value: 0.2, source: 'account' },
        holdingMessage: { value: 'Az sonra.' },
      },
    })
    // A smaller package holds back what was chosen, and says so.
    await db.updateTable('subscription').set({ package: 'starter' }).where('tenant_id', '=', tenantId).execute()
    expect((await call('GET', `replies/${accountId}`)).settings).toMatchObject({
      replyMode: { value: 'manual', source: 'package', chosen: 'hybrid' },
      inviteRatio: { value: 0.2, source: 'account', chosen: 0.2 },
    })
  })

  it('are changed together as one version, audited, the catalogue following the price', async () => {
    const { call, accountId, set, tenantId, memberId } = await openShop()
    await call('POST', `personas/${accountId}`)
    const changed = await set(1, { productPriceMinor: 41_250, groupIntensity: 'simple', sendsFollowUps: true })
    expect(changed).toMatchObject({
      version: 2,
      changedBy: `member:${memberId}`,
      settings: { productPriceMinor: { value: 41_250 }, groupIntensity: { value: 'simple' } },
      persona: { version: 2 },
    })
    expect(await call('GET', `personas/${accountId}`)).toMatchObject({
      persona: { facts: { catalogue: [{ priceMinor: 41_250 }] } },
    })
    const audit = await db
      .selectFrom('audit_log')
      .select('detail')
      .where('tenant_id', '=', tenantId)
      .where('action', '=', 'settings.updated')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow()
    expect(audit.detail).toMatchObject({ 'productPriceMinor.after': 41_250, 'sendsFollowUps.after': true, version: 2 })
  })

  it('are not overwritten by whoever saw older ones', async () => {
    const { set } = await openShop()
    const both = await Promise.all([set(0, { inviteRatio: 0.1 }), set(0, { inviteRatio: 0.2 })])
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
    expect(both.find(({ status }) => status === 409)).toMatchObject({ code: 'settings_moved_on' })
  })

  it('refuse what is beyond the package or out of range, naming the field', async () => {
    const { set } = await openShop()
    expect(await set(0, { replyMode: 'ai' })).toMatchObject({ status: 403, code: 'package_feature' })
    expect(await set(0, { inviteRatio: 0.6 })).toMatchObject({ code: 'setting_over_package', field: 'inviteRatio' })
    for (const [change, field] of [
      [{ inviteRatio: 2 }, 'inviteRatio'],
      [{ productPriceMinor: -1 }, 'productPriceMinor'],
      [{ productCurrency: 'lira' }, 'productCurrency'],
      [{ draftLifeMinutes: 0 }, 'draftLifeMinutes'],
      [{ confidenceMin: 1.5 }, 'confidenceMin'],
      [{ holdingMessage: 'x'.repeat(1_001) }, 'holdingMessage'],
    ] as const)
      expect([field, await set(0, change)]).toMatchObject([field, { status: 400, field }])
  })

  it('of another tenant are not there, and only those who may change them do', async () => {
    const [mine, theirs] = [await openShop(), await openShop()]
    const at = `replies/${theirs.accountId}`
    expect(await mine.call('GET', at)).toMatchObject({ status: 404 })
    const change = { expectedVersion: 0, replyMode: 'hybrid' }
    expect(await mine.call('PATCH', at, change)).toMatchObject({ status: 404 })
    const agent = await addMember(theirs.tenantId, 'agent')
    expect(await agent.call('GET', at)).toMatchObject({ status: 200 })
    expect(await agent.call('PATCH', at, change)).toMatchObject({ status: 403, code: 'not_allowed' })
    expect(await theirs.call('GET', at)).toMatchObject({ version: 0 })
  })
})
