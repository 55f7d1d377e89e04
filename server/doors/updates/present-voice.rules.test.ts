import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { cutLabel, pageButtons, pageOf, topicsOf } from './present-voice.rules.ts'

describe('topicsOf', () => {
  const facts = {
    catalogue: [{ name: 'VIP', priceMinor: 30_000, currency: 'TRY' }],
    faq: [{ question: 'Kargo?', answer: 'İki gün.' }],
    notes: [],
  }
  const item = (label: string, text = 'x') => ({ label, text })

  it('lists services with their price of the catalogue, then frequent questions', () => {
    const topics = topicsOf({ menu: [{ ...item('Üyelik'), product: 'VIP' }, item('Adres')], facts })
    expect(topics.map(({ label, price }) => [label, price?.priceMinor ?? null])).toEqual([
      ['Üyelik', 30_000],
      ['Adres', null],
      ['Kargo?', null],
    ])
  })

  it('names each with a key of its own, which a new text leaves as it is and a new label does not', () => {
    const keys = (...menu: ReturnType<typeof item>[]) => topicsOf({ menu, facts }).map(({ key }) => key)
    expect(new Set(keys(item('a'), item('a'), item('Kargo?'))).size).toBe(4)
    expect(keys(item('a', 'new'))[0]).toBe(keys(item('a'))[0])
    expect(keys(item('b'))[0]).not.toBe(keys(item('a'))[0])
    expect(keys(item('first'), item('a'))[1]).toBe(keys(item('a'))[0])
  })
})

describe('pageOf', () => {
  it('shows every item on exactly one page, whatever a button carries', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.string(), (all, wanted) => {
        const { count } = pageOf(all, wanted, 8)
        expect(Array.from({ length: count }, (_, n) => pageOf(all, String(n), 8).items).flat()).toEqual(all)
        expect(pageOf(all, wanted, 8).number).toBeLessThan(count)
      }),
    )
  })

  it('has buttons to the pages beside it where there are any', () => {
    const all = Array.from({ length: 17 }, (_, i) => i)
    expect(pageButtons('menu', pageOf(all, '1', 8)).map(({ action }) => action)).toEqual(['menu:0', 'menu:1', 'menu:2'])
    expect(pageButtons('menu', pageOf(all, '', 8)).map(({ text }) => text)).toEqual(['1/3', '▶️'])
    expect(pageButtons('menu', pageOf([1], '', 8))).toEqual([])
  })
})

describe('cutLabel', () => {
  it('cuts a long question between whole characters', () => {
    expect(Array.from(cutLabel('🙂'.repeat(80)))).toHaveLength(64)
    expect(cutLabel('🙂'.repeat(80)).isWellFormed()).toBe(true)
    expect(cutLabel('iki\nsatır')).toBe('iki satır')
  })
})
