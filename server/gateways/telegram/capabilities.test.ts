import { describe, expect, it } from 'vitest'

import { ACCOUNT_KINDS } from '#contract/words.ts'

import { CAPABILITIES } from './capabilities.ts'

describe('CAPABILITIES', () => {
  it.each(ACCOUNT_KINDS)('lets no %s account write first', (kind) => {
    expect(CAPABILITIES[kind].canInitiate).toBe(false)
  })

  it('trusts user accounts alone with a repeated send', () => {
    expect(ACCOUNT_KINDS.filter((kind) => CAPABILITIES[kind].repeatsAreHarmless)).toStrictEqual(['user'])
  })

  it('closes the chats of business accounts after a day, and of no other', () => {
    expect(ACCOUNT_KINDS.map((kind) => CAPABILITIES[kind].replyWindowMs)).toStrictEqual([null, 86_400_000, null])
  })
})
