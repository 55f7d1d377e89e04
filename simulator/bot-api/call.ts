import type { ApiMethods, Opts } from '@grammyjs/types'
import type { Limiter } from '#simulator/bot-api/limits.ts'
import type { Delivery } from '#simulator/updates/delivery.ts'
import type { SimBot, World } from '#simulator/world/types.ts'

/** A file sent in a multipart body, put where the request refers to it. */
export type UploadedFile = {
  readonly isUpload: true
  readonly name: string
  readonly mime: string
  readonly bytes: Buffer
}

export type BotApiMethods = ApiMethods<UploadedFile>
export type MethodName = keyof BotApiMethods
export type Args<M extends MethodName> = Opts<UploadedFile>[M]

/** What a method works with: the calling bot in its world. */
export type Call = {
  readonly world: World
  readonly bot: SimBot
  readonly limiter: Limiter
  readonly delivery: Delivery
}

/** Handlers are checked against the return types of the Bot API. getUpdates is answered by the router, as JSON text. */
export type Handlers = {
  readonly [M in Exclude<MethodName, 'getUpdates'>]?: (call: Call, args: Args<M>) => ReturnType<BotApiMethods[M]>
}
