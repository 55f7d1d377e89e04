import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { METHODS, OBJECT_TYPES } from '#simulator/bot-api/schema/methods.ts'

describe('METHODS', () => {
  it('is what the types of the installed Bot API say', () => {
    const script = new URL('../../../scripts/extract-bot-api-schema.ts', import.meta.url).pathname
    expect(execFileSync(process.execPath, [script, '--check'], { encoding: 'utf8' })).toContain('is current')
  })

  it('knows what sendMessage takes, with the chat last', () => {
    const params = METHODS.get('sendmessage')?.params ?? []
    expect(params.filter(({ required }) => required).map(({ name }) => name)).toEqual(['text', 'chat_id'])
    expect(params.at(-1)).toEqual({ name: 'chat_id', kinds: ['number', 'string'], required: true })
  })

  it('describes every object type that a parameter or a field mentions', () => {
    const fields = [...METHODS.values()].flatMap(({ params }) => params)
    const nested = [...OBJECT_TYPES.values()].flatMap((entries) => entries.map(([, field]) => field))
    const mentioned = [...fields, ...nested].flatMap(({ type, items }) => [type, items?.type, items?.items?.type])
    expect(mentioned.filter((type) => type !== undefined && !OBJECT_TYPES.has(type))).toEqual([])
  })
})
