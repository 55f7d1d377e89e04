import { beforeAll, describe, expect, it } from 'vitest'

import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createTransferProvider } from '#server/gateways/payments/adapters/transfer.ts'
import { activatePaidPackage, claimPayment, createPayment, getSubscription } from '#server/modules/billing/index.ts'
import { type CliRunner, createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON } from '#server/testing/factories.ts'

const INSTRUCTIONS = { iban: 'TR330006100519786457841326', holder: 'Gavatcore', papara: null }

let db: Db
let cli: CliRunner
let serial = 0

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
  const providers = new Map([['transfer' as const, createTransferProvider(INSTRUCTIONS)]])
  cli = createCliRunner(db, {
    payments: () => Promise.resolve({ db, providers, sellerAccountId: null, activate: activatePaidPackage }),
  })
})

const claimed = async () => {
  const slug = `odeyen-${(serial += 1)}`
  const { id } = (await cli.json(['tenants', 'create', slug])) as { readonly id: number }
  const payment = await inTenant(db, id, async (tx) => {
    const order = {
      package: 'starter',
      provider: 'transfer',
      periodDays: 30,
      amountMinor: 50_000,
      currency: 'TRY',
    } as const
    const { reference } = await createPayment(tx, order, { by: 'telegram:7', at: NOON })
    return claimPayment(tx, { reference, by: 'telegram:7', evidenceText: 'dekont 42', at: NOON })
  })
  const packageOf = async () => (await inTenant(db, id, getSubscription)).package
  return { id, slug, reference: payment.reference, packageOf }
}

describe('payments', () => {
  it('lists what waits for a decision, with whose it is', async () => {
    const { reference, slug } = await claimed()
    expect(await cli.json(['payments', 'list'])).toContainEqual(
      expect.objectContaining({ reference, tenant: slug, state: 'claimed' }),
    )
    expect((await cli.run(['payments', 'show', reference.toLowerCase()])).out).toContain('dekont 42')
  })

  it('approves once, after a confirmation', async () => {
    const { reference, packageOf } = await claimed()
    expect((await cli.run(['payments', 'approve', reference])).code).toBe(64)
    expect(await packageOf()).toBe('trial')
    await cli.run(['payments', 'approve', reference, '--dry-run'])
    expect(await packageOf()).toBe('trial')
    expect(await cli.json(['payments', 'approve', reference, '--yes'])).toMatchObject({ state: 'approved' })
    expect(await packageOf()).toBe('starter')
    expect(await cli.json(['payments', 'approve', reference, '--yes'])).toMatchObject({ state: 'approved' })
    const queue = (await cli.json(['payments', 'list'])) as readonly { readonly reference: string }[]
    expect(queue.map((row) => row.reference)).not.toContain(reference)
  })

  it('rejects with a reason only, and an unknown reference is named', async () => {
    const { reference, packageOf } = await claimed()
    expect((await cli.run(['payments', 'reject', reference, '--yes'])).code).not.toBe(0)
    const given = ['payments', 'reject', reference, '--reason', 'no such transfer', '--yes']
    expect(await cli.json(given)).toMatchObject({ state: 'rejected', decisionNote: 'no such transfer' })
    expect(await packageOf()).toBe('trial')
    const { code, err } = await cli.run(['payments', 'show', 'GCNOSUCHREF'])
    expect([code, err]).toEqual([1, expect.stringContaining('GCNOSUCHREF')])
  })

  it('refunds a transfer only in the books, once somebody has sent it back', async () => {
    const { reference } = await claimed()
    await cli.json(['payments', 'approve', reference, '--yes'])
    const byProvider = await cli.run(['payments', 'refund', reference, '--yes'])
    expect([byProvider.code, byProvider.err]).toEqual([1, expect.stringContaining(reference)])
    const byHand = ['payments', 'refund', reference, '--by-hand', '--yes']
    expect(await cli.json(byHand)).toMatchObject({ state: 'refunded' })
  })
})
