import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { runScript } from '#server/testing/run-script.ts'

import { tryLockFile, waitForFileLock } from './file-lock.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gavatcore-lock-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const holdInChild = async (path: string, mode: 'exclusive' | 'shared') => {
  const script = runScript(`
    import { tryLockFile } from '#server/db/file-lock.ts'
    console.log(tryLockFile(${JSON.stringify(path)}, '${mode}') ? 'held' : 'refused')
    setInterval(() => {}, 1000)`)
  return { script, said: await script.firstLine }
}

describe('tryLockFile', () => {
  it('lets any number of processes share, and none of them exclude the others', async () => {
    const path = join(folder, 'shared')
    const { script, said } = await holdInChild(path, 'shared')
    expect(said).toBe('held')
    const ours = tryLockFile(path, 'shared')
    expect(ours).not.toBeNull()
    ours?.release()
    expect(tryLockFile(path, 'exclusive')).toBeNull()
    await script.kill()
    const alone = tryLockFile(path, 'exclusive')
    expect(alone).not.toBeNull()
    alone?.release()
  })

  it('excludes sharers of this process too, until released', () => {
    const path = join(folder, 'own')
    const first = tryLockFile(path, 'exclusive')
    expect(tryLockFile(path, 'shared')).toBeNull()
    first?.release()
    first?.release()
    const second = tryLockFile(path, 'shared')
    expect(second).not.toBeNull()
    second?.release()
  })

  it('names the file when its folder does not exist', () => {
    const path = join(folder, 'absent', 'lock')
    expect(() => tryLockFile(path, 'exclusive')).toThrow(path)
  })
})

describe('waitForFileLock', () => {
  it('gives up after its patience, and gets the lock of a holder that was killed meanwhile', async () => {
    const path = join(folder, 'waited')
    const { script, said } = await holdInChild(path, 'exclusive')
    expect(said).toBe('held')
    expect(await waitForFileLock(path, 'exclusive', 60)).toBeNull()
    const waiting = waitForFileLock(path, 'exclusive', 20_000)
    await script.kill()
    const lock = await waiting
    expect(lock).not.toBeNull()
    lock?.release()
  })
})
