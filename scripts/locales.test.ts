import { readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { describe, expect, it } from 'vitest'

import { LOCALES, type Locale } from '#contract/words.ts'

import { type Catalogue, parityFaults } from './locale-parity.rules.ts'

const FOLDER = resolve(import.meta.dirname, '../locales')

const filesOf = (locale: Locale): readonly string[] =>
  readdirSync(join(FOLDER, locale))
    .filter((file) => file.endsWith('.json'))
    .sort()

const read = (locale: Locale, file: string): Catalogue =>
  JSON.parse(readFileSync(join(FOLDER, locale, file), 'utf8')) as Catalogue

describe('locales', () => {
  it('have the same files in every language', () => {
    expect(filesOf('en')).toContain('cli.json')
    for (const locale of LOCALES) expect(filesOf(locale)).toEqual(filesOf('en'))
  })

  it.each(filesOf('en'))('agree on keys, placeholders and plural forms of %s', (file) => {
    expect(
      parityFaults({ tr: read('tr', file), en: read('en', file), ru: read('ru', file), ar: read('ar', file) }),
    ).toEqual([])
  })
})

describe('parityFaults', () => {
  const plural = (categories: readonly string[]): Catalogue =>
    Object.fromEntries(categories.map((category) => [`sent_${category}`, '{{count}} sent']))
  const agreed = {
    en: plural(['one', 'other']),
    tr: plural(['one', 'other']),
    ru: plural(['one', 'few', 'many', 'other']),
    ar: plural(['zero', 'one', 'two', 'few', 'many', 'other']),
  }

  it('finds nothing where the languages agree', () => {
    expect(parityFaults(agreed)).toEqual([])
  })

  it('names a missing plural form', () => {
    expect(parityFaults({ ...agreed, ru: plural(['one', 'other']) })).toEqual([
      'ru sent: no form "few"',
      'ru sent: no form "many"',
    ])
  })

  it('names a missing key, a stray key and a placeholder that English does not have', () => {
    const faults = parityFaults({
      en: { a: { b: 'Hello {{name}}' } },
      tr: { a: { b: 'Selam {{ad}}' } },
      ru: {},
      ar: { a: { b: 'مرحبا {{name}}', c: 'x' } },
    })
    expect(faults).toEqual([
      'tr a.b: placeholders {ad}, English has {name}',
      'ru a.b: missing',
      'ar a.c: not in English',
    ])
  })

  it('names an empty text', () => {
    expect(parityFaults({ en: { a: 'A' }, tr: { a: ' ' }, ru: { a: 'А' }, ar: { a: 'ا' } })).toEqual(['tr a: empty'])
  })
})
