import { describe, expect, it } from 'vitest'

import { openWithPassphrase, sealWithPassphrase } from './passphrase.ts'

const PASSPHRASE = 'doğru at pil zımba'
const plain = Buffer.from('1234567890:gizli')

describe('openWithPassphrase', () => {
  it('opens with the passphrase alone, however its letters are composed, and shows nothing of the contents', async () => {
    const archive = await sealWithPassphrase(plain, PASSPHRASE)
    expect(archive).not.toContain('gizli')
    expect(archive).not.toContain(plain.toString('base64').slice(0, 12))
    expect(await openWithPassphrase(archive, PASSPHRASE.normalize('NFD'))).toEqual(plain)
    await expect(openWithPassphrase(archive, `${PASSPHRASE} `)).rejects.toMatchObject({ code: 'archive_refused' })
  })

  it('refuses an archive in which anything was changed', async () => {
    const archive = await sealWithPassphrase(plain, PASSPHRASE)
    const changed = (
      change: (parts: { header: { iv: string; kdf: { salt: string; N: number } }; body: string; tag: string }) => void,
    ) => {
      const parts = JSON.parse(archive)
      change(parts)
      return openWithPassphrase(JSON.stringify(parts), PASSPHRASE)
    }
    const flip = (text: string) => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`
    const refused = { code: 'archive_refused' }
    await expect(changed((p) => (p.body = flip(p.body)))).rejects.toMatchObject(refused)
    await expect(changed((p) => (p.tag = ''))).rejects.toMatchObject(refused)
    await expect(changed((p) => (p.header.kdf.salt = flip(p.header.kdf.salt)))).rejects.toMatchObject(refused)
    const malformed = { code: 'archive_malformed' }
    await expect(changed((p) => (p.header.kdf.N = 2))).rejects.toMatchObject(malformed)
    await expect(openWithPassphrase('not json', PASSPHRASE)).rejects.toMatchObject(malformed)
  })

  it('seals under no short passphrase', async () => {
    await expect(sealWithPassphrase(plain, 'kısa')).rejects.toMatchObject({ code: 'passphrase_short' })
  })
})
