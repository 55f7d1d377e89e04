import { beforeEach, describe, expect, it } from 'vitest'

import { DAY_MS, MINUTE_MS } from '#server/base/duration.ts'
import { createDb } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'

import { cancelOnboarding, openOnboarding, reportOnboardingFunnel } from './index.ts'
import { type OnboardingWorld, codeOf, createOnboardingWorld } from './onboarding-world.suite.ts'

let world: OnboardingWorld
beforeEach(async () => {
  world = createOnboardingWorld(createDb((await createTestDatabase()).pool))
})

const now = () => world.clock.now()
const report = (since = 0, until = now() + 1) =>
  asOperator(world.db, 'test', (tx) => reportOnboardingFunnel(tx, { since, until }))

describe('reportOnboardingFunnel', () => {
  it('says that there is no data where there is none', async () => {
    const { started, steps, kpis } = await report()
    expect({ started, steps }).toEqual({ started: 0, steps: [] })
    expect(kpis.success).toMatchObject({ ratio: null, of: 0, isMet: null })
    expect(kpis.payment).toMatchObject({ ratio: null, isMet: null })
    expect(kpis.setUp).toMatchObject({ medianMs: null, isMet: null })
  })

  it('counts who came to each step, went on, left and waits, and how long it took', async () => {
    const [first, second, third] = [await world.arrive(), await world.arrive('web'), await world.arrive()]
    await world.clock.advance(MINUTE_MS)
    await world.choose(first, 'trial')
    await world.choose(second, 'starter')
    await world.clock.advance(2 * MINUTE_MS)
    await world.link(first)
    await cancelOnboarding(world.deps, world.mine(second), now())

    const { started, steps, byVariant, bySurface, kpis } = await report()
    expect(started).toBe(3)
    const step = (state: string) => steps.find((row) => row.state === state)
    expect(step('choosing')).toEqual({
      state: 'choosing',
      entered: 3,
      converted: 2,
      left: 0,
      waiting: 1,
      medianMs: MINUTE_MS,
    })
    expect(step('package_selected')).toMatchObject({ entered: 2, converted: 1, left: 1, waiting: 0 })
    expect(step('account_connecting')).toMatchObject({ entered: 1, converted: 1, medianMs: 2 * MINUTE_MS })
    expect(step('active')).toMatchObject({ entered: 1, converted: 0, left: 0, waiting: 0, medianMs: null })
    expect(byVariant).toEqual({ standard: steps })
    expect(bySurface['web']?.map((row) => row.state)).toEqual(['choosing', 'package_selected'])
    expect(kpis).toMatchObject({
      success: { ratio: 0.5, count: 1, of: 2, isMet: false },
      payment: { ratio: 0, count: 0, of: 1, isMet: false },
      setUp: { medianMs: 3 * MINUTE_MS, count: 1, isMet: true },
    })
    expect(third.state).toBe('choosing')
  })

  it('counts who has paid, keeps who is on the way out of the shares, and keeps to its span', async () => {
    const person = await world.arrive()
    await world.choose(person, 'starter')
    await world.order(person)
    await world.claim(person)
    expect((await report()).kpis.payment).toMatchObject({ of: 0 })
    await world.approve(person)
    expect((await report()).kpis).toMatchObject({ payment: { ratio: 1, isMet: true }, success: { of: 0 } })
    expect((await report(now() + DAY_MS, now() + 2 * DAY_MS)).started).toBe(0)
    expect(await codeOf(report(5, 5))).toBe('period_empty')
  })

  it('compares variants', async () => {
    const newcomer = { telegramId: 41, name: 'Z', locale: 'tr', surface: 'miniapp', variant: 'short' } as const
    await openOnboarding(world.deps, newcomer, now())
    expect(Object.keys((await report()).byVariant)).toEqual(['short'])
  })
})
