import { beforeEach, expect, it } from 'vitest'

import type { UserSession, UserSessionStore } from '#server/gateways/telegram/user-session.ts'

export interface UserSessionWorld {
  readonly store: UserSessionStore
  /** A new, empty session; each call gives another one. `tenant` 0 and 1 are two tenants. */
  newSession(tenant: 0 | 1): Promise<UserSession>
}

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values)
const plain = (value: Uint8Array | undefined): readonly number[] | undefined => value && [...value]

/** What every store of people's sessions must do; called inside the `describe` of each one's own test. */
export const itKeepsTheUserSessionContract = (open: () => Promise<UserSessionWorld>): void => {
  let store: UserSessionStore
  let mine: UserSession
  let sibling: UserSession
  let theirs: UserSession
  beforeEach(async () => {
    const world = await open()
    store = world.store
    mine = await world.newSession(0)
    sibling = await world.newSession(0)
    theirs = await world.newSession(1)
  })

  it('gives back the values last written, byte for byte, and none after their deletion', async () => {
    expect(await store.readValues(mine)).toEqual(new Map())
    await store.writeValues(
      mine,
      new Map([
        ['pts', bytes(1)],
        ['self', bytes(0, 255, 128)],
        ['empty', bytes()],
      ]),
    )
    await store.writeValues(
      mine,
      new Map([
        ['pts', bytes(2)],
        ['empty', null],
        ['never', null],
      ]),
    )
    const values = await store.readValues(mine)
    expect([...values.keys()].toSorted()).toEqual(['pts', 'self'])
    expect(plain(values.get('pts'))).toEqual([2])
    expect(plain(values.get('self'))).toEqual([0, 255, 128])
  })

  it('keeps the permanent key apart from temporary ones, each with its end', async () => {
    await store.writeKey(mine, { dc: 2, index: null }, bytes(1), 0)
    await store.writeKey(mine, { dc: 2, index: 0 }, bytes(2), 100)
    await store.writeKey(mine, { dc: 4, index: null }, bytes(4), 0)
    await store.writeKey(mine, { dc: 2, index: 0 }, bytes(3), 200)
    const read = async (dc: number, index: number | null) => {
      const found = await store.readKey(mine, { dc, index })
      return found && [plain(found.key), found.expiresAt]
    }
    expect(await read(2, null)).toEqual([[1], 0])
    expect(await read(2, 0)).toEqual([[3], 200])
    expect(await read(2, 1)).toBeNull()
    await store.writeKey(mine, { dc: 2, index: 0 }, null, 0)
    expect(await read(2, 0)).toBeNull()
    await store.deleteKeys(mine, 2)
    expect([await read(2, null), await read(4, null)]).toEqual([null, [[4], 0]])
    await store.deleteKeys(mine, null)
    expect(await read(4, null)).toBeNull()
  })

  it('finds peers by number and by name, as they were written last', async () => {
    await store.writePeers(mine, [
      { peerId: 7, accessHash: 'a', usernames: ['ayse', 'ayse_s'] },
      { peerId: -1_000_000_000_007, accessHash: '-9', usernames: [] },
    ])
    await store.writePeers(mine, [{ peerId: 7, accessHash: 'b', usernames: ['ayse_s'] }])
    const ayse = { peerId: 7, accessHash: 'b', usernames: ['ayse_s'] }
    expect(await store.findPeer(mine, { id: 7 })).toEqual(ayse)
    expect(await store.findPeer(mine, { username: 'ayse_s' })).toEqual(ayse)
    expect(await store.findPeer(mine, { username: 'ayse' })).toBeNull()
    expect(await store.findPeer(mine, { id: -1_000_000_000_007 })).toMatchObject({ accessHash: '-9' })
    await store.deletePeers(mine)
    expect(await store.findPeer(mine, { id: 7 })).toBeNull()
  })

  it('keeps every session to itself, in one tenant and across tenants', async () => {
    await store.writeValues(mine, new Map([['pts', bytes(1)]]))
    await store.writeKey(mine, { dc: 2, index: null }, bytes(1), 0)
    await store.writePeers(mine, [{ peerId: 7, accessHash: 'a', usernames: ['ayse'] }])
    for (const other of [sibling, theirs, { ...mine, tenantId: theirs.tenantId }]) {
      expect(await store.readValues(other)).toEqual(new Map())
      expect(await store.readKey(other, { dc: 2, index: null })).toBeNull()
      expect(await store.findPeer(other, { id: 7 })).toBeNull()
      expect(await store.findPeer(other, { username: 'ayse' })).toBeNull()
      await store.deleteKeys(other, null)
      await store.deletePeers(other)
    }
    expect(await store.readKey(mine, { dc: 2, index: null })).not.toBeNull()
    expect(await store.findPeer(mine, { id: 7 })).not.toBeNull()
  })
}
