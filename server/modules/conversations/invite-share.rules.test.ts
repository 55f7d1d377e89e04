import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { PACKAGES } from '#contract/words.ts'
import { packageOf } from '#server/modules/billing/index.ts'

import { GROUP_PLACEMENTS, defaultSettings } from './account-setting.rules.ts'
import { showsInvite } from './invite-share.rules.ts'

const PEOPLE = 20_000
/** Five standard deviations of a share among so many, at most. */
const TOLERANCE = 5 * Math.sqrt(0.25 / PEOPLE)

const shareOf = (inviteRatio: number, accountId: number): number => {
  let shown = 0
  for (let contactId = 1; contactId <= PEOPLE; contactId += 1)
    if (showsInvite({ inviteRatio, groupPlacements: 1 }, { accountId, contactId, placement: 'menu' })) shown += 1
  return shown / PEOPLE
}

describe('showsInvite', () => {
  it.each(PACKAGES)('shows the way to the share of people that %s includes', (name) => {
    for (const accountId of [1, 77])
      expect(Math.abs(shareOf(packageOf(name).inviteRatio, accountId) - packageOf(name).inviteRatio)).toBeLessThan(
        TOLERANCE,
      )
  })

  it('keeps to any share over many people: nobody at 0, everybody at 1', () => {
    expect(shareOf(0, 3)).toBe(0)
    expect(shareOf(1, 3)).toBe(1)
    const near = fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1 }), (ratio, account) => {
      expect(Math.abs(shareOf(ratio, account) - ratio)).toBeLessThan(TOLERANCE)
    })
    fc.assert(near, { numRuns: 12, seed: 7 })
  })

  it('answers the same for the same person, and a larger share loses nobody', () => {
    const ratio = fc.double({ min: 0, max: 1, noNaN: true })
    const person = fc.record({ accountId: fc.integer({ min: 1 }), contactId: fc.integer({ min: 1 }) })
    fc.assert(
      fc.property(ratio, ratio, person, (a, b, who) => {
        const at = (inviteRatio: number) =>
          showsInvite({ inviteRatio, groupPlacements: 3 }, { ...who, placement: 'price' })
        expect(at(a)).toBe(at(a))
        if (at(Math.min(a, b))) expect(at(Math.max(a, b))).toBe(true)
      }),
    )
  })

  it('shows it in as many places as the package has', () => {
    const places = (name: (typeof PACKAGES)[number]) =>
      GROUP_PLACEMENTS.filter((placement) =>
        showsInvite({ ...defaultSettings(name), inviteRatio: 1 }, { accountId: 1, contactId: 1, placement }),
      )
    expect(places('starter')).toEqual(['menu'])
    expect(places('professional')).toEqual(['menu', 'greeting'])
    expect(places('enterprise')).toEqual(['menu', 'greeting', 'price'])
  })
})
