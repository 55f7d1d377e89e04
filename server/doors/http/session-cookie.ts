import type { FastifyReply, FastifyRequest } from 'fastify'

import { addCookie } from './cookies.ts'
import { cookieOf, isHttps } from './request.ts'

/** Over https a browser takes the first from our own host alone. */
const nameFor = (publicUrl: string | null) => (isHttps(publicUrl) ? '__Host-gc_session' : 'gc_session')

export const findSessionToken = (request: FastifyRequest, publicUrl: string | null): string | null =>
  cookieOf(request, nameFor(publicUrl))

export const setSessionCookie = (
  reply: FastifyReply,
  publicUrl: string | null,
  sessionToken: string,
  seconds: number,
): FastifyReply =>
  addCookie(reply, publicUrl, { name: nameFor(publicUrl), value: sessionToken, seconds, sameSite: 'Lax' })
