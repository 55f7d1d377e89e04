import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { html } from './html.ts'

describe('html', () => {
  it('escapes what is put in, as text and in an attribute', () => {
    const name = `<script>alert("1")</script> & 'co'`
    expect(html`<p title="${name}">${name}</p>`.toString()).toBe(
      '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;co&#39;">' +
        '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;co&#39;</p>',
    )
  })

  it('takes markup of its own as it is, also in lists, and nothing for nothing', () => {
    const rows = ['a', '<b>'].map((row) => html`<li>${row}</li>`)
    expect(
      html`<ul>
        ${rows}${null}${false}${undefined}${0}
      </ul>`
        .toString()
        // The formatter lays templates out anew.
        .replaceAll(/\s*\n\s*/g, ''),
    ).toBe('<ul><li>a</li><li>&lt;b&gt;</li>0</ul>')
  })

  it('takes no object for markup that only looks like it', () => {
    const forged = { toString: () => '<img onerror=x>' } as unknown as string
    expect(html`${forged}`.toString()).toBe('&lt;img onerror=x&gt;')
  })

  it('lets no text end its element or attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const inside = html`${text}`.toString()
        expect(inside).not.toMatch(/[<>"']/)
        const plain = inside.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"')
        expect(plain.replaceAll('&#39;', "'").replaceAll('&amp;', '&')).toBe(text)
      }),
    )
  })
})
