import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { runScript } from '#server/testing/run-script.ts'

import { type InstanceHolder, type InstanceLock, acquireInstanceLock } from './instance-lock.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), 'gavatcore-instance-')), 'data')
})
afterEach(() => rm(join(dataDir, '..'), { recursive: true, force: true }))

const acquireInChild = (role: string) =>
  runScript(`
    import { acquireInstanceLock } from '#server/db/instance-lock.ts'
    const result = acquireInstanceLock(${JSON.stringify(dataDir)}, '${role}')
    console.log(JSON.stringify('heldBy' in result ? result.heldBy : { mine: process.pid, startedAt: Math.round(performance.timeOrigin) }))
    setInterval(() => {}, 1000)`)

/** The lock, which must be free. */
const acquire = (role: string): InstanceLock => {
  const result = acquireInstanceLock(dataDir, role)
  if ('heldBy' in result) throw new Error(`${role} is held by process ${result.heldBy.pid}`)
  return result
}

describe('acquireInstanceLock', () => {
  it('tells a second process who holds the role, and lets it in once the holder is killed', async () => {
    const holder = acquireInChild('all')
    const { mine, startedAt } = JSON.parse(await holder.firstLine) as { mine: number; startedAt: number }
    expect(mine).toBe(holder.child.pid)
    expect(acquireInstanceLock(dataDir, 'all')).toEqual({ heldBy: { pid: mine, startedAt } })

    await holder.kill()
    const lock = acquire('all')
    const refused = acquireInChild('all')
    const told = JSON.parse(await refused.firstLine) as InstanceHolder
    expect(told.pid).toBe(process.pid)
    await refused.kill()
    lock.release()
  })

  it('keeps roles apart, and each to one holder', () => {
    const api = acquire('api')
    const worker = acquire('worker')
    expect(acquireInstanceLock(dataDir, 'api')).toHaveProperty('heldBy.pid', process.pid)
    api.release()
    worker.release()
  })

  it('names the folder and role the same at every start, and no other one', () => {
    const lock = acquire('all')
    const other = acquire('worker')
    lock.release()
    const again = acquire('all')
    expect(again.installation).toBe(lock.installation)
    expect(other.installation).not.toBe(lock.installation)
    again.release()
    other.release()
  })

  it('is free again after a release', () => {
    acquire('all').release()
    const again = acquire('all')
    expect(acquireInstanceLock(dataDir, 'all')).toHaveProperty('heldBy.pid', process.pid)
    again.release()
  })
})
