import { describe, expect, it } from 'vitest'

import type { MemberRole } from '#contract/words.ts'
import { ManualClock } from '#server/base/clock.ts'
import { silentLogger } from '#server/base/logger.ts'
import { createMetrics } from '#server/base/metrics.ts'
import { createTranslator } from '#server/base/translate.ts'
import { createDb } from '#server/db/pool.ts'
import { brandFiles, createHttpServer } from '#server/doors/http/index.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'

const db = createDb((await createTestDatabase()).pool)
const clock = new ManualClock(NOON)
const { addMember } = openTestApi(db, clock)

/** A picture of one transparent pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const SVG = Buffer.from('<svg onload="alert(1)"/>').toString('base64')

interface Answer {
  readonly status: number
  readonly code?: string
  readonly field?: string
  readonly detail?: string
  readonly logoPath?: string | null
}

const serveBrands = () =>
  createHttpServer({
    log: silentLogger,
    metrics: createMetrics(),
    version: '0.0.0',
    translator: (locale) => createTranslator(locale, 'errors'),
    isDraining: () => false,
    pingDatabase: async () => {},
    health: async () => [],
    routes: [brandFiles(db)],
  })

const openShop = async () => {
  const tenantId = await createTenant(db)
  const member = async (role: MemberRole, language: 'tr' | 'ar' = 'tr') =>
    (await addMember<Answer>(tenantId, role, { language })).call
  return { tenantId, member, owner: await member('owner') }
}

describe('the tenant', () => {
  it('shows and changes what it decided, and says which field was wrong', async () => {
    const { owner, member } = await openShop()
    expect(await owner('GET', 'tenant')).toMatchObject({
      name: 'Deneme Mağazası',
      locale: 'tr',
      timeZone: 'Europe/Istanbul',
      quietFromHour: 21,
      quietToHour: 9,
    })
    expect(await owner('PATCH', 'tenant', { timeZone: 'Asia/Riyadh', quietToHour: 10 })).toMatchObject({
      status: 200,
      timeZone: 'Asia/Riyadh',
      quietToHour: 10,
    })
    for (const [change, field] of [
      [{ timeZone: 'Nowhere' }, 'timeZone'],
      [{ quietFromHour: 23 }, 'quietFromHour'],
      [{ locale: 'fr' }, 'locale'],
      [{ senderName: '' }, 'senderName'],
      [{ slug: 'x' }, 'slug'],
    ] as const)
      expect(await owner('PATCH', 'tenant', change)).toMatchObject({ status: 400, field })
    expect(await (await member('agent'))('PATCH', 'tenant', { name: 'x' })).toMatchObject({ status: 403 })
  })
})

describe('the brand', () => {
  it('is chosen by owner and admin; a colour that cannot be read is drawn darker, and that is said', async () => {
    const { owner, member } = await openShop()
    expect(await owner('GET', 'tenant/brand')).toMatchObject({ name: null, colours: null, logoPath: null })
    expect(await owner('GET', 'tenant/brand/colours?accent=%23ffee00')).toMatchObject({ isAdjusted: true })
    expect(await owner('GET', 'tenant/brand/colours?accent=yellow')).toMatchObject({ status: 400, field: 'accent' })
    expect(await owner('PUT', 'tenant/brand', { name: 'Yıldız', accent: '#0A66A8' })).toMatchObject({
      name: 'Yıldız',
      accent: '#0a66a8',
      colours: { onLight: '#0a66a8', isAdjusted: false },
    })
    expect(await owner('PUT', 'tenant/brand', { name: 'x'.repeat(61), accent: null })).toMatchObject({
      status: 400,
      field: 'name',
    })
    expect(await (await member('analyst'))('PUT', 'tenant/brand', { name: 'x', accent: null })).toMatchObject({
      status: 403,
    })
    expect(await (await member('billing'))('GET', 'tenant/brand')).toMatchObject({ status: 200, name: 'Yıldız' })
  })

  it('refuses what is no picture in calm words, in the language of whoever asks', async () => {
    const { owner, member } = await openShop()
    expect(await owner('PUT', 'tenant/brand/logo', { data: SVG })).toMatchObject({
      status: 400,
      code: 'brand_logo_type',
      field: 'logo',
      detail: expect.stringContaining('PNG, JPEG ya da WebP'),
    })
    const admin = await member('admin', 'ar')
    expect((await admin('PUT', 'tenant/brand/logo', { data: SVG })).detail).toContain('تصلح صورة')
    const big = Buffer.concat([Buffer.from(PNG, 'base64'), Buffer.alloc(256 * 1024)]).toString('base64')
    expect(await owner('PUT', 'tenant/brand/logo', { data: big })).toMatchObject({
      status: 400,
      code: 'brand_logo_size',
    })
    expect(await owner('PUT', 'tenant/brand/logo', { data: '%%%' })).toMatchObject({ status: 400, field: 'data' })
  })

  it('has a logo that is served as what it is, and as nothing else', async () => {
    const { owner, tenantId } = await openShop()
    const { logoPath } = await owner('PUT', 'tenant/brand/logo', { data: PNG })
    const server = serveBrands()
    const answer = await server.inject({ url: logoPath ?? '' })
    expect(answer.statusCode).toBe(200)
    expect(answer.rawPayload.toString('base64')).toBe(PNG)
    expect(answer.headers).toMatchObject({
      'content-type': 'image/png',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'public, max-age=31536000, immutable',
    })
    const other = await createTenant(db)
    for (const path of [
      `/brand/${other}/${logoPath?.split('/').at(-1)}`,
      `/brand/${tenantId}/${'0'.repeat(32)}`,
      '/brand/x/y',
    ])
      expect((await server.inject({ url: path })).statusCode).toBe(404)
    expect(await owner('DELETE', 'tenant/brand/logo')).toMatchObject({ logoPath: null })
    expect((await server.inject({ url: logoPath ?? '' })).statusCode).toBe(404)
    await server.close()
  })
})
