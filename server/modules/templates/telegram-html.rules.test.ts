import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { parseHtml } from '#simulator/bot-api/entities/parse-html.ts'

import { parseTelegramHtml } from './telegram-html.rules.ts'

const faultOf = (html: string) => {
  const parsed = parseTelegramHtml(html)
  return parsed.ok ? null : parsed.message
}
const textOf = (html: string) => {
  const parsed = parseTelegramHtml(html)
  return parsed.ok ? parsed.text : null
}

/** The text, or the complaint without its prefix, of the other parser. */
const simulated = (html: string): string => {
  try {
    return parseHtml(html).text
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^.*?can't parse entities: /u, '') : ''
  }
}

describe('parseTelegramHtml', () => {
  it('reads every tag Telegram knows', () => {
    const html =
      '<b>1</b><strong>2</strong><i>3</i><em>4</em><u>5</u><ins>6</ins><s>7</s><strike>8</strike><del>9</del>' +
      '<span class="tg-spoiler">a</span><tg-spoiler>b</tg-spoiler><tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>' +
      '<a href="https://example.com/?a=1&amp;b=2">c</a><code>d</code><pre>e</pre>' +
      '<pre><code class="language-python">f</code></pre><blockquote>g</blockquote><blockquote expandable>h</blockquote>'
    expect(parseTelegramHtml(html)).toEqual({
      ok: true,
      text: '123456789ab👍cdefgh',
      links: ['https://example.com/?a=1&b=2'],
      emojiIds: ['5368324170671202286'],
      unknownEntities: [],
    })
  })

  it('decodes the four named entities and numbers, and shows others as they are', () => {
    expect(textOf('&lt;&gt;&amp;&quot;&#39;&#x1F600;&lt')).toBe('<>&"\'😀<')
    expect(parseTelegramHtml('a&nbsp;b & c &copy; 3 > 2')).toMatchObject({
      ok: true,
      text: 'a&nbsp;b & c &copy; 3 > 2',
      unknownEntities: ['&nbsp;', '&copy;'],
    })
  })

  it('complains in Telegram’s words, counting bytes', () => {
    expect(faultOf('<b>kalın')).toBe('Can\'t find end tag corresponding to start tag "b"')
    expect(faultOf('<div>x</div>')).toBe('Unsupported start tag "div" at byte offset 0')
    expect(faultOf('ışık <br>')).toBe('Unsupported start tag "br" at byte offset 8')
    expect(faultOf('2 < 3')).toBe('Unsupported start tag "" at byte offset 2')
    expect(faultOf('a <b')).toBe('Unclosed start tag at byte offset 2')
    expect(faultOf('<b>x</i>')).toBe('Unmatched end tag at byte offset 4, expected "</b>", found "</i>"')
    expect(faultOf('x</b>')).toBe('Unexpected end tag at byte offset 1')
    expect(faultOf('<b>x</b')).toBe('Unclosed end tag at byte offset 4')
    expect(faultOf('<span>x</span>')).toBe('Tag "span" must have class "tg-spoiler" at byte offset 0')
    expect(faultOf('<a href=x_y>x</a>')).toBe('Unexpected end of name token at byte offset 8')
    expect(faultOf('<a href="x>x</a>')).toBe('Unclosed start tag at byte offset 0')
    expect(faultOf('<tg-emoji emoji-id="0">x</tg-emoji>')).toBe('Invalid custom emoji identifier specified')
  })

  it('agrees with the simulator’s parser on any mixture of fragments: same verdict, same text, same complaint', () => {
    const fragment = fc.constantFrom(
      '<b>', '</b>', '<i>', '</i>', '</>', '<a href="https://a.example">', '<a href=a.example>', '</a>', '<span class="tg-spoiler">',
      '<span>', '</span>', '<blockquote expandable>', '</blockquote>', '<tg-emoji emoji-id="12">', '</tg-emoji>', '<code class="language-js">',
      '</code>', '<pre>', '</pre>', '<B >', '< b>', '<br/>', '<', '>', '/', '"', '=', ' ', '&lt;', '&nbsp;', '&#65;', '&#xD83D;', '&#0;', '&',
      'ş', '😀', 'a', '\n', 'href',
    ) // prettier-ignore
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 12 }), (fragments) => {
        const html = fragments.join('')
        const parsed = parseTelegramHtml(html)
        expect(parsed.ok ? parsed.text : parsed.message).toBe(simulated(html))
      }),
      { numRuns: 5_000 },
    )
  })
})
