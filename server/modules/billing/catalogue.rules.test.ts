import { describe, expect, it } from 'vitest'

import { PACKAGES } from '#contract/words.ts'

import sold from './catalogue.json' with { type: 'json' }
import { CATALOGUE, findPackageByName, includesTier, limitOf, parseCatalogue } from './catalogue.rules.ts'
import { priceBy } from './payment-ways.rules.ts'
import { periodPriceMinor } from './subscription.rules.ts'

const changed = (change: (given: Record<string, never>) => void): unknown => {
  const copy = structuredClone(sold) as unknown as Record<string, never>
  change(copy)
  return copy
}
const starterOf = (given: Record<string, never>) =>
  (given['packages'] as unknown as { starter: Record<string, unknown> }).starter

describe('parseCatalogue', () => {
  it('reads what is sold', () => {
    expect(parseCatalogue(sold)).toEqual(CATALOGUE)
    expect(Object.keys(CATALOGUE.packages)).toEqual([...PACKAGES])
  })

  it.each([
    ['packages.starter.priceMinor', (given) => (starterOf(given)['priceMinor'] = '500')],
    ['packages.starter.inviteRatio', (given) => (starterOf(given)['inviteRatio'] = 1.2)],
    ['packages.starter.limits.accounts', (given) => (starterOf(given)['limits'] = { accounts: -1 })],
    ['packages.starter', (given) => (starterOf(given)['prise'] = 1)],
    ['currency', (given) => Object.assign(given, { currency: 'lira' })],
    ['version', (given) => Object.assign(given, { version: 0 })],
    ['aliases', (given) => (starterOf(given)['aliases'] = ['premium'])],
  ] satisfies [string, (given: Record<string, never>) => void][])('refuses a fault and names %s', (field, change) => {
    expect(() => parseCatalogue(changed(change))).toThrow(
      expect.objectContaining({ kind: 'invalid', code: 'catalogue', params: expect.objectContaining({ field }) }),
    )
  })
})

describe('findPackageByName', () => {
  it.each([
    ['Başlangıç', 'starter'],
    ['Temel', 'starter'],
    ['PREMIUM', 'professional'],
    ['Profesyonel', 'professional'],
    ['KURUMSAL', 'enterprise'],
    ['Enterprise', 'enterprise'],
    ['gold', null],
  ])('knows %s as %s', (given, name) => expect(findPackageByName(given)).toBe(name))
})

describe('limitOf', () => {
  it('adds extra bots to accounts and to nothing else', () => {
    expect(limitOf('professional', 'accounts', 3)).toBe(5)
    expect(limitOf('professional', 'templates', 3)).toBe(20)
    expect(limitOf('enterprise', 'templates', 0)).toBeNull()
  })
})

describe('includesTier', () => {
  it('includes every level up to its own', () => {
    expect(includesTier('professional', 'analytics', 'basic')).toBe(true)
    expect(includesTier('professional', 'analytics', 'advanced')).toBe(true)
    expect(includesTier('professional', 'analytics', 'premium')).toBe(false)
    expect(includesTier('professional', 'optimiser', 'full')).toBe(false)
    expect(includesTier('enterprise', 'optimiser', 'full')).toBe(true)
  })
})

describe('periodPriceMinor', () => {
  it.each([
    ['starter', 0, 50_000],
    ['starter', 1, 100_000],
    ['starter', 2, 50_000 + 90_000],
    ['starter', 3, 50_000 + 127_500],
    ['starter', 4, 50_000 + 170_000],
    ['starter', 5, 50_000 + 200_000],
    ['enterprise', 5, 200_000 + 800_000],
  ] as const)('asks for %s with %d extra bots %d', (name, extraBots, price) => {
    expect(periodPriceMinor(name, extraBots)).toBe(price)
  })

  it('has no price for a trial and for what is agreed with the operator', () => {
    expect(() => periodPriceMinor('trial', 0)).toThrow(expect.objectContaining({ code: 'package_not_sold' }))
    expect(() => periodPriceMinor('custom', 0)).toThrow(expect.objectContaining({ code: 'package_by_agreement' }))
  })
})

describe('priceBy', () => {
  it('asks for whole Stars, rounded up, worth the same in the catalogue', () => {
    expect(priceBy('stars', { package: 'starter', extraBots: 0 })).toEqual({
      amountMinor: Math.ceil(50_000 / (CATALOGUE.minorPerStar ?? 1)),
      currency: 'XTR',
      priceMinor: 50_000,
    })
    expect(priceBy('transfer', { package: 'starter', extraBots: 0 })).toEqual({
      amountMinor: 50_000,
      currency: 'TRY',
      priceMinor: 50_000,
    })
  })

  it('has no price for what is not sold', () => {
    expect(priceBy('transfer', { package: 'trial', extraBots: 0 })).toBeNull()
    expect(priceBy('stars', { package: 'custom', extraBots: 0 })).toBeNull()
  })
})
