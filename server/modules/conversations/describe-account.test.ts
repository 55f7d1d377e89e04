import { beforeAll, describe, expect, it } from 'vitest'

import { DAY_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { setCampaignApproval } from '#server/modules/campaigns/index.ts'
import { setProtectionLevel } from '#server/modules/groups/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant, ownerAt } from '#server/testing/factories.ts'

import { allowed, tightened } from './account-layers.rules.ts'
import { setInviteRatio } from './change-settings.ts'
import { describeAccount } from './describe-account.ts'

describe('tightened', () => {
  it.each([
    [10, null, 'smaller', 10, 'package'],
    [10, 4, 'smaller', 4, 'tenant'],
    [10, 40, 'smaller', 10, 'package'],
    [null, 4, 'smaller', 4, 'tenant'],
    [null, null, 'smaller', null, 'package'],
    [60, 90, 'greater', 90, 'tenant'],
    [60, 30, 'greater', 60, 'package'],
  ] as const)('of %s and %s takes the %s one', (ofPackage, ofTenant, stricter, value, source) => {
    expect(tightened('x', ofPackage, ofTenant, stricter)).toMatchObject({ value, source })
  })
})

describe('allowed', () => {
  it('says whether the account’s own choice holds or the package cut it', () => {
    expect(allowed('x', 0.3, 0.3, true)).toMatchObject({ source: 'account', layers: { account: 0.3 } })
    expect(allowed('x', 0.3, 0.7, true)).toMatchObject({ value: 0.3, source: 'package', layers: { account: 0.7 } })
    expect(allowed('x', 0.3, 0.3, false)).toEqual({ key: 'x', value: 0.3, source: 'package', layers: { package: 0.3 } })
  })
})

describe('describeAccount', () => {
  let db: Db
  beforeAll(async () => {
    db = createDb((await createTestDatabase()).pool)
  })

  it('names for each setting its source, its layers and who changed it, with the history', async () => {
    const tenantId = await createTenant(db, { package: 'professional', limits: { per_minute_max: 4 } })
    const accountId = await createAccount(db, tenantId)
    const actor = ownerAt(NOON)
    const view = () => inTenant(db, tenantId, (tx) => describeAccount(tx, { accountId, now: NOON + DAY_MS }, actor))
    const settingOf = async (key: string) => (await view()).settings.find((setting) => setting.key === key)
    expect(await settingOf('inviteRatio')).toMatchObject({ source: 'package', changedBy: null })
    expect(await settingOf('perMinuteMax')).toMatchObject({ value: 4, source: 'package' })
    await inTenant(db, tenantId, async (tx) => {
      await setInviteRatio(tx, { accountId, ratio: 0.2 }, { by: 'member:7', at: NOON + 1 })
      await setProtectionLevel(tx, { level: 'advanced', limits: { perMinuteMax: 2 } }, { by: 'member:8', at: NOON + 2 })
      await setCampaignApproval(tx, true, { ...actor, by: 'member:9', at: NOON + 3 })
    })
    expect(await settingOf('inviteRatio')).toMatchObject({ value: 0.2, source: 'account', changedBy: 'member:7' })
    expect(await settingOf('perMinuteMax')).toEqual({
      key: 'perMinuteMax',
      value: 2,
      source: 'tenant',
      layers: { package: 4, tenant: 2 },
      changedBy: 'member:8',
      changedAt: NOON + 2,
    })
    expect(await settingOf('campaignApproval')).toMatchObject({ value: true, changedBy: 'member:9' })
    expect((await view()).history.map((line) => [line.by, line.action])).toEqual([
      ['member:9', 'campaigns.approval_set'],
      ['member:8', 'protection.updated'],
      ['member:7', 'settings.updated'],
    ])
    const billing = { access: { kind: 'member', role: 'billing' } } as const
    await expect(
      inTenant(db, tenantId, (tx) => describeAccount(tx, { accountId, now: NOON }, billing)),
    ).rejects.toThrow('not_allowed')
    const other = await createTenant(db)
    await expect(inTenant(db, other, (tx) => describeAccount(tx, { accountId, now: NOON }, actor))).rejects.toThrow(
      'not_found',
    )
  })
})
