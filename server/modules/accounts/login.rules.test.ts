import { describe, expect, it } from 'vitest'

import { LOCALES } from '#contract/words.ts'
import { createTranslator } from '#server/base/translate.ts'
import { LOGIN_REFUSALS, type LoginRefusal } from '#server/gateways/telegram/login.ts'

import { bucketOfPhone, checkCode, checkPhone, endsLogin, maskPhone, refusalOf } from './login.rules.ts'

const refusals = Object.keys(LOGIN_REFUSALS) as LoginRefusal[]

describe('refusalOf', () => {
  it.each(LOCALES)('has a text of its own for every refusal in %s, saying what to do next', (locale) => {
    const t = createTranslator(locale, 'errors')
    const texts = refusals.map((refusal) => {
      const { code, params } = refusalOf(refusal, 600, { triesLeft: 3 })
      const text = t(code, params)
      expect(text).not.toBe(code)
      expect(text).not.toMatch(/\{\{|undefined/)
      // What happened and what to do, in two clauses or sentences at least.
      if (refusal !== 'code_empty') expect(text).toMatch(/[;:؛.:].+\S/)
      return text
    })
    expect(new Set(texts).size).toBe(refusals.length)
  })

  it('names the field at fault and the minutes that Telegram asks for', () => {
    expect(refusalOf('code_invalid', null).params).toMatchObject({ field: 'code' })
    expect(refusalOf('flood_wait', 61)).toMatchObject({ kind: 'rate_limited', params: { minutes: 2 } })
    expect(refusalOf('unreachable', null).kind).toBe('unavailable')
  })
})

describe('endsLogin', () => {
  it('lets what can be mended go on, and ends the rest', () => {
    expect(refusals.filter((refusal) => !endsLogin(refusal)).toSorted()).toEqual([
      'code_empty',
      'code_expired',
      'code_invalid',
      'flood_wait',
      'password_changed',
      'password_invalid',
      'phone_flood',
      'unreachable',
    ])
  })
})

describe('checkPhone', () => {
  it.each([
    ['+90 555 111 22 33', '+905551112233'],
    ['0090 (555) 111-22-33', '+905551112233'],
    ['+٩٠٥٥٥١١١٢٢٣٣', '+905551112233'],
    ['+888 0123 4567', '+88801234567'],
  ])('takes %s', (given, phone) => {
    expect(checkPhone(given)).toBe(phone)
  })

  it.each([
    ['0555 111 22 33', 'phone_country_missing'],
    ['+90 555', 'phone_too_short'],
    ['+90 555 111 22 33 44 55 66 77', 'phone_too_long'],
    ['telefonum', 'phone_not_a_number'],
    ['+1 111 111 1111', 'phone_impossible'],
    ['', 'phone_not_a_number'],
  ])('says of %s what to mend: %s', (given, code) => {
    expect(() => checkPhone(given)).toThrow(expect.objectContaining({ code, params: { field: 'phone' } }))
  })
})

describe('maskPhone', () => {
  it('shows the country and the last two digits', () => {
    expect(maskPhone('+905551112233')).toBe('+90••••••••33')
    expect(maskPhone('+88801234567')).toBe('+888••••••67')
  })
})

describe('bucketOfPhone', () => {
  it('is the same for the same number and fits three bytes', () => {
    expect(bucketOfPhone('+905551112233')).toBe(bucketOfPhone('+905551112233'))
    expect(bucketOfPhone('+905551112233')).not.toBe(bucketOfPhone('+905551112234'))
    expect(bucketOfPhone('+905551112233')).toBeLessThan(2 ** 24)
  })
})

describe('checkCode', () => {
  it('takes digits of any script, spaced as people like', () => {
    expect(checkCode(' 12-3 45 ')).toBe('12345')
    expect(checkCode('١٢٣٤٥')).toBe('12345')
    expect(checkCode('۱۲۳۴۵')).toBe('12345')
    expect(() => checkCode('kod')).toThrow(expect.objectContaining({ code: 'login_code_empty' }))
  })
})
