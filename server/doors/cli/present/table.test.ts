import { stripVTControlCharacters } from 'node:util'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { manyLines, oneLine, renderPairs, renderTable } from './table.ts'

const plain = { hasColor: false }
const colored = { hasColor: true }
const rows = [
  { name: 'Ayşe', count: 5 },
  { name: 'Mehmet', count: 12_000 },
]

describe('renderTable', () => {
  it('aligns text to the left, numbers to the right, and ends lines without blanks', () => {
    const columns = [
      { title: 'Name', value: (row: (typeof rows)[number]) => row.name },
      { title: 'Count', value: (row: (typeof rows)[number]) => row.count, align: 'right' as const },
    ]
    expect(renderTable(plain, columns, rows, '')).toBe('Name    Count\nAyşe        5\nMehmet  12000')
  })

  it('leaves out the line of titles where all are empty', () => {
    expect(renderTable(plain, [{ title: '', value: (row: string) => row }], ['a', 'b'], '')).toBe('a\nb')
  })

  it('says what stands for no rows', () => {
    expect(renderTable(plain, [{ title: 'x', value: () => '' }], [], 'nobody')).toBe('nobody')
  })

  it('colours a cell by its row and still takes control sequences out of its text', () => {
    const column = { title: '', value: () => '\u001b[8mhidden', style: () => 'red' as const }
    expect(renderTable(colored, [column], [1], '')).toBe('\u001b[31m [8mhidden\u001b[39m')
    expect(renderTable(plain, [column], [1], '')).toBe(' [8mhidden')
  })
})

describe('renderPairs', () => {
  it('aligns the values', () => {
    expect(
      renderPairs(plain, [
        ['a', 1],
        ['long', 'x\ny'],
      ]),
    ).toBe('a     1\nlong  x y')
  })
})

describe('oneLine and manyLines', () => {
  it('let nothing through that steers a terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(oneLine(text)).not.toMatch(/\p{Cc}/u)
        expect(stripVTControlCharacters(manyLines(text))).toBe(manyLines(text))
      }),
    )
  })

  it('keep what people write', () => {
    expect(oneLine('Şule Çınar 👩‍💻 مرحبا')).toBe('Şule Çınar 👩‍💻 مرحبا')
    expect(manyLines('a\nb')).toBe('a\nb')
  })
})
