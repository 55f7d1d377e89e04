import type { FastifyInstance } from 'fastify'

import { type PagePurpose, getPageLink, openPageLink } from '#server/modules/tenancy/index.ts'

import { addressOf } from '../request.ts'
import { html } from './html.ts'
import type { PageLimits } from './page-limits.ts'
import {
  type PageDeps,
  brandedContextOf,
  requireOwnForm,
  requireSafeWay,
  sendPage,
  setVisitCookie,
  switchLanguage,
} from './page-request.ts'

/** Where each kind of link leads. */
export type PagePaths = Readonly<Partial<Record<PagePurpose, string>>>

interface TokenParams {
  readonly Params: { readonly token: string }
}

/**
 * `/open/:token`: looking uses nothing up, so previews of messages may look; the button exchanges the token for a cookie
 * and leads to the page.
 */
export const addOpenPage = (app: FastifyInstance, deps: PageDeps, limits: PageLimits, paths: PagePaths): void => {
  app.get<TokenParams>('/open/:token', async (request, reply) => {
    requireSafeWay(deps.publicUrl, request)
    limits.take('opening', addressOf(request))
    if (switchLanguage(deps, request, reply)) return reply
    const link = await getPageLink(deps.db, request.params.token, deps.pace.now())
    const context = await brandedContextOf(deps, request, link)
    const { t } = context
    const title = t(`open.${link.purpose}.title`)
    return sendPage(deps, reply, context, {
      title,
      body: html`<section>
        <h1>${title}</h1>
        <p>${t(`open.${link.purpose}.text`)}</p>
        <p class="soft">${t('open.once')}</p>
        <form method="post" action="${request.url.split('?')[0]}">
          <button type="submit" autofocus>${t('open.button')}</button>
        </form>
      </section>`,
    })
  })

  app.post<TokenParams>('/open/:token', async (request, reply) => {
    requireSafeWay(deps.publicUrl, request)
    requireOwnForm(request)
    limits.take('opening', addressOf(request))
    const at = deps.pace.now()
    const { visit, visitToken } = await openPageLink(deps.db, request.params.token, at)
    setVisitCookie(reply, deps.publicUrl, visitToken, Math.floor((visit.endsAt - at) / 1_000))
    return reply.header('cache-control', 'no-store').redirect(paths[visit.purpose] ?? '/', 303)
  })
}
