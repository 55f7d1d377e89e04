import { describe, expect, it } from 'vitest'

import { randomKey, secretBox } from './secret.ts'

describe('secretBox', () => {
  const box = secretBox(Buffer.alloc(32, 1))

  it('gives texts and bytes back as they were, and never seals one twice alike', () => {
    for (const text of ['', 'a', 'ğüş 🔑'.repeat(50)]) expect(box.open(box.seal(text, 'c'), 'c')).toBe(text)
    const bytes = Buffer.from([0, 255, 128, 195, 40])
    expect(box.openBytes(box.sealBytes(bytes, 'c'), 'c')).toEqual(bytes)
    expect(box.sealBytes(bytes, 'c')).not.toEqual(box.sealBytes(bytes, 'c'))
  })

  it('opens nothing under another context or key, and nothing with a byte changed', () => {
    const sealed = box.sealBytes(Buffer.from('gizli'), 'tenant:1')
    const refusal = { code: 'secret_unreadable' }
    expect(() => box.openBytes(sealed, 'tenant:2')).toThrow(expect.objectContaining(refusal))
    expect(() => secretBox(randomKey()).openBytes(sealed, 'tenant:1')).toThrow(expect.objectContaining(refusal))
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(() => box.openBytes(changed, 'tenant:1')).toThrow(expect.objectContaining(refusal))
    }
    expect(() => box.openBytes(sealed.subarray(0, 20), 'tenant:1')).toThrow(expect.objectContaining(refusal))
  })

  it('takes keys of 32 bytes alone', () => {
    expect(() => secretBox(Buffer.alloc(16))).toThrow(expect.objectContaining({ code: 'secret_key_length' }))
  })
})
