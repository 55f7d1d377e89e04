import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

import { AppError } from '#server/base/errors.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import {
  type LinkingPerson,
  type LoginDeps,
  type LoginView,
  cancelLogin,
  findLogin,
  resendCode,
  showQrLogin,
  startPhoneLogin,
  startQrLogin,
  submitLoginCode,
  submitLoginPassword,
} from '#server/modules/accounts/index.ts'
import { findMember, getOwnTenant, requireCan } from '#server/modules/tenancy/index.ts'

import { statusOf } from '../problem.ts'
import { findSessionToken } from '../session-cookie.ts'
import type { PageContent } from './layout.ts'
import {
  LOGIN_PATH,
  type LoginScene,
  renderChoice,
  renderCode,
  renderDone,
  renderPassword,
  renderScan,
} from './login-views.ts'
import type { PageLimits } from './page-limits.ts'
import {
  type PageDeps,
  type PageRequest,
  isRefusal,
  requireForm,
  requireVisit,
  sendPage,
  switchLanguage,
} from './page-request.ts'
import { drawQr } from './qr-code.ts'

export interface LoginPageDeps extends PageDeps {
  /** Errors: `unavailable/user_accounts_off` where the operator has not set people's own accounts up. */
  readonly openLogin: () => Promise<LoginDeps>
}

/** A visit with the person's present rights: who was removed since the link was made may do nothing. */
export interface LinkingVisit extends PageRequest {
  readonly login: LoginDeps
  readonly person: LinkingPerson
  readonly tenantName: string
  readonly timeZone: string
}

export const openLinkingVisit = async (deps: LoginPageDeps, page: PageRequest): Promise<LinkingVisit> => {
  const login = await deps.openLogin()
  const { tenantId, telegramId } = page.visit
  if (tenantId === null) throw new AppError('unauthenticated', 'page_visit_over')
  return inTenant(deps.db, tenantId, async (tx) => {
    const member = await findMember(tx, telegramId)
    const person: LinkingPerson = {
      tenantId,
      telegramId,
      by: member === null ? `telegram:${telegramId}` : `member:${member.id}`,
      access: member === null ? { kind: 'nobody' } : { kind: 'member', role: member.role },
      at: page.at,
    }
    requireCan(person.access, 'accounts.link')
    const { name, timeZone } = await getOwnTenant(tx)
    // Isolated: a name may be written in the other direction than the page.
    return { ...page, login, person, tenantName: `\u2068${name}\u2069`, timeZone }
  })
}

const draw = (scene: LoginScene, view: LoginView | null): PageContent => {
  switch (view?.state) {
    case 'code':
      return renderCode(scene, view)
    case 'password':
      return renderPassword(scene, view)
    case 'scan':
      return renderScan(scene, view)
    case 'linked':
      return scene.fault === null ? renderDone(scene) : renderChoice(scene, null)
    case 'ended':
      return renderChoice(scene, view)
    case undefined:
      return renderChoice(scene, null)
  }
}

type Step = (visit: LinkingVisit, fields: URLSearchParams) => Promise<unknown>

/** What each form of the page does; the way back is always the page itself. */
const STEPS: Readonly<Record<string, Step>> = {
  phone: ({ login, person }, fields) =>
    startPhoneLogin(login, { phone: fields.get('phone') ?? '', consentVersion: fields.get('consent') }, person),
  qr: ({ login, person }, fields) => startQrLogin(login, { consentVersion: fields.get('consent') }, person),
  code: ({ login, person }, fields) => submitLoginCode(login, fields.get('code') ?? '', person),
  resend: ({ login, person }) => resendCode(login, person),
  password: ({ login, person }, fields) => submitLoginPassword(login, fields.get('password') ?? '', person),
  scanned: ({ login, person }) => showQrLogin(login, person, { isScanned: true }),
  cancel: ({ login, person }) => cancelLogin(login, person),
}

interface Sight {
  readonly view: LoginView | null
  readonly fault: AppError | null
}

/** What the person sees now: the QR code is kept fresh by looking. */
const look = async ({ login, person }: LinkingVisit): Promise<Sight> => {
  const view = await findLogin(login, person)
  if (view?.state !== 'scan') return { view, fault: null }
  try {
    return { view: await showQrLogin(login, person), fault: null }
  } catch (error) {
    if (!isRefusal(error)) throw error
    return { view: await findLogin(login, person), fault: error }
  }
}

/** `/account-login`: a person links an account of their own, by QR code or by phone, code and password. */
export const addLoginPage = (app: FastifyInstance, deps: LoginPageDeps, limits: PageLimits): void => {
  const visitOf = async (request: FastifyRequest) =>
    openLinkingVisit(deps, await requireVisit(deps, limits, request, 'login'))
  const send = (
    reply: FastifyReply,
    visit: LinkingVisit,
    { view, fault }: Sight,
    seen: Pick<LoginScene, 'typedPhone' | 'isInPanel'> = {},
  ) => {
    const { context, visitToken, tenantName } = visit
    const content = draw({ context, visitToken, tenantName, fault, ...seen }, view)
    const status = fault === null ? 200 : statusOf(fault)
    return sendPage(deps, reply, { ...context, languagePath: LOGIN_PATH }, { ...content, status })
  }

  app.get(LOGIN_PATH, async (request, reply) => {
    const visit = await visitOf(request)
    if (switchLanguage(deps, request, reply)) return reply
    const { view, fault } = await look(visit)
    const wantsAnother = view?.state === 'linked' && request.url.includes('another=1')
    const isInPanel = findSessionToken(request, deps.publicUrl) !== null
    return send(reply, visit, { view: wantsAnother ? null : view, fault }, { isInPanel })
  })

  app.get(`${LOGIN_PATH}/state`, async (request, reply) => {
    const visit = await visitOf(request)
    const { view } = await look(visit)
    const qr = view?.state === 'scan' && view.qr !== null ? drawQr(view.qr.url) : null
    return reply.header('cache-control', 'no-store').send({ state: view?.state ?? 'none', qr })
  })

  for (const [name, step] of Object.entries(STEPS)) {
    app.post(`${LOGIN_PATH}/${name}`, async (request, reply) => {
      const { fields, ...page } = await requireForm(deps, limits, request, 'login')
      const visit = await openLinkingVisit(deps, page)
      try {
        await step(visit, fields)
      } catch (error) {
        if (!isRefusal(error)) throw error
        const view = await findLogin(visit.login, visit.person)
        const way = name === 'qr' ? { way: name } : {}
        const fault = new AppError(error.kind, error.code, { ...error.params, ...way })
        const phone = fields.get('phone')?.slice(0, 32)
        return send(reply, visit, { view, fault }, phone === undefined ? {} : { typedPhone: phone })
      }
      return reply.header('cache-control', 'no-store').redirect(LOGIN_PATH, 303)
    })
  }
}
