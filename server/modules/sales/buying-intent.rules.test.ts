import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { findBuyingWish } from './buying-intent.rules.ts'

const CATALOGUE = ['VIP üyelik', 'Kitap', 'Işık Kursu']

describe('findBuyingWish', () => {
  it.each([
    ['satın almak istiyorum', 'buy'],
    ['SATIN ALMAK İSTİYORUM', 'buy'],
    ['sipariş vermek istiyorum', 'buy'],
    ['nasıl alabilirim?', 'buy'],
    ['fiyatı ne kadar', 'price'],
    ['FIYAT?', 'price'],
    ['kaç tl', 'price'],
    ['I want to buy', 'buy'],
    ['how much is it', 'price'],
    ['хочу купить', 'buy'],
    ['сколько стоит?', 'price'],
    ['أريد شراء', 'buy'],
    ['كم السعر؟', 'price'],
  ])('hears in "%s" the wish to %s', (text, intent) => {
    expect(findBuyingWish(text, CATALOGUE)).toMatchObject({ intent })
  })

  it.each([
    ['vıp ÜYELİĞİ almak istiyorum', 'VIP üyelik'],
    ['kitabı satın alabilir miyim', 'Kitap'],
    ['ISIK KURSUNUN fiyatı', 'Işık Kursu'],
    ['vip uyelik fiyat', 'VIP üyelik'],
  ])('finds in "%s" the product', (text, product) => {
    expect(findBuyingWish(text, CATALOGUE)?.products).toEqual([product])
  })

  it('takes a name alone for a question while little else is said', () => {
    expect(findBuyingWish('Kitap var mı?', CATALOGUE)).toEqual({ intent: 'product', products: ['Kitap'] })
    expect(findBuyingWish('Dün akşam güzel bir kitap okudum, sonra da uyudum', CATALOGUE)).toBeNull()
  })

  it.each([
    'satın almak istemiyorum',
    'almayacağım, fiyatı yüksek',
    'siparişim nerede',
    'I do not want to buy',
    'refund my order please',
    'не хочу покупать',
    'لا أريد شراء شيء',
    'merhaba nasılsın',
    'in order to sleep well',
    '',
  ])('hears no wish in "%s"', (text) => {
    expect(findBuyingWish(text, CATALOGUE)).toBeNull()
  })

  it('gives an answer to any text, and only products it was told of', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 5_000, unit: 'grapheme' }),
        fc.array(fc.string({ maxLength: 30 })),
        (text, names) => {
          const wish = findBuyingWish(text, names)
          for (const product of wish?.products ?? []) expect(names).toContain(product)
        },
      ),
      { numRuns: 200 },
    )
  })
})
