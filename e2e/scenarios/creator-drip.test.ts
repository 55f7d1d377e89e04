import { describe, expect, it } from 'vitest'

import { HOUR_MS } from '#server/base/duration.ts'

import { openScenario } from './open-scenario.ts'

describe('a creator', () => {
  it('leads new subscribers through a drip, stops for whoever answers, and lets latecomers in at the start', async () => {
    const scenario = await openScenario()
    const { simulator, clock, until, textsIn } = scenario
    const creator = await scenario.shop('yayinci')
    const [reader, talker] = [await creator.subscriber('Okur'), await creator.subscriber('Konuşkan')]
    await creator.template('ders1', 'Birinci ders {{sender}} {{opt_out}}')
    await creator.template('ders2', 'İkinci ders {{sender}} {{opt_out}}')
    const steps = ['--template', 'ders1', '--template', 'ders2@24']
    await creator.cli(['campaigns', 'create', 'Kurs', '--kind', 'drip', ...steps])
    await creator.cli(['campaigns', 'start', 'Kurs'])
    const has = (userId: number, words: string) => textsIn(userId).some((text) => text.includes(words))
    await until('both get the first', async () => {
      return has(reader, 'Birinci') && has(talker, 'Birinci')
    })
    simulator.control.sendText({ userId: talker, botId: creator.botId, text: 'Bir sorum var' })
    const positions = () =>
      creator.within((tx) => tx.selectFrom('drip_position').select(['state', 'happened']).where('tenant_id', '=', tx.tenantId).execute()) // prettier-ignore
    await until('the answer is noted', async () => (await positions()).some((row) => row.happened.includes('answer')))
    const late = await creator.subscriber('Geç gelen')
    await clock.advance(25 * HOUR_MS)
    await until('the second lesson and the latecomer', async () => {
      return has(reader, 'İkinci') && has(late, 'Birinci')
    })
    expect(has(talker, 'İkinci')).toBe(false)
    expect(has(late, 'İkinci')).toBe(false)
    expect(await creator.cli(['campaigns', 'report', 'Kurs'])).toMatchObject({
      drip: { stopped: { answer: 1 } },
      funnel: { sent: 4, responded: 1 },
    })
  }, 60_000)
})
