import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createScene, type Scene } from '#simulator/testing/scene.ts'

describe('createCallLog', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await createScene()
  })
  afterAll(() => scene.simulator.close())

  it('records calls while it is on: who, whom, when, and how they were answered, cut ones too', async () => {
    const { control, bot, user } = scene
    const send = () => scene.call('sendMessage', { chat_id: user.id, text: 'Merhaba' })
    await send()
    control.recordCalls({ isOn: true })
    control.addFault({ kind: 'too_many_requests', times: 1, retryAfter: 7 })
    control.addFault({ kind: 'drop_after', times: 1, skip: 1 })
    await send()
    await send()
    await expect(send()).rejects.toThrow('fetch failed')
    control.recordCalls({ isOn: false })
    await send()
    const records = control.listCalls({})
    expect(records.map(({ answer, status, retryAfter }) => ({ answer, status, retryAfter }))).toEqual([
      { answer: 'json', status: 429, retryAfter: 7 },
      { answer: 'json', status: 429, retryAfter: 7 },
      { answer: 'drop', status: 0, retryAfter: null },
    ])
    expect(records[0]).toMatchObject({ botId: bot.id, chatId: user.id, method: 'sendMessage' })
    expect(records.every((r, i) => i === 0 || r.at >= (records[i - 1]?.at ?? 0))).toBe(true)
    expect(control.listCalls({ chatId: user.id + 1 })).toEqual([])
    control.clearCalls({})
    expect(control.listCalls({})).toEqual([])
  })
})
