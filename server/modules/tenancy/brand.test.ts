import { describe, expect, it } from 'vitest'

import { createDb } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant, ownerAt } from '#server/testing/factories.ts'

import { contrastOf } from './colour.rules.ts'
import {
  accentColours,
  findLogo,
  getBrand,
  getTenantSettings,
  listAudit,
  setBrand,
  setLogo,
  updateTenant,
} from './index.ts'

const db = createDb((await createTestDatabase()).pool)
const owner = ownerAt(NOON)
const agent = { by: 'member:2', access: { kind: 'member', role: 'agent' }, at: NOON } as const

/** Every 51st shade of each part: the corners of the cube and what lies between. */
const SHADES = Array.from({ length: 6 }, (_, i) => (i * 51).toString(16).padStart(2, '0'))
const COLOURS = SHADES.flatMap((red) => SHADES.flatMap((green) => SHADES.map((blue) => `#${red}${green}${blue}`)))

const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3])
const WEBP = Uint8Array.from([0x52, 0x49, 0x46, 0x46, 9, 9, 9, 9, 0x57, 0x45, 0x42, 0x50])
const SVG = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')

describe('an accent', () => {
  it.each(COLOURS)('%s is drawn so that text can be read in light and in dark', (colour) => {
    const { onLight, onDark, isAdjusted, contrast } = accentColours(colour)
    expect(contrastOf(onLight, '#ffffff')).toBeGreaterThanOrEqual(4.5)
    expect(contrastOf(onDark, '#242424')).toBeGreaterThanOrEqual(4.5)
    expect(contrastOf(onDark, '#000000')).toBeGreaterThanOrEqual(4.5)
    expect(isAdjusted).toBe(onLight !== colour)
    expect(contrast).toBeCloseTo(contrastOf(colour, '#ffffff'))
  })

  it('has the contrast that WCAG gives as examples', () => {
    expect(contrastOf('#000000', '#ffffff')).toBeCloseTo(21)
    expect(contrastOf('#777777', '#ffffff')).toBeCloseTo(4.48, 1)
    expect(accentColours('#0a66a8')).toMatchObject({ onLight: '#0a66a8', isAdjusted: false })
    expect(accentColours('#ffee00').isAdjusted).toBe(true)
  })
})

describe('a brand', () => {
  it('is the product’s own until somebody chooses, and is written down with before and after', async () => {
    const tenantId = await createTenant(db)
    const within = <T>(work: Parameters<typeof inTenant<T>>[2]) => inTenant(db, tenantId, work)
    expect(await within((tx) => getBrand(tx, tenantId))).toMatchObject({ name: null, accent: null, logoPath: null })
    const brand = await within((tx) => setBrand(tx, { name: ' Yıldız ', accent: '#7A1FA2' }, owner))
    expect(brand).toMatchObject({ name: 'Yıldız', accent: '#7a1fa2', colours: { isAdjusted: false } })
    const [line] = await within((tx) => listAudit(tx, tenantId, 1))
    expect(line).toMatchObject({
      action: 'brand.changed',
      detail: { 'accent.before': null, 'accent.after': '#7a1fa2' },
    })
    await expect(within((tx) => setBrand(tx, { name: null, accent: 'red' }, owner))).rejects.toMatchObject({
      code: 'field_form',
      params: { field: 'accent' },
    })
    await expect(within((tx) => setBrand(tx, { name: null, accent: null }, agent))).rejects.toMatchObject({
      code: 'not_allowed',
    })
  })

  it('has a picture that its bytes say is one, at an address of its own', async () => {
    const tenantId = await createTenant(db)
    const within = <T>(work: Parameters<typeof inTenant<T>>[2]) => inTenant(db, tenantId, work)
    const { logoPath } = await within((tx) => setLogo(tx, PNG, owner))
    const hash = logoPath?.split('/').at(-1) ?? ''
    expect(logoPath).toMatch(/^\/brand\/\d+\/[0-9a-f]{32}$/)
    const find = (id: number) => asOperator(db, 'test', (tx) => findLogo(tx, id, hash))
    expect(await find(tenantId)).toMatchObject({ type: 'image/png' })
    expect(await find(await createTenant(db))).toBeNull()
    expect((await within((tx) => setLogo(tx, WEBP, owner))).logoPath).not.toBe(logoPath)
    expect(await find(tenantId)).toBeNull()
    for (const bytes of [SVG, new Uint8Array(), Uint8Array.from([0xff, 0xd8])])
      await expect(within((tx) => setLogo(tx, bytes, owner))).rejects.toMatchObject({
        code: 'brand_logo_type',
        params: { field: 'logo' },
      })
    const big = Uint8Array.from([...PNG, ...Array.from({ length: 256 * 1024 }, () => 0)])
    await expect(within((tx) => setLogo(tx, big, owner))).rejects.toMatchObject({ code: 'brand_logo_size' })
    expect((await within((tx) => setLogo(tx, null, owner))).logoPath).toBeNull()
  })
})

describe('a tenant', () => {
  it('changes what it decides about itself, and its night becomes longer only', async () => {
    const tenantId = await createTenant(db)
    const update = (change: Parameters<typeof updateTenant>[1], actor: Parameters<typeof updateTenant>[2] = owner) =>
      inTenant(db, tenantId, (tx) => updateTenant(tx, change, actor))
    expect(await update({ name: 'Yeni ad', locale: 'ar', quietFromHour: 20 })).toMatchObject({
      name: 'Yeni ad',
      senderName: 'Deneme',
      locale: 'ar',
      quietFromHour: 20,
      quietToHour: 9,
    })
    for (const [change, field] of [
      [{ quietFromHour: 22 }, 'quietFromHour'],
      [{ quietToHour: 8 }, 'quietToHour'],
      [{ timeZone: 'Mars/Olympus' }, 'timeZone'],
      [{ name: ' ' }, 'name'],
    ] as const)
      await expect(update(change)).rejects.toMatchObject({ kind: 'invalid', params: { field } })
    await expect(update({ name: 'x' }, agent)).rejects.toMatchObject({ code: 'not_allowed' })
    expect(await inTenant(db, tenantId, getTenantSettings)).toMatchObject({
      name: 'Yeni ad',
      timeZone: 'Europe/Istanbul',
    })
    const lines = await inTenant(db, tenantId, (tx) => listAudit(tx, tenantId, 10))
    expect(lines.filter(({ action }) => action === 'tenant.updated')).toMatchObject([
      { detail: { 'name.before': 'Deneme Mağazası', 'quietFromHour.before': 21, 'quietFromHour.after': 20 } },
    ])
  })
})
