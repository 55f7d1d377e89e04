import { describe, expect, it } from 'vitest'

import { DAY_MS } from '#server/base/duration.ts'
import { recordPurchase } from '#server/modules/delivery/index.ts'

import { instant, openScenario } from './open-scenario.ts'

describe('a shop on the internet', () => {
  it('advertises to those who agreed, labelled, until its goal is reached', async () => {
    const scenario = await openScenario()
    const { clock, until, textsIn } = scenario
    const shop = await scenario.shop('kumas')
    const people = [await shop.subscriber('Ayşe'), await shop.subscriber('Fatma'), await shop.subscriber('Zehra')]
    const stranger = await shop.subscriber('Hakan', false)
    // Where she is it is night: hers waits, so that the goal ends the campaign and not its last message.
    const asleep = await shop.subscriber('Leilani')
    const sleeper = await shop.contactOf(asleep)
    await scenario.database.db
      .updateTable('contact')
      .set({ time_zone: 'Pacific/Honolulu' })
      .where('id', '=', sleeper)
      .execute()
    await shop.template('yaz', 'Yaz indirimi {{sender}} {{opt_out}}')
    await shop.template('yaz-ilan', '#reklam Yaz indirimi {{sender}} {{opt_out}}')
    const create = (template: string, ...more: readonly string[]) => [
      'campaigns',
      'create',
      'Yaz',
      '--kind',
      'promo',
      '--template',
      template,
      ...more,
    ]
    const ends = ['--ends', instant(clock.now() + 3 * DAY_MS)]
    const goal = ['--goal', 'order:2', '--stop-at-goal']
    expect(await shop.refusal(create('yaz', ...ends, ...goal))).toContain('#reklam')
    expect(await shop.refusal(create('yaz-ilan', ...ends))).toContain('goal')
    expect(await shop.refusal(create('yaz-ilan', ...goal))).toContain('end')
    await shop.cli(create('yaz-ilan', ...ends, ...goal))
    expect(await shop.cli(['campaigns', 'preview', 'Yaz'])).toMatchObject({
      steps: [{ total: 5, refused: { no_consent: 1 } }],
    })
    await shop.cli(['campaigns', 'start', 'Yaz'])
    await until('two are told', async () => {
      return people.filter((userId) => textsIn(userId).some((text) => text.includes('#reklam'))).length === 3
    })
    expect(textsIn(stranger).some((text) => text.includes('#reklam'))).toBe(false)
    for (const [i, userId] of people.slice(0, 2).entries()) {
      const contactId = await shop.contactOf(userId)
      await shop.within((tx) =>
        recordPurchase(tx, { contactId, amountMinor: 15_000, reference: `o${i}`, at: clock.now() }),
      )
    }
    await until('the goal ends it', async () => {
      return ((await shop.cli(['campaigns', 'list'])) as { state: string }[])[0]?.state === 'completed'
    })
    expect(await shop.cli(['campaigns', 'report', 'Yaz'])).toMatchObject({
      funnel: { sent: 3, converted: 2 },
      goal: { kind: 'order', value: 2, target: 2, reachedAt: expect.any(Number) },
      revenueMinor: 30_000,
      cost: { package: 'professional', basis: 'quota' },
    })
    expect(textsIn(asleep).some((text) => text.includes('#reklam'))).toBe(false)
  }, 60_000)
})
