import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { TIERS } from '#server/modules/billing/catalogue.rules.ts'

import { burstsOf } from './spam-burst.rules.ts'
import {
  SPAM_FLOOR,
  SPAM_LEVELS,
  SPAM_TERMS,
  type SpamParameters,
  checkTuning,
  parametersOf,
} from './spam-level.rules.ts'
import { bannedWords, signsOf } from './spam-text.rules.ts'

const signs = (text: string, hasLink = false, parameters: SpamParameters = SPAM_FLOOR, own: readonly string[] = []) =>
  signsOf(text, hasLink, parameters, bannedWords(own)).map(({ pattern, measure }) => `${pattern} ${measure}`)

const isNoWeaker = (a: SpamParameters, b: SpamParameters): boolean =>
  a.burstMessages <= b.burstMessages &&
  a.burstSeconds >= b.burstSeconds &&
  a.repeatedCharacters <= b.repeatedCharacters &&
  a.emojiMax <= b.emojiMax

describe('signsOf', () => {
  it('sees the same character five times in a row, whatever its case, and blanks and numbers never', () => {
    expect(signs('Alooooo')).toEqual(['repeated_character 5'])
    expect(signs('Aloooo')).toEqual([])
    expect(signs('İiİiİ')).toEqual(['repeated_character 5'])
    expect(signs('!!!!!')).toEqual(['repeated_character 5'])
    expect(signs('100000 TL      olur')).toEqual([])
    const strict = { ...SPAM_FLOOR, repeatedCharacters: 3 }
    expect(signs('www.ornek.com http://aaa.bbb', false, strict)).toEqual([])
    expect(signs('aaa', false, strict)).toEqual(['repeated_character 3'])
  })

  it('sees more than ten emoji, each as a person sees it', () => {
    const family = '👨‍👩‍👧‍👦'
    expect(signs(`${family}👍🏽`.repeat(5))).toEqual([])
    expect(signs(`${`${family}👍🏽`.repeat(5)}🇹🇷`)).toEqual(['many_emoji 11'])
    expect(signs('❤️'.repeat(4))).toEqual([])
  })

  it.each([
    'BAHİS sitesi https://a.b',
    'bahıs: www.x.y',
    'Bahisçiler t.me/kanal',
    'kazandiran CASINO abc.bet',
    'Gambling at site.com',
  ])('sees a banned word beside a link in "%s"', (text) => {
    expect(signs(text)).toEqual(['banned_link 1'])
  })

  it('wants word and link together, takes links that are not written out, and the tenant’s own words', () => {
    expect(signs('bahis sitesi')).toEqual([])
    expect(signs('https://example.com siparişiniz')).toEqual([])
    expect(signs('bahis sitesi', true)).toEqual(['banned_link 1'])
    expect(signs('sabah isterseniz www.a.b')).toEqual([])
    expect(signs('Rakip mağaza www.a.b', false, SPAM_FLOOR, ['rakip mağaza*'])).toEqual(['banned_link 1'])
    expect(signs('a+b (c www.a.b', false, SPAM_FLOOR, ['c.d'])).toEqual([])
  })

  it('answers any text, at once', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), fc.boolean(), (text, hasLink) => {
        for (const sign of signsOf(text, hasLink, SPAM_FLOOR, bannedWords([]))) expect(sign.measure).toBeGreaterThan(0)
      }),
    )
    expect(signs('a '.repeat(2_000_000))).toEqual([])
  })
})

describe('burstsOf', () => {
  const floor = { burstMessages: 5, burstSeconds: 60 }
  const every = (ms: number, n: number) => Array.from({ length: n }, (_, i) => i * ms)

  it('tells the fifth message within a minute, and the next one a window later', () => {
    expect(burstsOf(every(14_000, 5), every(14_000, 5), floor)).toEqual([{ index: 4, measure: 5 }])
    expect(burstsOf(every(15_000, 5), every(15_000, 5), floor)).toEqual([])
    expect(burstsOf(every(1_000, 130), every(1_000, 130), floor).map(({ index }) => index)).toEqual([4, 64, 124])
  })

  it('finds none where no window holds as many, and one wherever one does', () => {
    const instants = fc
      .array(fc.integer({ min: 0, max: 600_000 }), { maxLength: 30 })
      .map((a) => a.toSorted((x, y) => x - y))
    fc.assert(
      fc.property(instants, (at) => {
        const isBurst = at.some((_, i) => i >= 4 && (at[i] ?? 0) - (at[i - 4] ?? 0) < 60_000)
        expect(burstsOf(at, at, floor).length > 0).toBe(isBurst)
      }),
    )
  })
})

describe('parametersOf', () => {
  it('is never weaker than the floor, whatever level, tenant and group say', () => {
    const tuning = fc.record(
      {
        burstMessages: fc.integer({ min: -5, max: 1_000 }),
        burstSeconds: fc.integer({ min: -5, max: 10_000 }),
        repeatedCharacters: fc.integer({ min: -5, max: 1_000 }),
        emojiMax: fc.integer({ min: -5, max: 1_000 }),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.constantFrom(...SPAM_LEVELS), tuning, tuning, (level, own, chat) => {
        const held = parametersOf(level, own, chat)
        expect(isNoWeaker(held, SPAM_FLOOR)).toBe(true)
        if (!SPAM_TERMS[level].mayTune && !SPAM_TERMS[level].mayTuneChats)
          expect(held).toEqual(parametersOf(level, {}, {}))
      }),
    )
  })

  it('knows the levels that packages name, and each is at least as strict as the one that holds for all', () => {
    expect(SPAM_LEVELS).toEqual(TIERS.spam)
    expect(parametersOf('basic', {}, {})).toEqual(SPAM_FLOOR)
    expect(SPAM_FLOOR).toEqual({ burstMessages: 5, burstSeconds: 60, repeatedCharacters: 5, emojiMax: 10 })
  })
})

describe('checkTuning', () => {
  it('keeps what is stricter than the floor and refuses what is weaker, naming the bounds', () => {
    expect(checkTuning({ burstMessages: 3, burstSeconds: 120, emojiMax: undefined })).toEqual({
      burstMessages: 3,
      burstSeconds: 120,
    })
    for (const weaker of [{ burstMessages: 6 }, { burstSeconds: 59 }, { emojiMax: 11 }, { repeatedCharacters: 6 }])
      expect(() => checkTuning(weaker)).toThrow('protection_bounds')
    expect(() => checkTuning({ burstMessages: 2.5 })).toThrow('protection_bounds')
    expect(() => checkTuning({ other: 1 })).toThrow('unknown_word')
  })
})
