import { describe, expect, it } from 'vitest'

import { type HostFacts, commandAs, decideRunAs } from './run-as.ts'

const daemon = { name: 'daemon', uid: 1, gid: 1 }
const nobody = { name: 'nobody', uid: 65_534, gid: 65_534 }
const postgres = { name: 'postgres', uid: 101, gid: 103 }

const root: HostFacts = {
  uid: 0,
  hasAccount: true,
  clusterOwner: null,
  namespaceAllowed: true,
  accounts: [nobody, daemon, postgres],
}
const person: HostFacts = { ...root, uid: 1000, namespaceAllowed: false }

describe('decideRunAs', () => {
  it('runs an ordinary user with an account as it is', () => {
    expect(decideRunAs(person)).toEqual({ kind: 'direct' })
    expect(decideRunAs({ ...person, clusterOwner: { uid: 1000, gid: 1000 } })).toEqual({ kind: 'direct' })
  })

  it("refuses an ordinary user the cluster of another, before PostgreSQL's own riddle does", () => {
    expect(decideRunAs({ ...person, clusterOwner: { uid: 0, gid: 0 } })).toMatchObject({ kind: 'refused' })
  })

  it('lends an account to a uid that has none, where namespaces are allowed', () => {
    const unknown = { ...person, hasAccount: false }
    expect(decideRunAs({ ...unknown, namespaceAllowed: true })).toEqual({ kind: 'namespace', uid: 1, gid: 1 })
    expect(decideRunAs(unknown)).toMatchObject({ kind: 'refused' })
  })

  it('puts root into a namespace, never as the uid that stands for nobody', () => {
    expect(decideRunAs(root)).toEqual({ kind: 'namespace', uid: 1, gid: 1 })
    expect(decideRunAs({ ...root, accounts: [nobody] })).toMatchObject({ kind: 'drop', uid: 65_534 })
  })

  it('drops root to the postgres account, or any other, where namespaces are forbidden', () => {
    expect(decideRunAs({ ...root, namespaceAllowed: false })).toEqual({ kind: 'drop', uid: 101, gid: 103 })
    expect(decideRunAs({ ...root, namespaceAllowed: false, accounts: [nobody, daemon] })).toMatchObject({ uid: 1 })
    expect(decideRunAs({ ...root, namespaceAllowed: false, accounts: [] })).toMatchObject({ kind: 'refused' })
  })

  it('stays with the account that owns a cluster already', () => {
    const owned = { ...root, clusterOwner: { uid: 101, gid: 103 } }
    expect(decideRunAs(owned)).toEqual({ kind: 'drop', uid: 101, gid: 103 })
    expect(decideRunAs({ ...root, clusterOwner: { uid: 0, gid: 0 } })).toMatchObject({ kind: 'namespace' })
  })
})

describe('commandAs', () => {
  it('hands PostgreSQL none of our environment', () => {
    for (const runAs of [
      { kind: 'direct' },
      { kind: 'namespace', uid: 1, gid: 1 },
      { kind: 'drop', uid: 1, gid: 1 },
    ] as const) {
      expect(Object.keys(commandAs(runAs, 'postgres', []).options.env).sort()).toEqual(['LC_ALL', 'PATH', 'TZ'])
    }
  })
})
