import { describe, expect, it } from 'vitest'

import { readPriceText } from './price-text.rules.ts'

describe('readPriceText', () => {
  it.each([
    ['300', 30_000],
    ['299,90', 29_990],
    [' 299.9 TL', 29_990],
    ['₺0', 0],
    ['٣٠٠', 30_000],
    ['1.250', null],
    ['1,250.00', null],
    ['-5', null],
    ['', null],
    ['üç yüz', null],
    ['9'.repeat(10), null],
  ])('reads %j as %j', (text, minor) => {
    expect(readPriceText(text)).toBe(minor)
  })
})
