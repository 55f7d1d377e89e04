import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HANDLERS } from '#simulator/bot-api/methods/index.ts'
import { METHODS } from '#simulator/bot-api/schema/methods.ts'
import { createScene, type Scene } from '#simulator/testing/scene.ts'

describe('createRouter', () => {
  let scene: Scene
  const bugs: unknown[] = []
  beforeAll(async () => {
    scene = await createScene({ onBug: (error) => void bugs.push(error) })
  })
  afterAll(() => scene.simulator.close())

  it('simulates only methods the Bot API has', () => {
    expect([...HANDLERS.keys()].filter((name) => !METHODS.has(name))).toEqual([])
  })

  it('says of every other method that it is not simulated', async () => {
    const others = [...METHODS.entries()].filter(([name]) => !HANDLERS.has(name) && name !== 'getupdates')
    expect(others.length + HANDLERS.size + 1).toBe(METHODS.size)
    for (const [, { name }] of others) {
      const description = `Not Implemented: method ${name} is not simulated`
      expect(await scene.call(name)).toEqual({ ok: false, error_code: 501, description })
    }
  })

  it('answers every simulated method, whatever it is called with, without failing itself', async () => {
    const chatId = scene.control.createChat({ type: 'supergroup' }).id
    scene.control.setMember({
      chatId,
      memberId: scene.bot.id,
      status: 'administrator',
      rights: { can_invite_users: true },
    })
    const value = fc.oneof(
      fc.constantFrom<unknown>(
        scene.user.id,
        chatId,
        scene.bot.id,
        0,
        -1,
        '',
        '@x',
        'https://example.com/a.jpg',
        '{}',
        '[]',
        true,
        null,
      ),
      fc.constantFrom<unknown>(
        {},
        [],
        [[]],
        [{}],
        { inline_keyboard: [[{ text: 'x', callback_data: 'y' }]] },
        { type: 'photo', media: 'x' },
      ),
      fc.string(),
    )
    const names = [...METHODS.values()].filter(({ name }) => HANDLERS.has(name.toLowerCase()))
    const request = fc
      .constantFrom(...names)
      .chain(({ name, params }) =>
        fc.tuple(
          fc.constant(name),
          fc.record(Object.fromEntries(params.map((param) => [param.name, value])), { requiredKeys: [] }),
        ),
      )
    await fc.assert(
      fc.asyncProperty(request, async ([name, params]) => {
        const body = await scene.call(name, params)
        expect(bugs).toEqual([])
        if (!body.ok) expect([400, 403, 501]).toContain(body.error_code)
      }),
      { numRuns: 1500 },
    )
  })
})
