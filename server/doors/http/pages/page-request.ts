import { createHmac } from 'node:crypto'

import type { FastifyReply, FastifyRequest } from 'fastify'

import { LOCALES, type Locale } from '#contract/words.ts'
import type { Clock } from '#server/base/clock.ts'
import { AppError } from '#server/base/errors.ts'
import type { Logger } from '#server/base/logger.ts'
import { equalSecrets, randomToken } from '#server/base/secret.ts'
import type { Translate } from '#server/base/translate.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { type PagePurpose, type PageVisit, findPageVisit, getBrand } from '#server/modules/tenancy/index.ts'

import { addCookie } from '../cookies.ts'
import { addressOf, cookieOf, firstLocale, headerOf, isHttps, languagesOf } from '../request.ts'
import { type PageContent, type PageContext, renderPage } from './layout.ts'
import type { PageLimits } from './page-limits.ts'

/** What every page of ours needs. */
export interface PageDeps {
  readonly db: Db
  readonly clock: Pick<Clock, 'now'>
  /** The pace of people, which links and visits are timed by: the machine's, also where the domain's runs faster. */
  readonly pace: Pick<Clock, 'now'>
  readonly log: Logger
  /** Translates from the catalogue `pages`. */
  readonly translator: (locale: Locale) => Translate
  /** Address under which people reach this server; null where only this machine does. */
  readonly publicUrl: string | null
}

/** A request by the person whose link was opened. */
export interface PageRequest {
  readonly visit: PageVisit
  readonly visitToken: string
  readonly context: PageContext
  readonly at: number
}

const LOOPBACK_HOST = /^(localhost|127[.]\d+[.]\d+[.]\d+|\[::1\])(:\d+)?$/
const LOOPBACK_ADDRESS = /^(::ffff:)?127[.]|^::1$/

/**
 * Codes and passwords travel encrypted or not at all: the address is https, or this machine's own. Errors:
 * `unavailable/page_needs_https`, saying which setting helps.
 */
export const requireSafeWay = (publicUrl: string | null, request: FastifyRequest): void => {
  const forwarded = headerOf(request, 'x-forwarded-proto')?.split(',')[0]?.trim()
  const isLocal =
    LOOPBACK_HOST.test(publicUrl === null ? (headerOf(request, 'host') ?? '') : new URL(publicUrl).host) &&
    LOOPBACK_ADDRESS.test(request.socket.remoteAddress ?? '')
  if (isHttps(publicUrl) ? forwarded === undefined || forwarded === 'https' : isLocal) return
  throw new AppError('unavailable', 'page_needs_https', { field: 'PUBLIC_URL' })
}

const visitCookie = (publicUrl: string | null) => (isHttps(publicUrl) ? '__Host-gc_visit' : 'gc_visit')
const LANGUAGE_COOKIE = 'gc_language'

export const setVisitCookie = (reply: FastifyReply, publicUrl: string | null, visitToken: string, seconds: number) =>
  addCookie(reply, publicUrl, { name: visitCookie(publicUrl), value: visitToken, seconds })

const YEAR_SECONDS = 31_536_000

/** `?lang=ru` is remembered, and the address is as it was; true when it was that. */
export const switchLanguage = (deps: PageDeps, request: FastifyRequest, reply: FastifyReply): boolean => {
  const [path = '/', query = ''] = request.url.split('?')
  const wanted = new URLSearchParams(query).get('lang')
  const locale = LOCALES.find((known) => known === wanted)
  if (locale === undefined) return false
  addCookie(reply, deps.publicUrl, { name: LANGUAGE_COOKIE, value: locale, seconds: YEAR_SECONDS })
  void reply.redirect(path, 303)
  return true
}

/** The language chosen on the page, else the person's, else the browser's. */
const localeOf = (request: FastifyRequest, preferred: Locale | null): Locale =>
  firstLocale([cookieOf(request, LANGUAGE_COOKIE), preferred, ...languagesOf(request)])

export const contextOf = (deps: PageDeps, request: FastifyRequest, preferred: Locale | null): PageContext => {
  const locale = localeOf(request, preferred)
  const languagePath = request.method === 'GET' ? (request.url.split('?')[0] ?? '/') : undefined
  return {
    locale,
    t: deps.translator(locale),
    nonce: randomToken(16),
    ...(languagePath !== undefined && { languagePath }),
  }
}

