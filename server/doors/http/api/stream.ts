import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'

import { MINUTE_MS } from '#server/base/duration.ts'
import type { Logger } from '#server/base/logger.ts'

/** After so long the browser asks again, and is let in again or not: rights that were taken away end with this. */
const STREAM_MS = MINUTE_MS
const ASK_AGAIN_MS = 1_000

type Events = (signal: AbortSignal) => AsyncIterable<unknown>

/**
 * Sends server-sent events of this shape until whoever listens goes, the minute is over or the server stops. A fault
 * before the first event is answered like that of any other route; one after it ends the stream.
 */
export const createStreams = (app: FastifyInstance, log: Logger) => {
  const stopping = new AbortController()
  // Open streams would keep a server that stops from ever being done.
  app.addHook('preClose', async () => stopping.abort())
  return async ({ sse }: FastifyReply, shape: z.core.$ZodType, events: Events): Promise<void> => {
    const gone = new AbortController()
    sse.onClose(() => gone.abort())
    const signal = AbortSignal.any([stopping.signal, gone.signal, AbortSignal.timeout(STREAM_MS)])
    let isBegun = false
    try {
      for await (const event of events(signal)) {
        if (!sse.isConnected) break
        await sse.send({ data: z.parse(shape, event), retry: ASK_AGAIN_MS })
        isBegun = true
      }
    } catch (error) {
      if (!isBegun) throw error
      log.error({ err: error }, 'a stream of events failed')
    }
  }
}
