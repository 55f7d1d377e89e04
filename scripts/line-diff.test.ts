import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { lineDiff } from './line-diff.ts'

describe('lineDiff', () => {
  it('shows what was taken out and what was put in, and nothing else', () => {
    expect(lineDiff('a\nb\nc', 'a\nx\nc\nd')).toBe('- b\n+ x\n+ d')
    expect(lineDiff('a\nb', 'a\nb')).toBe('')
  })

  it('turns the one text into the other, whatever they are', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1 })
    fc.assert(
      fc.property(text, text, (before, after) => {
        const counts = (lines: readonly string[]) => Map.groupBy(lines, (line) => line)
        const moved = lineDiff(before.join('\n'), after.join('\n')).split('\n')
        const count = (lines: readonly string[], line: string) => counts(lines).get(line)?.length ?? 0
        for (const letter of ['a', 'b', 'c']) {
          const change = count(moved, `+ ${letter}`) - count(moved, `- ${letter}`)
          expect(count(after, letter) - count(before, letter)).toBe(change)
        }
      }),
    )
  })
})
