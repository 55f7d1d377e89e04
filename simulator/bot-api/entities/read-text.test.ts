import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readFormattedText } from '#simulator/bot-api/entities/read-text.ts'
import { createManualSimulatorClock } from '#simulator/clock.ts'
import { createWorld } from '#simulator/world/create-world.ts'
import { createUser } from '#simulator/world/users.ts'

const world = createWorld(createManualSimulatorClock(0), 'read-text')
const user = createUser(world, { id: 42, firstName: 'Ayşe' })

/** A tree of formatting with the plain text it stands for. */
type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tag'; readonly tag: Tag; readonly children: readonly Node[] }
type Tag = (typeof TAGS)[number]

const TAGS = [
  { html: 'b', markdown: '*', type: 'bold' },
  { html: 'i', markdown: '_', type: 'italic' },
  { html: 's', markdown: '~', type: 'strikethrough' },
  { html: 'tg-spoiler', markdown: '||', type: 'spoiler' },
] as const

const text = fc
  .array(fc.constantFrom('a', 'ş', '👍', '<', '&', '"', '.', '*', '_', '~', '|', '-', 'İ', 'x y'), {
    minLength: 1,
    maxLength: 6,
  })
  .map((pieces): Node => ({ kind: 'text', text: pieces.join('') }))

/** Each tag at most once on a path, and never side by side: `**` and `__` mean something else in MarkdownV2. */
function nodes(tags: readonly Tag[]): fc.Arbitrary<readonly Node[]> {
  if (tags.length === 0) return fc.array(text, { minLength: 1, maxLength: 2 })
  const tagged = fc
    .constantFrom(...tags)
    .chain((tag) =>
      nodes(tags.filter((other) => other !== tag)).map((children): Node => ({ kind: 'tag', tag, children })),
    )
  return fc
    .tuple(text, fc.option(tagged), text)
    .map(([before, inner, after]) => (inner ? [before, inner, after] : [before, after]))
}

const plain = (tree: readonly Node[]): string =>
  tree.map((node) => (node.kind === 'text' ? node.text : plain(node.children))).join('')

const html = (tree: readonly Node[]): string =>
  tree
    .map((node) =>
      node.kind === 'text'
        ? node.text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
        : `<${node.tag.html}>${html(node.children)}</${node.tag.html}>`,
    )
    .join('')

const markdown = (tree: readonly Node[]): string =>
  tree
    .map((node) =>
      node.kind === 'text'
        ? node.text.replace(/[_*[\]()~`>#+\-=|{}.!]/g, (character) => `\\${character}`)
        : `${node.tag.markdown}${markdown(node.children)}${node.tag.markdown}`,
    )
    .join('')

describe('readFormattedText', () => {
  it('finds the same text and entities in both modes, whatever the formatting', () => {
    fc.assert(
      fc.property(nodes(TAGS), (tree) => {
        const fromHtml = readFormattedText(world, html(tree), 'HTML', undefined)
        const fromMarkdown = readFormattedText(world, markdown(tree), 'MarkdownV2', undefined)
        expect(fromHtml).toEqual(fromMarkdown)
        expect(fromHtml.text).toBe(plain(tree).trim())
        for (const { offset, length } of fromHtml.entities) {
          expect(offset).toBeGreaterThanOrEqual(0)
          expect(length).toBeGreaterThan(0)
          expect(offset + length).toBeLessThanOrEqual(fromHtml.text.length)
          expect(fromHtml.text.slice(offset, offset + length).isWellFormed()).toBe(true)
        }
      }),
    )
  })

  it('either reads any text or refuses it with a 400, in every mode', () => {
    const fragment = fc.constantFrom(
      '<b>',
      '</b>',
      '<',
      '>',
      '/',
      '*',
      '__',
      '|',
      '`',
      '```',
      '[',
      '](',
      ')',
      '!',
      '\\',
      '\n',
      '>',
      '&',
      '&#',
      'a',
      '👍',
      ' ',
      '"',
      '=',
    )
    fc.assert(
      fc.property(
        fc.array(fragment).map((parts) => parts.join('')),
        fc.constantFrom('HTML', 'MarkdownV2', 'Markdown'),
        (source, mode) => {
          try {
            const read = readFormattedText(world, source, mode, undefined)
            for (const { offset, length } of read.entities)
              expect(offset + length).toBeLessThanOrEqual(read.text.length)
          } catch (error) {
            expect(String(error)).toMatch(/^BotApiError: Bad Request: /)
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  it('trims white space and moves entities with the text', () => {
    expect(readFormattedText(world, '  <b> x</b> ', 'HTML', undefined)).toEqual({
      text: 'x',
      entities: [{ type: 'bold', offset: 0, length: 1 }],
    })
  })

  it('finds commands, links, mentions and hashtags by itself', () => {
    const { entities } = readFormattedText(
      world,
      '/start a@b.com @someone #fırsat https://example.com/x. example.com',
      undefined,
      undefined,
    )
    expect(entities.map(({ type }) => type)).toEqual(['bot_command', 'email', 'mention', 'hashtag', 'url', 'url'])
  })

  it('mentions a known person and drops an unknown one', () => {
    expect(readFormattedText(world, '<a href="tg://user?id=42">x</a>', 'HTML', undefined).entities).toEqual([
      { type: 'text_mention', offset: 0, length: 1, user: user.view },
    ])
    expect(readFormattedText(world, '<a href="tg://user?id=43">x</a>', 'HTML', undefined).entities).toEqual([])
  })

  it('refuses a mode it does not know', () => {
    expect(() => readFormattedText(world, 'x', 'BBCode', undefined)).toThrow('Bad Request: unsupported parse_mode')
  })

  it('refuses given entities outside of the text', () => {
    const entity = { type: 'bold' as const, offset: 1, length: 5 }
    expect(() => readFormattedText(world, 'abc', undefined, [entity])).toThrow(
      'entity beginning at UTF-16 offset 1 ends after the end of the text at UTF-16 offset 6',
    )
  })
})
