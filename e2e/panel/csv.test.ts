import { describe, expect, it } from 'vitest'

import { toCsv } from '#web/lib/csv.ts'

describe('toCsv', () => {
  it('keeps what holds separators in one field, and begins with the mark of UTF-8', () => {
    expect(toCsv(['Ad', 'Sayı'], [['a, "b"\nc', 3]])).toBe('\uFEFFAd,Sayı\r\n"a, ""b""\nc",3\r\n')
  })

  it('lets no name be a formula; numbers below zero stay numbers', () => {
    const [, ...lines] = toCsv(['x'], [['=1+1'], ['+x'], ['-x'], ['@x'], ['\tx'], [-5]])
      .trim()
      .split('\r\n')
    expect(lines).toEqual(["'=1+1", "'+x", "'-x", "'@x", "'\tx", '-5'])
  })
})
