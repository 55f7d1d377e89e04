import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { type Db, createDb } from '#server/db/pool.ts'
import { type OperatorTx, asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON } from '#server/testing/factories.ts'

import {
  type NewTenant,
  createTenant,
  findSendingStop,
  findTenant,
  getOwnTenant,
  listAudit,
  listTenants,
  resumeAllSending,
  resumeTenantSending,
  stopAllSending,
  stopTenantSending,
} from './index.ts'

let db: Db
const operator = <T>(work: (tx: OperatorTx) => Promise<T>) => asOperator(db, 'test', work)
const by = { by: 'operator', at: NOON }

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

let serial = 0
const newTenant = (over: Partial<NewTenant> = {}): NewTenant => ({
  slug: `magaza-${(serial += 1)}`,
  name: 'Mağaza',
  ...over,
})

describe('createTenant', () => {
  it('makes an active tenant, which only observes for a day', async () => {
    const tenant = await operator((tx) => createTenant(tx, newTenant(), by))
    expect(tenant).toMatchObject({
      name: 'Mağaza',
      senderName: 'Mağaza',
      locale: 'tr',
      timeZone: 'Europe/Istanbul',
      state: 'active',
    })
    const row = await db
      .selectFrom('tenant')
      .select('observe_until')
      .where('id', '=', tenant.id)
      .executeTakeFirstOrThrow()
    expect(row.observe_until.getTime()).toBe(NOON + 86_400_000)
    expect(await operator((tx) => listAudit(tx, tenant.id, 10))).toMatchObject([
      { actor: 'operator', action: 'tenant.created' },
    ])
  })

  it.each([
    [{ slug: 'Büyük Harf' }, 'slug'],
    [{ slug: '' }, 'slug'],
    [{ name: '   ' }, 'name'],
    [{ name: 'x'.repeat(201) }, 'name'],
    [{ timeZone: 'Mars/Olympus' }, 'timeZone'],
    [{ locale: 'de' as 'tr' }, 'locale'],
  ])('refuses %j and names the field', async (over, field) => {
    await expect(operator((tx) => createTenant(tx, newTenant(over), by))).rejects.toMatchObject({
      kind: 'invalid',
      params: { field },
    })
  })

  it('refuses a slug that is taken', async () => {
    const input = newTenant()
    await operator((tx) => createTenant(tx, input, by))
    await expect(operator((tx) => createTenant(tx, input, by))).rejects.toMatchObject({
      kind: 'conflict',
      code: 'tenant_slug_taken',
    })
  })
})

describe('findTenant', () => {
  it('finds by id and by slug, and nothing that is not there', async () => {
    const tenant = await operator((tx) => createTenant(tx, newTenant(), by))
    expect(await operator((tx) => findTenant(tx, tenant.id))).toEqual(tenant)
    expect(await operator((tx) => findTenant(tx, tenant.slug))).toEqual(tenant)
    expect(await operator((tx) => findTenant(tx, 'ghost'))).toBeNull()
    expect(await operator(listTenants)).toContainEqual(tenant)
  })

  it('shows a tenant itself and no other', async () => {
    const [own, other] = await operator(
      async (tx) => [await createTenant(tx, newTenant(), by), await createTenant(tx, newTenant(), by)] as const,
    )
    expect(await inTenant(db, own.id, getOwnTenant)).toEqual(own)
    expect(await inTenant(db, own.id, (tx) => findTenant(tx, other.id))).toBeNull()
    expect(await inTenant(db, own.id, (tx) => listAudit(tx, null, 10))).toHaveLength(1)
  })
})

describe('kill switches', () => {
  beforeEach(() => operator((tx) => resumeAllSending(tx, by)))

  it('stops and resumes the installation, with an audit line each', async () => {
    await operator((tx) => stopAllSending(tx, ' şüpheli etkinlik ', by))
    expect(await operator(findSendingStop)).toBe('şüpheli etkinlik')
    await operator((tx) => resumeAllSending(tx, by))
    expect(await operator(findSendingStop)).toBeNull()
    expect((await operator((tx) => listAudit(tx, null, 3))).map((line) => line.action)).toEqual([
      'sending.resumed',
      'sending.stopped',
      'sending.resumed',
    ])
  })

  it('stops and resumes one tenant, from inside it as well', async () => {
    const tenant = await operator((tx) => createTenant(tx, newTenant(), by))
    await inTenant(db, tenant.id, (tx) => stopTenantSending(tx, tenant.id, 'bakım', by))
    expect((await operator((tx) => findTenant(tx, tenant.id)))?.sendingStopped).toBe('bakım')
    await operator((tx) => resumeTenantSending(tx, tenant.id, by))
    expect((await operator((tx) => findTenant(tx, tenant.id)))?.sendingStopped).toBeNull()
  })

  it('does not let a tenant touch another tenant or the installation', async () => {
    const [own, other] = await operator(
      async (tx) => [await createTenant(tx, newTenant(), by), await createTenant(tx, newTenant(), by)] as const,
    )
    await expect(inTenant(db, own.id, (tx) => stopTenantSending(tx, other.id, 'x', by))).rejects.toMatchObject({
      kind: 'not_found',
    })
    await expect(inTenant(db, own.id, (tx) => stopAllSending(tx, 'x', by))).rejects.toThrow(/permission denied/)
  })

  it('wants a reason', async () => {
    await expect(operator((tx) => stopAllSending(tx, ' ', by))).rejects.toMatchObject({
      kind: 'invalid',
      params: { field: 'reason' },
    })
  })
})
