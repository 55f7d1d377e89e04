import type { ApiResponse } from '@grammyjs/types'
import { type Simulator, type SimulatorOptions, startSimulator } from '#simulator/index.ts'
import type { ControlApi } from '#simulator/control/controls.ts'

type BotView = ReturnType<ControlApi['createBot']>
type UserView = ReturnType<ControlApi['createUser']>

/** A running simulator with one bot and one person who has started it, and a bare caller of the bot's methods. */
export type Scene = {
  readonly simulator: Simulator
  readonly control: ControlApi
  readonly bot: BotView
  readonly user: UserView
  /** Calls a method over HTTP and answers the whole body. */
  readonly call: (method: string, params?: object, token?: string) => Promise<ApiResponse<never>>
  /** Calls a method that must succeed. */
  readonly ok: <T>(method: string, params?: object) => Promise<T>
  /** Calls a method that must be refused and answers the description. */
  readonly refusal: (method: string, params?: object) => Promise<string>
}

/** Starts a scene; limits are off unless asked for. Close the simulator when done. */
export async function createScene(options: SimulatorOptions = {}): Promise<Scene> {
  const simulator = await startSimulator({ limits: false, seed: 'scene', ...options })
  const { control } = simulator
  const bot = control.createBot({ username: 'TestBotAPI_bot', name: 'TestBotAPI' })
  const user = control.createUser({ firstName: 'Ayşe', username: 'ayse' })
  control.openDialog({ userId: user.id, botId: bot.id })

  async function call(method: string, params: object = {}, token = bot.token): Promise<ApiResponse<never>> {
    const response = await fetch(`${simulator.apiRoot}/bot${token}/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(params),
    })
    const body = (await response.json()) as ApiResponse<never>
    if (!body.ok && body.error_code !== response.status) throw new Error('the status and error_code differ')
    return body
  }

  return {
    simulator,
    control,
    bot,
    user,
    call,
    async ok<T>(method: string, params?: object): Promise<T> {
      const body = await call(method, params)
      if (!body.ok) throw new Error(`${method}: ${body.description}`)
      return body.result
    },
    async refusal(method, params) {
      const body = await call(method, params)
      if (body.ok) throw new Error(`${method} was accepted`)
      return body.description
    },
  }
}
