import { describe, expect, it } from 'vitest'
import { parseHtml } from '#simulator/bot-api/entities/parse-html.ts'

describe('parseHtml', () => {
  it('takes tags out and counts offsets in UTF-16 units', () => {
    expect(parseHtml('👍 <b>iyi</b> <i>gün</i>')).toEqual({
      text: '👍 iyi gün',
      entities: [
        { type: 'bold', offset: 3, length: 3 },
        { type: 'italic', offset: 7, length: 3 },
      ],
    })
  })

  it('knows every tag Telegram documents', () => {
    const source =
      '<b>a</b><strong>a</strong><i>a</i><em>a</em><u>a</u><ins>a</ins><s>a</s><strike>a</strike><del>a</del>' +
      '<span class="tg-spoiler">a</span><tg-spoiler>a</tg-spoiler><a href="http://example.com/">a</a>' +
      '<a href="tg://user?id=7">a</a><tg-emoji emoji-id="5368324170671202286">a</tg-emoji><code>a</code><pre>a</pre>' +
      '<pre><code class="language-python">a</code></pre><blockquote>a</blockquote><blockquote expandable>a</blockquote>'
    const { entities } = parseHtml(source)
    expect(entities.map(({ type }) => type)).toEqual([
      'bold',
      'bold',
      'italic',
      'italic',
      'underline',
      'underline',
      'strikethrough',
      'strikethrough',
      'strikethrough',
      'spoiler',
      'spoiler',
      'text_link',
      'text_mention',
      'custom_emoji',
      'code',
      'pre',
      'pre',
      'blockquote',
      'expandable_blockquote',
    ])
    expect(entities[16]).toMatchObject({ argument: 'python' })
    expect(entities[12]).toMatchObject({ userId: 7 })
  })

  it('puts the outer of two nested entities first', () => {
    expect(parseHtml('<b><i>x</i>y</b>').entities).toEqual([
      { type: 'bold', offset: 0, length: 2 },
      { type: 'italic', offset: 0, length: 1 },
    ])
  })

  it('decodes the four names and numbers, and leaves other ampersands alone', () => {
    expect(parseHtml('&lt;&gt;&amp;&quot;&#65;&#x1F44D; &nbsp; &').text).toBe('<>&"A👍 &nbsp; &')
  })

  it.each([
    ['<b>x', `Can't find end tag corresponding to start tag "b"`],
    ['<x>y</x>', 'Unsupported start tag "x" at byte offset 0'],
    ['ğ<x>', 'Unsupported start tag "x" at byte offset 2'],
    ['<b', 'Unclosed start tag at byte offset 0'],
    ['a < b', 'Unsupported start tag "" at byte offset 2'],
    ['x</b>', 'Unexpected end tag at byte offset 1'],
    ['<b>x</i>', 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'],
    ['<b>x</b', 'Unclosed end tag at byte offset 4'],
    ['<a ="x">y</a>', 'Empty attribute name in the tag "a" at byte offset 0'],
    ['<a href=x$>y</a>', 'Unexpected end of name token at byte offset 8'],
    ['<a href="x', 'Unclosed start tag at byte offset 0'],
    ['<a href=', 'Unclosed start tag "a" at byte offset 0'],
    ['<span>x</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
    ['<tg-emoji emoji-id="x">y</tg-emoji>', 'Invalid custom emoji identifier specified'],
  ])('refuses %s in the words of Telegram', (source, reason) => {
    expect(() => parseHtml(source)).toThrow(`Bad Request: can't parse entities: ${reason}`)
  })
})
