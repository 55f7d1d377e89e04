import { describe, expect, it } from 'vitest'

import { decodeCall, encodeCall } from './callback-codec.ts'
import { PANEL_COMMANDS } from './registry.ts'

describe('encodeCall', () => {
  it('comes back as it was', () => {
    const call = { action: 'acc.pause', tenantId: 1_234, nonce: 'abcd1234', args: ['17', 'x-y_z'] }
    expect(decodeCall(encodeCall(call))).toEqual(call)
  })

  it('fits every action of the registry into 64 bytes, with the largest numbers a database gives and a question', () => {
    for (const { key, actions = {} } of PANEL_COMMANDS) {
      for (const verb of ['open', 'choose', ...Object.keys(actions)]) {
        const call = {
          action: `${key}.${verb}`,
          tenantId: 9_999_999_999,
          nonce: 'abcd1234',
          args: ['9999999999', '99'],
        }
        expect(Buffer.byteLength(encodeCall(call))).toBeLessThanOrEqual(64)
      }
    }
  })

  it('refuses what a button cannot carry', () => {
    const call = { action: 'acc.show', tenantId: 1, nonce: '', args: [] }
    expect(() => encodeCall({ ...call, args: ['x'.repeat(64)] })).toThrow('no button')
    expect(() => encodeCall({ ...call, args: ['a:b'] })).toThrow('no button')
    expect(() => encodeCall({ ...call, action: 'Acc.show' })).toThrow('no button')
  })
})

describe('decodeCall', () => {
  it.each([
    '',
    '0:acc.show:1:',
    '2:acc.show:1:',
    '1:acc:1:',
    '1:acc.show:!:',
    '1:acc.show:1:n:ö',
    '1:acc.show',
    'erase_yes',
  ])('knows nothing of %j', (data) => {
    expect(decodeCall(data)).toBeNull()
  })
})
