import { mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { readOrCreateKeyFile } from './key-file.ts'

const folder = () => mkdtempSync(path.join(tmpdir(), 'key-'))

describe('readOrCreateKeyFile', () => {
  it('makes a key that only the owner may read, and gives the same one again', () => {
    const dir = folder()
    const file = path.join(dir, 'deep', 'key')
    const key = readOrCreateKeyFile(file)
    expect(key).toHaveLength(32)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readOrCreateKeyFile(file)).toEqual(key)
    expect(readdirSync(path.dirname(file))).toEqual(['key'])
  })

  it('refuses a damaged file instead of replacing the key that seals the stored secrets', () => {
    const file = path.join(folder(), 'key')
    writeFileSync(file, 'c2hvcnQ=\n')
    expect(() => readOrCreateKeyFile(file)).toThrow('key_file_damaged')
  })

  it('says which file it cannot make', () => {
    const file = path.join(folder(), 'plain')
    writeFileSync(file, '')
    expect(() => readOrCreateKeyFile(path.join(file, 'key'))).toThrow(/key_file_unusable.*plain/)
  })
})
