import type { FastifyRequest } from 'fastify'

import { LOCALES, type Locale } from '#contract/words.ts'

const PRIVATE_ADDRESS = /^(::ffff:)?(127[.]|10[.]|192[.]168[.]|172[.](1[6-9]|2\d|3[01])[.])|^::1$|^f[cd]/

export const isHttps = (publicUrl: string | null): boolean => publicUrl?.startsWith('https:') === true

export const headerOf = (request: FastifyRequest, name: string): string | null => {
  const value = request.headers[name]
  return (Array.isArray(value) ? value.at(-1) : value) ?? null
}

/** Who asks, for limits: the address a proxy of the same network saw, else the one that is connected. */
export const addressOf = (request: FastifyRequest): string => {
  const connected = request.socket.remoteAddress ?? ''
  if (!PRIVATE_ADDRESS.test(connected)) return connected
  return headerOf(request, 'x-forwarded-for')?.split(',').at(-1)?.trim() || connected
}

export const cookieOf = (request: FastifyRequest, name: string): string | null => {
  const pairs = (headerOf(request, 'cookie') ?? '').split(';').map((pair) => pair.trim())
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) || null
}

/** The first of ours among these words for languages. */
export const firstLocale = (words: readonly (string | null)[]): Locale =>
  words.flatMap((word) => LOCALES.filter((locale) => locale === word))[0] ?? 'en'

/** The languages a browser asks for, in its order. */
export const languagesOf = (request: FastifyRequest): readonly string[] =>
  (headerOf(request, 'accept-language') ?? '').split(',').map((part) => part.trim().slice(0, 2).toLowerCase())

/** The caller's language. */
export const localeOf = (request: FastifyRequest): Locale => firstLocale(languagesOf(request))

/**
 * A request that only a page of ours can make: browsers send this header to another origin after asking that origin, and
 * ours does not agree.
 */
export const isOwnRequest = (request: FastifyRequest): boolean => headerOf(request, 'x-requested-with') === 'gavatcore'
