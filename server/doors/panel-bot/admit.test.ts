import { describe, expect, it } from 'vitest'

import { admit } from './admit.ts'
import type { Speaker } from './talk.ts'

const member = (tenantId: number, role: 'owner' | 'analyst') => ({
  tenantId,
  id: tenantId * 10,
  telegramId: 5,
  role,
  name: 'Ayşe',
  invitedBy: 'test',
  joinedAt: 0,
})

const speaker = (over: Partial<Speaker> = {}): Speaker => ({
  telegramId: 5,
  chatId: 5,
  locale: 'tr',
  username: null,
  name: 'Ayşe',
  operator: null,
  memberships: [],
  ...over,
})

const operator = { telegramId: 5, name: 'Deniz', role: 'operator' as const, addedAt: 0 }

describe('admit', () => {
  it('keeps a stranger out of everything that is not for anyone', () => {
    expect(admit({ audience: 'anyone' }, speaker(), 0)).toEqual({ kind: 'in', tenant: null })
    expect(admit({ audience: 'member', needs: 'analytics.view' }, speaker(), 0)).toEqual({ kind: 'stranger' })
    expect(admit({ audience: 'member' }, speaker(), 7)).toEqual({ kind: 'stranger' })
    expect(admit({ audience: 'operator' }, speaker(), 0)).toEqual({ kind: 'unknown' })
    expect(admit({ audience: 'anyone' }, speaker(), 7)).toEqual({ kind: 'stranger' })
  })

  it('lets a member into their own tenant as far as their role goes', () => {
    const analyst = speaker({ memberships: [member(1, 'analyst')] })
    expect(admit({ audience: 'member', needs: 'analytics.view' }, analyst, 0)).toMatchObject({
      kind: 'in',
      tenant: { id: 1, by: 'member:10' },
    })
    expect(admit({ audience: 'member', needs: 'billing.pay' }, analyst, 0)).toEqual({ kind: 'forbidden' })
    expect(admit({ audience: 'member', needs: 'analytics.view' }, analyst, 2)).toEqual({ kind: 'stranger' })
  })

  it('asks which of several, and lets operators look anywhere but not act as owners', () => {
    const both = speaker({ memberships: [member(1, 'owner'), member(2, 'owner')] })
    expect(admit({ audience: 'member' }, both, 0)).toEqual({ kind: 'choose' })
    const runs = speaker({ operator })
    expect(admit({ audience: 'member', needs: 'analytics.view' }, runs, 0)).toEqual({ kind: 'choose' })
    expect(admit({ audience: 'member', needs: 'analytics.view' }, runs, 9)).toMatchObject({
      kind: 'in',
      tenant: { by: 'operator:5' },
    })
    expect(admit({ audience: 'member', needs: 'accounts.link' }, runs, 9)).toEqual({ kind: 'forbidden' })
  })
})
