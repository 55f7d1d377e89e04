import type { FastifyReply } from 'fastify'

import { isHttps } from './request.ts'

export interface Cookie {
  readonly name: string
  readonly value: string
  /** 0 removes it. */
  readonly seconds: number
  /** `Lax` for what must arrive when somebody follows a link from Telegram. */
  readonly sameSite?: 'Lax' | 'Strict'
}

/** Readable by nobody but us. */
export const addCookie = (
  reply: FastifyReply,
  publicUrl: string | null,
  { name, value, seconds, sameSite = 'Strict' }: Cookie,
): FastifyReply => {
  const secure = isHttps(publicUrl) ? '; Secure' : ''
  return reply.header(
    'set-cookie',
    `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=${sameSite}${secure}`,
  )
}
