import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { createTranslator } from '#server/base/translate.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type SalesWorld, createSalesWorld } from '#server/modules/sales/sales-world.suite.ts'
import { type CliRunner, createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'

let db: Db
let world: SalesWorld
let cli: CliRunner
let tenant: readonly string[]

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(async () => {
  world = await createSalesWorld(db)
  cli = createCliRunner(db, { translator: (locale) => createTranslator(locale, 'cli') })
  const { slug } = await db
    .selectFrom('tenant')
    .select('slug')
    .where('id', '=', world.tenantId)
    .executeTakeFirstOrThrow()
  tenant = ['--tenant', slug]
})

const funnelFile = (definition: unknown): string => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'gavatcore-funnel-')), 'vip.json')
  writeFileSync(file, JSON.stringify(definition))
  return file
}

const VIP = {
  start: 'begin',
  stages: [
    { name: 'begin', kind: 'none', transitions: [{ on: 'intent', to: 'shown', does: 'offer' }] },
    { name: 'shown', kind: 'offered', transitions: [{ on: 'silence', hours: 48, to: 'over' }] },
    { name: 'over', kind: 'lost', transitions: [] },
  ],
}

describe('the commands of products, funnels and orders', () => {
  it('set a shop up, see an order through, and count it', async () => {
    const account = String(world.accountId)
    await cli.json([
      ...tenant,
      'products',
      'set',
      account,
      'Kitap',
      '--goods',
      'physical',
      '--payment-link',
      'https://odeme.example/kitap',
    ])
    const shop = await cli.json([...tenant, 'products', 'selling', account, '--by-itself', 'on', '--star-rate', '0.6'])
    expect(shop).toMatchObject({
      selling: { sellsByItself: true, minorPerStar: 60 },
      products: [{ name: 'Kitap', kind: 'physical', paymentLink: 'https://odeme.example/kitap' }, { name: 'Kurs' }],
    })
    await world.says('Kitap almak istiyorum')
    const { reference } = await world.ordered('Kitap')
    expect(await cli.json([...tenant, 'orders', 'list'])).toMatchObject([{ reference, state: 'payment_pending' }])
    const paid = await cli.run([...tenant, 'orders', 'paid', reference.toLowerCase(), '--yes'])
    expect(paid.out).toContain(`${reference} is now: paid: to be handed over by a person`)
    expect(await cli.json([...tenant, 'orders', 'list', '--review'])).toHaveLength(1)
    await cli.run([...tenant, 'orders', 'fulfil', reference, '--yes'])
    expect((await cli.run([...tenant, 'orders', 'show', reference])).out).toMatch(/Delivered.*\n?/)
    const people = await cli.json([...tenant, 'funnels', 'people', 'standard', '--stage', 'delivered'])
    expect(people).toMatchObject([{ contactId: world.contactId, product: 'Kitap' }])
    const report = await cli.run([...tenant, 'funnels', 'report', 'standard'])
    expect(report.out).toMatch(/payment_pending +1 +█+ +100\.0%/)
    expect(report.out.replaceAll('\u00A0', ' ')).toContain('Orders paid: 1, TRY 200.00; refunded: TRY 0.00')
    const late = await cli.run([...tenant, 'orders', 'cancel', reference, '--yes'])
    expect(late).toMatchObject({ code: 1 })
    expect(late.err).toContain('has been paid already')
  })

  it('preview and keep a funnel, and say what is wrong with one', async () => {
    const file = funnelFile(VIP)
    const shown = await cli.run([
      ...tenant,
      'funnels',
      'preview',
      'vip',
      file,
      '--saying',
      'Kitap fiyatı?',
      '--account',
      String(world.accountId),
    ])
    expect(shown.out).toContain('asks for the price (Kitap)')
    expect(shown.out).toContain('begin → shown · makes an offer')
    expect(await cli.json([...tenant, 'funnels', 'set', 'vip', file])).toMatchObject({ name: 'vip', version: 1 })
    expect(await cli.json([...tenant, 'funnels', 'list'])).toMatchObject([{ name: 'standard' }, { name: 'vip' }])
    const wrong = funnelFile({ ...VIP, start: 'nowhere' })
    const refused = await cli.run([...tenant, 'funnels', 'set', 'vip', wrong])
    expect(refused).toMatchObject({ code: 64 })
    expect(refused.err).toContain('no stage is called "nowhere"')
    const reminding = await cli.run([
      ...tenant,
      'funnels',
      'set',
      'standard',
      '--reminders',
      'on',
      '--silence-hours',
      '12',
    ])
    expect(reminding.out).toContain('silence (12 h) → offered · reminds gently')
    expect((await cli.run([...tenant, 'funnels', 'show', 'moon'])).code).not.toBe(0)
  })
})
