import type { z } from 'zod'
import type { SimulatorParts } from '#simulator/control/parts.ts'
import type { SimBot, SimChat, SimUser, World } from '#simulator/world/types.ts'

/** One thing that can be done to the simulator: the same over HTTP and in process. */
export type Control<S extends z.ZodType, R> = {
  readonly input: S
  /** Only looks: may also be asked for with GET. */
  readonly isQuery: boolean
  readonly run: (parts: SimulatorParts, input: z.output<S>) => R
}

export function command<S extends z.ZodType, R>(
  input: S,
  run: (parts: SimulatorParts, input: z.output<S>) => R,
): Control<S, R> {
  return { input, isQuery: false, run }
}

export function query<S extends z.ZodType, R>(
  input: S,
  run: (parts: SimulatorParts, input: z.output<S>) => R,
): Control<S, R> {
  return { input, isQuery: true, run }
}

/** A control was asked for something the world does not have or allow; the message says what. */
export class ControlError extends Error {}

export function getUser(world: World, id: number): SimUser {
  const user = world.users.get(id)
  if (!user) throw new ControlError(`userId: there is no user ${id}`)
  return user
}

export function getBot(world: World, id: number): SimBot {
  const bot = world.bots.get(id)
  if (!bot) throw new ControlError(`botId: there is no bot ${id}`)
  return bot
}

export function getChat(world: World, id: number): SimChat {
  const chat = world.chats.get(id)
  if (!chat) throw new ControlError(`chatId: there is no chat ${id}`)
  return chat
}
