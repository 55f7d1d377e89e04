import { z } from 'zod'

import { AppError } from '#server/base/errors.ts'
import { parseShape } from '#server/base/parse-shape.ts'

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]'])

const answered = z.object({ result: z.object({ initData: z.string() }) })

export interface LaunchWanted {
  /** Of the panel bot's Telegram; null for Telegram's own. */
  readonly apiRoot: string | null
  readonly botId: number
  readonly userId: number
  /** Epoch ms. */
  readonly authAt: number
}

/**
 * What the simulated Telegram of this machine gives the page of a bot's Mini App when this person opens it. Errors:
 * `conflict/mini_app_not_rehearsed` for a bot in any other Telegram, `not_found` for who is no person of the simulator,
 * `unavailable/simulator_away`.
 */
export const issueLaunch = async ({ apiRoot, botId, userId, authAt }: LaunchWanted): Promise<string> => {
  if (apiRoot === null || !LOOPBACK.has(new URL(apiRoot).hostname))
    throw new AppError('conflict', 'mini_app_not_rehearsed')
  const body = JSON.stringify({ userId, botId, authAt })
  const answer = await fetch(`${apiRoot}/__sim/issueInitData`, { method: 'POST', body }).catch(() => null)
  if (answer === null || answer.status >= 500) throw new AppError('unavailable', 'simulator_away')
  if (!answer.ok) throw new AppError('not_found', 'not_found', { what: 'person', id: userId })
  return parseShape(answered, await answer.json()).result.initData
}
