import type { Answer } from '#simulator/bot-api/answer.ts'
import type { CallLog } from '#simulator/bot-api/call-log.ts'
import type { Call } from '#simulator/bot-api/call.ts'
import { checkParams } from '#simulator/bot-api/check-params.ts'
import { badRequest, BotApiError } from '#simulator/bot-api/errors.ts'
import type { Fault, Faults } from '#simulator/bot-api/faults.ts'
import type { Limiter } from '#simulator/bot-api/limits.ts'
import { HANDLERS } from '#simulator/bot-api/methods/index.ts'
import { resolveTarget } from '#simulator/bot-api/resolve-business.ts'
import { resolvePlace } from '#simulator/bot-api/resolve-chat.ts'
import { METHODS, type MethodSchema } from '#simulator/bot-api/schema/methods.ts'
import type { Stats } from '#simulator/bot-api/stats.ts'
import { strikeFault } from '#simulator/bot-api/strike-fault.ts'
import type { Delivery } from '#simulator/updates/delivery.ts'
import type { Place, SimBot, World } from '#simulator/world/types.ts'

export type Router = {
  /** Runs one call. Only getUpdates waits, so every other answer is there at once. */
  readonly run: (
    token: string,
    methodName: string,
    params: Record<string, unknown> | BotApiError,
    getSignal: () => AbortSignal,
  ) => Answer | Promise<Answer>
}

export type RouterDeps = {
  readonly world: World
  readonly limiter: Limiter
  readonly faults: Faults
  readonly delivery: Delivery
  readonly stats: Stats
  readonly callLog: CallLog
}

const TOKEN = /^\d{1,16}:[\w-]{1,64}$/

/** Creates the router: token, method, faults, parameters, handler, in this order; calls are noted when asked for. */
export function createRouter(deps: RouterDeps): Router {
  const { world, callLog } = deps
  const answerCall = createAnswering(deps)
  return {
    run(token, methodName, params, getSignal) {
      const answer = answerCall(token, methodName, params, getSignal)
      if (!callLog.isOn() || answer instanceof Promise) return answer
      const chatId = params instanceof BotApiError ? undefined : chatIdOf(params)
      const call = { at: world.clock.now(), botId: world.botsByToken.get(token)?.id ?? 0, method: methodName }
      callLog.note({ ...call, chatId: chatId ?? null }, answer)
      return answer
    },
  }
}

/** Where a call goes, as far as its parameters say. */
function placeOf(call: Call, params: Record<string, unknown>): Place | null {
  const chatId = params['chat_id']
  const connection = params['business_connection_id']
  if (typeof chatId !== 'number' && typeof chatId !== 'string') return null
  return typeof connection === 'string'
    ? resolveTarget(call, { business_connection_id: connection, chat_id: chatId }, 'edit')
    : resolvePlace(call, chatId, 'read')
}

function createAnswering(deps: RouterDeps): Router['run'] {
  const { world, faults, stats } = deps

  function answerCall(
    token: string,
    methodName: string,
    params: Record<string, unknown> | BotApiError,
    getSignal: () => AbortSignal,
  ): Answer | Promise<Answer> {
    const name = methodName.toLowerCase()
    try {
      const bot = findBot(world, token)
      const schema = METHODS.get(name)
      if (!schema) throw new BotApiError(404, 'Not Found: method not found')
      if (params instanceof BotApiError) throw params
      const fault = faults.list().length === 0 ? null : faults.strike(name, bot.id, chatIdOf(params))
      const call: Call = { world, bot, limiter: deps.limiter, delivery: deps.delivery }
      if (!fault) return runMethod(call, name, schema, params, getSignal)
      stats.noteFault(fault.kind)
      return strikeFault(fault, {
        runCall: () => runMethod(call, name, schema, params, getSignal),
        refuse: (error) => refuse(name, error),
        penalise: () => penalise(call, params, fault),
      })
    } catch (error) {
      return refuse(name, error)
    }
  }

  function runMethod(
    call: Call,
    name: string,
    schema: MethodSchema,
    params: Record<string, unknown>,
    getSignal: () => AbortSignal,
  ): Answer | Promise<Answer> {
    try {
      const handler = HANDLERS.get(name)
      if (!handler && name !== 'getupdates') {
        throw new BotApiError(501, `Not Implemented: method ${schema.name} is not simulated`)
      }
      checkParams(schema, params)
      if (!handler) return poll(call, params, getSignal)
      const result = handler(call, params)
      stats.note(name, true, null)
      return accept(JSON.stringify(result))
    } catch (error) {
      return refuse(name, error)
    }
  }

  async function poll(call: Call, params: Record<string, unknown>, getSignal: () => AbortSignal): Promise<Answer> {
    const request = {
      offset: Math.trunc(Number(params['offset'] ?? 0)),
      limit: Math.min(Math.max(Math.trunc(Number(params['limit'] ?? 100)), 1), 100),
      timeout: Math.min(Math.max(Number(params['timeout'] ?? 0), 0), 50),
    }
    try {
      const updates = await call.delivery.poll(call.bot, request, allowedOf(params), getSignal())
      stats.note('getupdates', true, null)
      return accept(updates)
    } catch (error) {
      return refuse('getupdates', error)
    }
  }

  function refuse(name: string, error: unknown): Answer {
    if (!(error instanceof BotApiError)) throw error
    stats.note(name, false, error.message)
    const { code, message, parameters } = error
    const body = { ok: false, error_code: code, description: message, ...(parameters && { parameters }) }
    return { kind: 'json', status: code, body: JSON.stringify(body), delayMs: 0 }
  }

  function penalise(call: Call, params: Record<string, unknown>, fault: Fault): never {
    const place = placeOf(call, params)
    return call.limiter.penalise(call.bot, place, world.clock.now(), faults.drawRetryAfter(fault))
  }

  return answerCall
}

function accept(json: string): Answer {
  return { kind: 'json', status: 200, body: `{"ok":true,"result":${json}}`, delayMs: 0 }
}

function findBot(world: World, token: string): SimBot {
  const bot = world.botsByToken.get(token)
  if (bot && !bot.isRevoked) return bot
  throw new BotApiError(401, TOKEN.test(token) ? 'Unauthorized' : 'Unauthorized: invalid token specified')
}

function chatIdOf(params: Record<string, unknown>): number | undefined {
  const chatId = Number(params['chat_id'])
  return Number.isNaN(chatId) ? undefined : chatId
}

function allowedOf(params: Record<string, unknown>): Parameters<Delivery['poll']>[2] {
  const allowed = params['allowed_updates']
  if (allowed === undefined) return undefined
  if (!Array.isArray(allowed)) throw badRequest("can't parse allowed_updates JSON object")
  return allowed as NonNullable<Parameters<Delivery['poll']>[2]>
}
