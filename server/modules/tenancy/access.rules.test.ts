import { describe, expect, it } from 'vitest'

import { OPERATOR_ACTIONS, TENANT_ACTIONS } from '#contract/actions.ts'
import { MEMBER_ROLES } from '#contract/words.ts'

import { canGrant } from './access.rules.ts'
import { type Access, type Action, KEY_SCOPES, can, maskContact, requireCan } from './index.ts'

const member = (role: (typeof MEMBER_ROLES)[number]): Access => ({ kind: 'member', role })
const operator = (role: 'operator' | 'support'): Access => ({ kind: 'operator', role })
const NOBODY: Access = { kind: 'nobody' }

describe('can', () => {
  it('denies what is not granted, and everything to nobody', () => {
    for (const action of [...TENANT_ACTIONS, ...OPERATOR_ACTIONS]) expect(can(NOBODY, action)).toBe(false)
    expect(can(member('owner'), 'no.such' as Action)).toBe(false)
    expect(can(operator('operator'), 'no.such' as Action)).toBe(false)
  })

  it('never lets a member run the installation', () => {
    for (const role of MEMBER_ROLES)
      for (const action of OPERATOR_ACTIONS)
        expect([role, action, can(member(role), action)]).toEqual([role, action, false])
  })

  it.each([
    [member('owner'), 'contacts.erase', true],
    [member('admin'), 'contacts.erase', false],
    [member('admin'), 'billing.cancel', false],
    [member('admin'), 'members.invite', true],
    [member('agent'), 'conversations.reply', true],
    [member('agent'), 'campaigns.start', false],
    [member('agent'), 'contacts.export', false],
    [member('agent'), 'billing.view', false],
    [member('analyst'), 'analytics.view', true],
    [member('analyst'), 'conversations.view', false],
    [member('analyst'), 'contacts.edit', false],
    [member('billing'), 'billing.pay', true],
    [member('billing'), 'contacts.view', false],
    [operator('operator'), 'payments.decide', true],
    [operator('operator'), 'contacts.export', false],
    [operator('operator'), 'conversations.view', false],
    [operator('support'), 'payments.view', true],
    [operator('support'), 'payments.decide', false],
    [operator('support'), 'contacts.view', false],
  ] as const)('answers %j about %s with %s', (access, action, answer) => expect(can(access, action)).toBe(answer))

  it('gives a key its scopes and nothing a key may not have, whatever is written in it', () => {
    const key: Access = { kind: 'api_key', scopes: ['contacts.view', 'members.invite'] }
    expect(can(key, 'contacts.view')).toBe(true)
    expect(can(key, 'contacts.edit')).toBe(false)
    expect(can(key, 'members.invite')).toBe(false)
    expect(KEY_SCOPES.some((scope) => /^(members|keys|billing)/.test(scope))).toBe(false)
  })
})

describe('requireCan', () => {
  it('refuses naming the action', () => {
    expect(() => requireCan(member('agent'), 'campaigns.start')).toThrow(
      expect.objectContaining({ kind: 'forbidden', code: 'not_allowed', params: { action: 'campaigns.start' } }),
    )
  })
})

describe('canGrant', () => {
  it('lets nobody but owners and operators make somebody as high as themselves', () => {
    expect(MEMBER_ROLES.filter((role) => canGrant(member('owner'), role))).toEqual([...MEMBER_ROLES])
    expect(MEMBER_ROLES.filter((role) => canGrant(member('admin'), role))).toEqual(['agent', 'analyst', 'billing'])
    expect(MEMBER_ROLES.filter((role) => canGrant(member('agent'), role))).toEqual([])
    expect(canGrant(operator('operator'), 'owner')).toBe(true)
    expect(canGrant(operator('support'), 'agent')).toBe(false)
    expect(canGrant(NOBODY, 'agent')).toBe(false)
  })
})

describe('maskContact', () => {
  const contact = { id: 7, telegramId: 5_511, username: 'ayse', firstName: 'Ayşe', lastName: null, score: 80 }

  it('shows owners and admins who it is, agents the name, others a number', () => {
    expect(maskContact(member('admin'), contact)).toEqual(contact)
    expect(maskContact(member('agent'), contact)).toEqual({ ...contact, telegramId: null, username: null })
    const hidden = { ...contact, telegramId: null, username: null, firstName: null }
    for (const access of [member('analyst'), member('billing'), operator('operator'), operator('support'), NOBODY])
      expect(maskContact(access, contact)).toEqual(hidden)
  })

  it('invents no field that was not there', () => {
    expect(maskContact(member('analyst'), { id: 7, firstName: 'Ayşe' })).toEqual({ id: 7, firstName: null })
  })
})
