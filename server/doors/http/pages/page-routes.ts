import type { FastifyInstance, FastifyPluginAsync } from 'fastify'

import { problemOf } from '../problem.ts'
import { html } from './html.ts'
import { type LoginPageDeps, addLoginPage } from './login-page.ts'
import { LOGIN_PATH } from './login-views.ts'
import { addOpenPage, type PagePaths } from './open-page.ts'
import { type PageLimits, createPageLimits } from './page-limits.ts'
import { contextOf, sendPage } from './page-request.ts'
import { addSessionsPage } from './sessions-page.ts'

/** Far above any form of ours. */
const FORM_LIMIT = 8 * 1024

/** A page beside those of this folder, with where links of its purpose lead. */
export interface MorePages {
  readonly paths: PagePaths
  add(app: FastifyInstance, limits: PageLimits): void
}

export interface PageRoutesDeps extends LoginPageDeps {
  readonly more?: readonly MorePages[]
}

/** Pages of ours in HTML: opened by a one-time link, in four languages; refusals are pages, too. */
export const pageRoutes =
  (deps: PageRoutesDeps): FastifyPluginAsync =>
  async (app) => {
    const limits = createPageLimits(deps.pace)
    app.removeAllContentTypeParsers()
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: FORM_LIMIT },
      (_request, body, done) => done(null, new URLSearchParams(String(body))),
    )
    app.setErrorHandler((error, request, reply) => {
      const context = contextOf(deps, request, null)
      const { t } = context
      const problem = problemOf(error, (key, params) => t(`errors:${key}`, params))
      if (problem.status >= 500 && problem.title === 'internal') {
        deps.log.error({ err: error, route: request.routeOptions.url, status: problem.status }, 'a page failed')
      }
      if (problem.status === 429) void reply.header('retry-after', String(problem.params['seconds'] ?? 60))
      const title = t('fault.title')
      return sendPage(deps, reply, context, {
        title,
        status: problem.status,
        body: html`<section>
          <h1>${title}</h1>
          <p class="fault" role="alert">${problem.detail}</p>
          <p>${t('fault.next')}</p>
          <p><a href="tg://resolve">${t('done.back')}</a></p>
        </section>`,
      })
    })
    const more = deps.more ?? []
    const paths: PagePaths = Object.assign({ login: LOGIN_PATH }, ...more.map((pages) => pages.paths))
    addOpenPage(app, deps, limits, paths)
    addLoginPage(app, deps, limits)
    addSessionsPage(app, deps, limits)
    for (const pages of more) pages.add(app, limits)
  }
