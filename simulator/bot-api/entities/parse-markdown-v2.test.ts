import { describe, expect, it } from 'vitest'
import { parseMarkdownV2 } from '#simulator/bot-api/entities/parse-markdown-v2.ts'

describe('parseMarkdownV2', () => {
  it('reads every marker', () => {
    const source = '*b* _i_ __u__ ~s~ ||p|| `c` [l](http://example.com/) ![👍](tg://emoji?id=5368324170671202286)'
    expect(parseMarkdownV2(source)).toEqual({
      text: 'b i u s p c l 👍',
      entities: [
        { type: 'bold', offset: 0, length: 1 },
        { type: 'italic', offset: 2, length: 1 },
        { type: 'underline', offset: 4, length: 1 },
        { type: 'strikethrough', offset: 6, length: 1 },
        { type: 'spoiler', offset: 8, length: 1 },
        { type: 'code', offset: 10, length: 1 },
        { type: 'text_link', offset: 12, length: 1, argument: 'http://example.com/' },
        { type: 'custom_emoji', offset: 14, length: 2, argument: '5368324170671202286' },
      ],
    })
  })

  it('reads code blocks with and without a language', () => {
    expect(parseMarkdownV2('```python\nx = 1\n```').entities).toEqual([
      { type: 'pre', offset: 0, length: 6, argument: 'python' },
    ])
    expect(parseMarkdownV2('```\nx```')).toEqual({ text: 'x', entities: [{ type: 'pre', offset: 0, length: 1 }] })
  })

  it('reads quotes over several lines, and expandable ones', () => {
    expect(parseMarkdownV2('>a\n>b\nc')).toEqual({
      text: 'a\nb\nc',
      entities: [{ type: 'blockquote', offset: 0, length: 4 }],
    })
    expect(parseMarkdownV2('>a\n>b||').entities).toEqual([{ type: 'expandable_blockquote', offset: 0, length: 3 }])
  })

  it('takes an escaped character as it is', () => {
    expect(parseMarkdownV2('1\\.5 \\*x\\*')).toEqual({ text: '1.5 *x*', entities: [] })
  })

  it.each([
    ['1.5', `Character '.' is reserved and must be escaped with the preceding '\\'`],
    ['a-b', `Character '-' is reserved and must be escaped with the preceding '\\'`],
    ['*x', `Can't find end of Bold entity at byte offset 0`],
    ['ş _x', `Can't find end of Italic entity at byte offset 3`],
    ['`x', `Can't find end of Code entity at byte offset 0`],
    ['[x](y', `Can't find end of a URL at byte offset 4`],
    ['![x]', 'The entity must contain a tg://emoji or tg://time URL'],
    ['![x](y)', 'Invalid tg://emoji or tg://time URL specified'],
  ])('refuses %s in the words of Telegram', (source, reason) => {
    expect(() => parseMarkdownV2(source)).toThrow(`Bad Request: can't parse entities: ${reason}`)
  })
})
