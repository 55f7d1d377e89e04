import { describe, expect, it } from 'vitest'

import { findWinner, hasContest } from './winner.rules.ts'

const wording = (key: string, responded: number, sent: number) => ({ key, responded, sent })

describe('findWinner', () => {
  it('names the wording that is ahead of the second by more than chance', () => {
    const rows = [wording('0/7:a', 20, 200), wording('0/7:b', 60, 200), wording('0/7:c', 25, 200)]
    expect(findWinner(rows)).toEqual({ templateId: 7, variant: 'b' })
    expect(findWinner(rows.toReversed())).toEqual({ templateId: 7, variant: 'b' })
  })

  it.each([
    ['one that is better by what chance gives', [wording('0/7:a', 20, 200), wording('0/7:b', 26, 200)]],
    ['two that beat the third and not each other', [wording('0/7:a', 60, 200), wording('0/7:b', 62, 200), wording('0/7:c', 1, 200)]], // prettier-ignore
    ['few messages', [wording('0/7:a', 0, 3), wording('0/7:b', 2, 3)]],
    ['one that was sent to nobody', [wording('0/7:a', 0, 0), wording('0/7:b', 60, 200)]],
    ['one wording alone', [wording('0/7:a', 60, 200)]],
    ['several messages of a drip', [wording('0/7:a', 20, 200), wording('1/8:a', 60, 200)]],
    ['nothing', []],
  ])('names none for %s', (_, rows) => {
    expect(findWinner(rows)).toBeNull()
  })
})

describe('hasContest', () => {
  it('is where one message has several wordings', () => {
    expect(hasContest([{ key: '0/7:a' }, { key: '0/7:b' }])).toBe(true)
    expect(hasContest([{ key: '0/7:a' }, { key: '1/7:a' }])).toBe(false)
    expect(hasContest([{ key: '0/7:a' }])).toBe(false)
  })
})
