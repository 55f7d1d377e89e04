import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'

import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant } from '#server/testing/factories.ts'

import { createPersonaFromPackage, editMenu, getPersona, restorePersona } from './index.ts'
import { addEntry, moveEntry, removeEntry } from './menu.rules.ts'
import type { MenuItem } from './persona.rules.ts'

let db: Db
beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const owner = { by: 'member:1', access: { kind: 'member', role: 'owner' }, at: NOON } as const
const agent = { ...owner, access: { kind: 'member', role: 'agent' } } as const

describe('editMenu', () => {
  it('makes a version of each change, goes back to one, and keeps out who may not', async () => {
    const tenantId = await createTenant(db)
    const accountId = await createAccount(db, tenantId)
    const within = <T>(work: Parameters<typeof inTenant<T>>[2]) => inTenant(db, tenantId, work)
    const begin = { accountId, package: 'starter', locale: 'tr', displayName: 'Ayşe' } as const
    const { menu } = await within((tx) => createPersonaFromPackage(tx, begin, NOON))
    const change = { kind: 'add', entry: { label: 'Adres', text: 'Moda' } } as const
    expect(await within((tx) => editMenu(tx, { accountId, change }, owner))).toMatchObject({ version: 2 })
    const back = await within((tx) => restorePersona(tx, { accountId, version: 1 }, owner))
    expect(back).toMatchObject({ version: 3, menu })
    await expect(within((tx) => editMenu(tx, { accountId, change }, agent))).rejects.toMatchObject({
      kind: 'forbidden',
    })
    const restore = within((tx) => restorePersona(tx, { accountId, version: 1 }, agent))
    await expect(restore).rejects.toMatchObject({ kind: 'forbidden' })
    const stranger = await createTenant(db)
    const there = inTenant(db, stranger, (tx) => editMenu(tx, { accountId, change }, owner))
    await expect(there).rejects.toMatchObject({ kind: 'not_found' })
    expect(await within((tx) => getPersona(tx, accountId))).toMatchObject({ version: 3 })
  })
})

describe('moveEntry', () => {
  const label = fc.string({ minLength: 1, maxLength: 4 })
  const entries = fc.array(label, { minLength: 1, maxLength: 6 })

  it('loses and invents nothing, on either level', () => {
    fc.assert(
      fc.property(entries, entries, fc.nat(), fc.nat(), (top, below, from, to) => {
        const flat = top.map((name) => ({ label: name, text: 'x' }))
        const [one, other] = [(from % top.length) + 1, (to % top.length) + 1]
        const moved = moveEntry(flat, String(one), other)
        expect(moved[other - 1]?.label).toBe(top[one - 1])
        expect(moved.map((item) => item.label).toSorted()).toEqual(top.toSorted())
        const nested = below.reduce<readonly MenuItem[]>(
          (menu, name) => addEntry(menu, { label: name, text: 'x' }, { under: '1' }),
          flat,
        )
        const place = (from % below.length) + 1
        const inside = moveEntry(nested, `1.${place}`, 1)[0]
        expect('items' in (inside ?? {}) && inside).toMatchObject({ label: top[0] })
        expect(removeEntry(nested, '1')).toEqual(flat.slice(1))
        const emptied = below.reduce<readonly MenuItem[]>((menu) => removeEntry(menu, '1.1'), nested)
        expect(emptied).toEqual(flat)
      }),
    )
  })
})
