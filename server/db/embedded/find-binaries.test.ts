import { describe, expect, it } from 'vitest'

import { findBinaries } from './find-binaries.ts'

describe('findBinaries', () => {
  it('finds PostgreSQL 18 for the platform of this machine', () => {
    const binaries = findBinaries()
    expect(binaries.majorVersion).toBe(18)
    expect(binaries.postgres).toMatch(/native\/bin\/postgres$/)
  })

  it('says what to do on a platform that has no package', () => {
    expect(() => findBinaries('win32', 'x64')).toThrow(/win32-x64.*DATABASE_URL/s)
    expect(() => findBinaries('linux', 'riscv64')).toThrow(expect.objectContaining({ code: 'unsupported_platform' }))
  })

  it('says what to do where npm left the package out', () => {
    const other = process.platform === 'linux' ? 'darwin' : 'linux'
    expect(() => findBinaries(other, 'arm64')).toThrow(expect.objectContaining({ code: 'binaries_missing' }))
  })
})
