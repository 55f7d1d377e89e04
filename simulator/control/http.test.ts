import { afterEach, describe, expect, it } from 'vitest'
import { createScene, type Scene } from '#simulator/testing/scene.ts'

describe('createControlHandler', () => {
  let scene: Scene
  afterEach(() => scene.simulator.close())

  const request = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${scene.simulator.apiRoot}/__sim${path}`, init)
    return {
      status: response.status,
      body: (await response.json()) as { ok: boolean; result?: unknown; error?: string },
    }
  }
  const post = (path: string, body: object) => request(path, { method: 'POST', body: JSON.stringify(body) })

  it('does over HTTP what the functions do', async () => {
    scene = await createScene()
    const { body } = await post('/createUser', { firstName: 'Zeynep', isPremium: true })
    expect(body).toMatchObject({ ok: true, result: { firstName: 'Zeynep', isPremium: true } })
    const { id } = body.result as { id: number }
    expect((await request(`/getUser?userId=${id}`)).body.result).toEqual(scene.control.getUser({ userId: id }))
    await post('/start', { userId: id, botId: scene.bot.id, payload: 'abc' })
    expect((await request(`/getBot?botId=${scene.bot.id}`)).body.result).toMatchObject({ pendingUpdates: 1 })
  })

  it('lists every control with its input', async () => {
    scene = await createScene()
    const { body } = await request('')
    expect(Object.keys(body.result as object)).toEqual(Object.keys(scene.control))
    expect(body.result).toHaveProperty('press.input.properties.userId')
  })

  it('names the field of bad input, and refuses a change by GET', async () => {
    scene = await createScene()
    expect((await post('/createChat', { type: 'party' })).body.error).toContain('type')
    expect((await post('/start', { userId: 5, botId: scene.bot.id })).body.error).toBe('userId: there is no user 5')
    expect((await post('/nothing', {})).status).toBe(400)
    expect((await request('/createUser')).status).toBe(405)
    expect((await request('/createUser', { method: 'POST', body: '{' })).status).toBe(400)
  })

  it('asks for its token when one is set', async () => {
    scene = await createScene({ controlToken: 'gizli' })
    expect((await request('/getStats')).status).toBe(401)
    expect((await request('/getStats', { headers: { authorization: 'Bearer gizli' } })).status).toBe(200)
    expect((await scene.call('getMe')).ok).toBe(true)
  })
})
