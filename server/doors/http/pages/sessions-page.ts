import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

import { AppError, notFound } from '#server/base/errors.ts'
import type { Translate } from '#server/base/translate.ts'
import { type OwnSession, endUserSession, listUserSessions } from '#server/modules/accounts/index.ts'

import { statusOf } from '../problem.ts'
import { html } from './html.ts'
import { renderFault, renderForm } from './layout.ts'
import { type LinkingVisit, type LoginPageDeps, openLinkingVisit } from './login-page.ts'
import { LOGIN_PATH, SESSIONS_PATH } from './login-views.ts'
import type { PageLimits } from './page-limits.ts'
import { csrfOf, requireForm, requireVisit, sendPage, switchLanguage } from './page-request.ts'

/** `/account-sessions`: our sessions with people's own accounts, and a button that ends each. */
export const addSessionsPage = (app: FastifyInstance, deps: LoginPageDeps, limits: PageLimits): void => {
  const send = async (reply: FastifyReply, visit: LinkingVisit, fault: AppError | null) => {
    const { context, login, person } = visit
    const { t } = context
    const sessions = await listUserSessions(login, person)
    const title = t('sessions.title')
    return sendPage(
      deps,
      reply,
      { ...context, languagePath: SESSIONS_PATH },
      {
        title,
        status: fault === null ? 200 : statusOf(fault),
        body: html`<section>
            <h1>${title}</h1>
            ${renderFault(fault === null ? null : t(`errors:${fault.code}`, fault.params))}
            <p>${t(sessions.length === 0 ? 'sessions.none' : 'sessions.text')}</p>
          </section>
          ${sessions.map((session) => renderSession(visit, session))}
          <p><a href="${LOGIN_PATH}">${t('sessions.link')}</a></p>`,
      },
    )
  }
  const visitOf = async (request: FastifyRequest) =>
    openLinkingVisit(deps, await requireVisit(deps, limits, request, 'login'))

  app.get(SESSIONS_PATH, async (request, reply) => {
    const visit = await visitOf(request)
    return switchLanguage(deps, request, reply) ? reply : send(reply, visit, null)
  })

  app.post<{ Params: { readonly id: string } }>(`${SESSIONS_PATH}/:id/end`, async (request, reply) => {
    const { fields: _f, ...page } = await requireForm(deps, limits, request, 'login')
    const visit = await openLinkingVisit(deps, page)
    const id = Number(request.params.id)
    try {
      if (!Number.isSafeInteger(id)) throw notFound('account', request.params.id.slice(0, 20))
      await endUserSession(visit.login, id, visit.person)
    } catch (error) {
      if (error instanceof AppError && error.kind !== 'internal') return send(reply, visit, error)
      throw error
    }
    return reply.header('cache-control', 'no-store').redirect(SESSIONS_PATH, 303)
  })
}

const stateText = (t: Translate, refusal: OwnSession['refusal']): string => {
  if (refusal === null) return t('sessions.works')
  return refusal === 'held_elsewhere' ? t('sessions.held') : t(`errors:login_${refusal}`, { minutes: 1 })
}

const renderSession = (
  { context: { t, locale }, visitToken, timeZone }: LinkingVisit,
  { account, card, refusal }: OwnSession,
) => {
  const action = `${SESSIONS_PATH}/${account.id}/end`
  const heading = `session-${account.id}`
  const clock = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone })
  const instant = (at: number) => html`<bdi dir="auto">${clock.format(at)}</bdi>`
  return html`<section aria-labelledby="${heading}">
    <h2 id="${heading}">
      <bdi dir="auto">${account.displayName}</bdi> ${account.username !== null && html`<bdi>@${account.username}</bdi>`}
    </h2>
    <dl>
      <dt>${t('sessions.linked_at')}</dt>
      <dd>${instant(account.linkedAt)}</dd>
      <dt>${t('sessions.state')}</dt>
      <dd>${stateText(t, refusal)}</dd>
      ${
        card !== null &&
        html`<dt>${t('sessions.shown_as')}</dt>
          <dd><bdi>${card.device} · ${card.app}</bdi></dd>
          <dt>${t('sessions.active_at')}</dt>
          <dd>${instant(card.activeAt)}</dd>`
      }
    </dl>
    ${renderForm(
      action,
      csrfOf(visitToken, action),
      html`<p class="hint">${t('sessions.end_text')}</p>
        <button type="submit" class="grave">${t('sessions.end')}</button>`,
    )}
  </section>`
}
