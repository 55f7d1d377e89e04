import { describe, expect, it } from 'vitest'

import { createDb } from '#server/db/pool.ts'
import { createOnboardingWorld } from '#server/modules/onboarding/onboarding-world.suite.ts'
import { createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'

const db = createDb((await createTestDatabase()).pool)
const { run, json } = createCliRunner(db)
const world = createOnboardingWorld(db)
const SPAN = ['--since', '2026-06-01T00:00Z', '--until', '2026-06-02T00:00Z'] as const

describe('onboarding', () => {
  it('says that there is no data, and then shows the steps as bars with the goals', async () => {
    expect((await run(['onboarding', 'funnel', ...SPAN])).out).toContain('no data')
    const person = await world.arrive()
    await world.choose(person, 'trial')
    await world.link(person)
    const { out, code } = await run(['onboarding', 'funnel', ...SPAN])
    expect(code).toBe(0)
    expect(out).toMatch(/connecting an account\s+1\s+█/)
    expect(out).toContain('100.0% (1/1) ≥ 95% · goal met')
    expect(await json(['onboarding', 'funnel', ...SPAN])).toMatchObject({
      started: 1,
      kpis: { success: { count: 1, of: 1 }, payment: { ratio: null } },
    })
  })

  it('lists onboardings by state, and shows one with its steps and measured events', async () => {
    const person = await world.arrive()
    expect((await run(['onboarding', 'list', '--state', 'choosing'])).out).toContain(String(person.telegramId))
    const { out } = await run(['onboarding', 'show', String(person.id)])
    expect(out).toContain('customer_onboarding_started')
    expect((await run(['onboarding', 'show', '999999'])).code).toBe(1)
    expect((await run(['onboarding', 'list', '--state', 'lost'])).code).toBe(64)
  })
})