/** {@link contextOf} in the look of the tenant whose page it is. */
export const brandedContextOf = async (
  deps: PageDeps,
  request: FastifyRequest,
  { locale, tenantId }: Pick<PageVisit, 'locale' | 'tenantId'>,
): Promise<PageContext> => {
  const context = contextOf(deps, request, locale)
  if (tenantId === null) return context
  return { ...context, brand: await asOperator(deps.db, 'look of a page', (tx) => getBrand(tx, tenantId)) }
}

/**
 * The person behind the cookie, on a page of this purpose. Errors: `unauthenticated/page_visit_over` for a foreign or an
 * old cookie, `unavailable/page_needs_https`, `rate_limited/page_rate`.
 */
export const requireVisit = async (
  deps: PageDeps,
  limits: PageLimits,
  request: FastifyRequest,
  purpose: PagePurpose,
): Promise<PageRequest> => {
  requireSafeWay(deps.publicUrl, request)
  limits.take('address', addressOf(request))
  const at = deps.clock.now()
  const visitToken = cookieOf(request, visitCookie(deps.publicUrl))
  const visit = visitToken === null ? null : await findPageVisit(deps.db, visitToken, deps.pace.now())
  if (visitToken === null || visit === null || visit.purpose !== purpose) {
    throw new AppError('unauthenticated', 'page_visit_over')
  }
  limits.take('visit', String(visit.linkId))
  return { visit, visitToken, context: await brandedContextOf(deps, request, visit), at }
}

/** The token of one form of one visit; a page of somebody else's cannot know it. */
export const csrfOf = (visitToken: string, action: string): string =>
  createHmac('sha256', visitToken).update(`form ${action}`).digest('base64url')

/** Another site's page sent the form: browsers say so themselves. Errors: `forbidden/page_form_forged`. */
export const requireOwnForm = (request: FastifyRequest): void => {
  const site = headerOf(request, 'sec-fetch-site')
  if (site !== null && site !== 'same-origin') throw new AppError('forbidden', 'page_form_forged')
}

const NO_FIELDS = new URLSearchParams()

/** The fields of a form; forms are the only bodies that pages take. */
const fieldsOf = (request: FastifyRequest): URLSearchParams =>
  request.body instanceof URLSearchParams ? request.body : NO_FIELDS

/** {@link requireVisit} for a posted form. Errors: also `forbidden/page_form_forged`. */
export const requireForm = async (
  deps: PageDeps,
  limits: PageLimits,
  request: FastifyRequest,
  purpose: PagePurpose,
): Promise<PageRequest & { readonly fields: URLSearchParams }> => {
  const page = await requireVisit(deps, limits, request, purpose)
  requireOwnForm(request)
  const fields = fieldsOf(request)
  if (!equalSecrets(fields.get('csrf') ?? '', csrfOf(page.visitToken, request.url))) {
    throw new AppError('forbidden', 'page_form_forged')
  }
  limits.take('form', String(page.visit.linkId))
  return { ...page, fields }
}

/** Something the person can read and mend; everything else is a bug. */
export const isRefusal = (error: unknown): error is AppError => error instanceof AppError && error.kind !== 'internal'

export interface PageAnswer extends PageContent {
  readonly status?: number
  /** Other addresses forms may lead to, such as a payment provider's. */
  readonly formTargets?: readonly string[]
}

/** Sends a page that loads nothing from outside, is framed by nobody and kept nowhere. */
export const sendPage = (
  deps: PageDeps,
  reply: FastifyReply,
  context: PageContext,
  answer: PageAnswer,
): FastifyReply => {
  const { nonce } = context
  const policy = [
    `default-src 'none'`,
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    `img-src data:${context.brand?.logoPath == null ? '' : " 'self'"}`,
    `connect-src 'self'`,
    `form-action ${["'self'", ...(answer.formTargets ?? [])].join(' ')}`,
    `base-uri 'none'`,
    `frame-ancestors 'none'`,
  ]
  if (isHttps(deps.publicUrl)) void reply.header('strict-transport-security', `max-age=${YEAR_SECONDS}`)
  return reply
    .code(answer.status ?? 200)
    .headers({
      'content-security-policy': policy.join('; '),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
      'cache-control': 'no-store',
      vary: 'cookie, accept-language',
    })
    .type('text/html; charset=utf-8')
    .send(renderPage(context, answer))
}
