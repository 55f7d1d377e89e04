import { describe, expect, it } from 'vitest'

import { openScenario } from './open-scenario.ts'

describe('an agency with two customers', () => {
  it('runs a campaign for each, seen by neither of the other, and an account that Telegram slows leaves the other alone', async () => {
    const scenario = await openScenario()
    const { simulator, until, textsIn } = scenario
    const [bakery, florist] = [await scenario.shop('firin'), await scenario.shop('cicekci')]
    const [guest, lover] = [await bakery.subscriber('Misafir'), await florist.subscriber('Seven')]
    const launch = async (shop: typeof bakery, words: string) => {
      await shop.template('haber', `${words} {{sender}} {{opt_out}}`)
      await shop.cli(['campaigns', 'create', 'Haber', '--template', 'haber'])
      await shop.cli(['campaigns', 'start', 'Haber'])
    }
    simulator.control.addFault({
      kind: 'too_many_requests',
      methods: ['sendMessage'],
      botId: bakery.botId,
      retryAfter: 2,
      times: 4,
    })
    await launch(bakery, 'Taze ekmek')
    await launch(florist, 'Yeni güller')
    await until('each tells its own', async () => {
      return (
        textsIn(guest).some((text) => text.includes('ekmek')) && textsIn(lover).some((text) => text.includes('güller'))
      )
    })
    expect(textsIn(guest).some((text) => text.includes('güller'))).toBe(false)
    expect(textsIn(lover).some((text) => text.includes('ekmek'))).toBe(false)
    const [own] = (await bakery.cli(['campaigns', 'list'])) as { id: number }[]
    expect(await florist.refusal(['campaigns', 'report', String(own?.id ?? 0)])).toContain('Not found')
    const health = async (shop: typeof bakery) =>
      ((await shop.cli(['accounts', 'health'])) as { health: string; evidence: { name: string; count: number }[]; nextStepAt: number | null; warmUp: unknown }[])[0] // prettier-ignore
    await until('the bakery is slowed', async () => {
      return (await health(bakery))?.health === 'slowed'
    })
    expect(await health(bakery)).toMatchObject({
      evidence: expect.arrayContaining([expect.objectContaining({ name: 'flood_count', count: 4, slowAt: 3 })]),
      warmUp: { day: 1, capToday: 100, capTomorrow: 200 },
      pace: { perSecond: 6.25 },
    })
    expect(await health(florist)).toMatchObject({ health: 'normal' })
    expect(await bakery.refusal(['accounts', 'health', 'resume', '--account', String(bakery.accountId)])).toContain('early') // prettier-ignore
  }, 60_000)
})
