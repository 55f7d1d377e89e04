import type { FastifyReply } from 'fastify'
import { z } from 'zod'

import { FILE_HEADERS } from '../file-headers.ts'

const file = z.object({ type: z.string(), bytes: z.instanceof(Uint8Array) })

/** Answers with a file as it is. Pictures may be shown where they are; everything else is saved first. */
export const sendFile = (reply: FastifyReply, shape: z.core.$ZodType, answer: unknown): FastifyReply => {
  const { type, bytes } = file.parse(z.parse(shape, answer))
  return reply
    .headers({ ...FILE_HEADERS, 'content-disposition': type.startsWith('image/') ? 'inline' : 'attachment' })
    .type(type)
    .send(Buffer.from(bytes))
}

/** How such an answer is described. */
export const describeFile = (types: readonly string[]) => ({
  description: 'The file.',
  content: Object.fromEntries(types.map((type) => [type, { schema: z.string().meta({ format: 'binary' }) }])),
})
