import { getSignInLink, openWebSession } from '#server/modules/tenancy/index.ts'

import { addressOf, headerOf } from '../request.ts'
import { setSessionCookie } from '../session-cookie.ts'
import { html } from './html.ts'
import {
  type PageDeps,
  brandedContextOf,
  requireOwnForm,
  requireSafeWay,
  sendPage,
  switchLanguage,
} from './page-request.ts'
import type { MorePages } from './page-routes.ts'

interface TokenParams {
  readonly Params: { readonly token: string }
}

/** Where the web panel is, below the server's address. */
const PANEL_PATH = '/app/'

/**
 * `/enter/:token`: the way into the web panel. Looking uses nothing up, so previews of messages may look; the button
 * exchanges the token for a session on this device.
 */
export const enterPages = (deps: PageDeps): MorePages => ({
  paths: {},
  add(app, limits) {
    app.get<TokenParams>('/enter/:token', async (request, reply) => {
      requireSafeWay(deps.publicUrl, request)
      limits.take('opening', addressOf(request))
      if (switchLanguage(deps, request, reply)) return reply
      const link = await getSignInLink(deps.db, request.params.token, deps.pace.now())
      const context = await brandedContextOf(deps, request, link)
      const { t } = context
      const title = t('enter.title')
      return sendPage(deps, reply, context, {
        title,
        body: html`<section>
          <h1>${title}</h1>
          <p>${t('enter.text')}</p>
          <p class="soft">${t('enter.once')}</p>
          <form method="post" action="${request.url.split('?')[0]}">
            <button type="submit" autofocus>${t('enter.button')}</button>
          </form>
        </section>`,
      })
    })

    app.post<TokenParams>('/enter/:token', async (request, reply) => {
      requireSafeWay(deps.publicUrl, request)
      requireOwnForm(request)
      limits.take('opening', addressOf(request))
      const at = deps.pace.now()
      const device = headerOf(request, 'user-agent') ?? ''
      const { session, sessionToken, tenantId } = await openWebSession(deps.db, request.params.token, device, at)
      setSessionCookie(reply, deps.publicUrl, sessionToken, Math.floor((session.expiresAt - at) / 1_000))
      const query = tenantId === null ? '' : `?tenant=${tenantId}`
      return reply.header('cache-control', 'no-store').redirect(`${PANEL_PATH}${query}`, 303)
    })
  },
})
