import { describe, expect, it } from 'vitest'

import { MEMBER_ROLES, type MemberRole } from '#contract/words.ts'

import { type OwnerFacts, businessUpdateId, chooseTenant } from './business.rules.ts'

const facts = (over: Partial<OwnerFacts> = {}): OwnerFacts => ({
  via: { tenantId: 1, purpose: 'contacts', ownerTelegramId: 900 },
  ownerTelegramId: 77,
  memberships: [],
  awaitingTenantId: null,
  ...over,
})
const panel = { tenantId: 1, purpose: 'panel', ownerTelegramId: null } as const
const member = (tenantId: number, role: MemberRole = 'owner') => ({ tenantId, role })

describe('chooseTenant', () => {
  it("keeps strangers out: anybody can connect a tenant's public bot", () => {
    expect(chooseTenant(facts())).toEqual({ reason: 'owner_unknown' })
    expect(chooseTenant(facts({ memberships: [member(2)] }))).toEqual({ reason: 'owner_unknown' })
  })

  it("believes at a tenant's own bot who may link accounts there, and who linked the bot", () => {
    const linking = MEMBER_ROLES.filter((role) => 'tenantId' in chooseTenant(facts({ memberships: [member(1, role)] })))
    expect(linking).toEqual(['owner', 'admin'])
    expect(chooseTenant(facts({ ownerTelegramId: 900 }))).toEqual({ tenantId: 1 })
  })

  it("takes at the panel's bot the one tenant of the owner, and asks when there are several", () => {
    expect(chooseTenant(facts({ via: panel, memberships: [member(4), member(5, 'agent')] }))).toEqual({ tenantId: 4 })
    const several = facts({ via: panel, memberships: [member(4), member(5, 'admin')] })
    expect(chooseTenant(several)).toEqual({ reason: 'several_tenants' })
    expect(chooseTenant({ ...several, awaitingTenantId: 5 })).toEqual({ tenantId: 5 })
    expect(chooseTenant(facts({ via: panel }))).toEqual({ reason: 'owner_unknown' })
  })
})

describe('businessUpdateId', () => {
  it('never gives two bots one number, and keeps the order of each', () => {
    const ids = [1, 2, 3].flatMap((bot) => [1, 2, 2 ** 31 - 1].map((update) => businessUpdateId(bot, update)))
    expect(new Set(ids).size).toBe(9)
    expect(ids.toSorted((a, b) => a - b)).toEqual(ids)
    expect(Number.isSafeInteger(businessUpdateId(4_000_000, 2 ** 31 - 1))).toBe(true)
  })
})
