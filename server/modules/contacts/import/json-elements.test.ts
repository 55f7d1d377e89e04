import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { type JsonElement, type Visit, readJsonElements } from './json-elements.ts'

const collect = async (
  text: string | Buffer,
  visit: (place: string) => Visit,
  pieceBytes = 7,
): Promise<JsonElement[]> => {
  const bytes = Buffer.from(text as string)
  async function* pieces() {
    for (let i = 0; i < bytes.length; i += pieceBytes) yield await Promise.resolve(bytes.subarray(i, i + pieceBytes))
  }
  const elements: JsonElement[] = []
  for await (const element of readJsonElements(pieces(), visit)) elements.push(element)
  return elements
}

const enterAllTake =
  (...places: string[]) =>
  (place: string): Visit =>
    places.includes(place) ? 'take' : places.some((p) => place === '' || p.startsWith(`${place}.`)) ? 'enter' : 'skip'

describe('readJsonElements', () => {
  test('hands over what is wanted, in order, and passes over the rest', async () => {
    const text =
      '\ufeff{ "a": [1, {"x": "]}\\""}], "skip": {"a": [[]], "s": "\\\\"}, "n" : -1.5e3, "b": true , "c":null, "e": [] }'
    const got = await collect(text, enterAllTake('a.[]', 'n', 'b', 'c', 'e.[]'))
    expect(got).toEqual([
      { kind: 'value', place: 'a.[]', value: 1 },
      { kind: 'value', place: 'a.[]', value: { x: ']}"' } },
      { kind: 'end', place: 'a' },
      { kind: 'value', place: 'n', value: -1500 },
      { kind: 'value', place: 'b', value: true },
      { kind: 'value', place: 'c', value: null },
      { kind: 'end', place: 'e' },
      { kind: 'end', place: '' },
    ])
  })

  test('yields every element of any array, however the file is written and cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue()),
        fc.jsonValue(),
        fc.constantFrom(0, 1, 2),
        fc.integer({ min: 1, max: 40 }),
        async (list, other, indent, piece) => {
          const text = JSON.stringify({ other, list, 'ünïque "key"\n': other }, null, indent)
          const got = await collect(text, enterAllTake('list.[]'), piece)
          expect(got.flatMap((e) => (e.kind === 'value' ? [e.value] : []))).toEqual(JSON.parse(JSON.stringify(list)))
        },
      ),
    )
  })

  test('reads the control characters Telegram Desktop writes, and leaves an escaped backslash alone', async () => {
    const got = await collect(String.raw`{"a": ["x\x0By", "c:\\x0B", "\\\x1F"]}`, enterAllTake('a.[]'))
    expect(got.flatMap((e) => (e.kind === 'value' ? [e.value] : []))).toEqual([
      'x\u000by',
      String.raw`c:\x0B`,
      '\\\u001f',
    ])
  })

  test('says which element is unreadable and goes on', async () => {
    const got = await collect(
      Buffer.concat([Buffer.from('{"a": [{"b" 1}, "'), Buffer.from([0xff, 0xfe]), Buffer.from('", 3]}')]),
      enterAllTake('a.[]'),
    )
    expect(got.slice(0, 3)).toEqual([
      { kind: 'unreadable', place: 'a.[]', byte: 7 },
      { kind: 'unreadable', place: 'a.[]', byte: 16 },
      { kind: 'value', place: 'a.[]', value: 3 },
    ])
  })

  test.each([
    ['', 'import_json_broken'],
    ['<html>', 'import_json_broken'],
    ['[1]', 'import_json_broken'],
    ['{"a" 1}', 'import_json_broken'],
    ['{"a": 1} x', 'import_json_broken'],
    ['{"a": 1,, "b": 2}', 'import_json_broken'],
    ['{"a": 1', 'import_json_cut_off'],
    ['{"a": "x', 'import_json_cut_off'],
    ['{"a": [1, 2', 'import_json_cut_off'],
    ['{', 'import_json_cut_off'],
  ])('refuses %j', async (text, code) => {
    await expect(collect(text, enterAllTake('a.[]'))).rejects.toMatchObject({
      kind: 'invalid',
      code,
      params: { field: 'file' },
    })
  })

  test('never holds more than one element: a line of nine megabytes is refused, skipping one is not', async () => {
    const text = `{"a": ["${'x'.repeat(9_000_000)}"]}`
    await expect(collect(text, enterAllTake('a.[]'), 262_144)).rejects.toMatchObject({ code: 'import_json_too_long' })
    expect(await collect(text, (place) => (place === '' ? 'enter' : 'skip'), 262_144)).toEqual([
      { kind: 'end', place: '' },
    ])
  })
})
