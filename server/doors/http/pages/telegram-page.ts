import { AppError } from '#server/base/errors.ts'
import { type TelegramSignInDeps, beginTelegramSignIn, finishTelegramSignIn } from '#server/modules/tenancy/index.ts'

import { addCookie } from '../cookies.ts'
import { addressOf, cookieOf, headerOf, isHttps } from '../request.ts'
import { setSessionCookie } from '../session-cookie.ts'
import { type PageDeps, requireSafeWay } from './page-request.ts'
import type { MorePages } from './page-routes.ts'

const TELEGRAM_PATH = '/enter/telegram'
const RETURN_PATH = `${TELEGRAM_PATH}/back`
const PANEL_PATH = '/app/'

const cookieFor = (publicUrl: string) => (isHttps(publicUrl) ? '__Host-gc_telegram' : 'gc_telegram')

/** `/enter/telegram`: into the web panel by Telegram's own log-in, where the installation has it set up. */
export const telegramPages = (
  deps: PageDeps,
  { signIn, publicUrl }: { readonly signIn: TelegramSignInDeps['signIn']; readonly publicUrl: string },
): MorePages => ({
  paths: {},
  add(app, limits) {
    const name = cookieFor(publicUrl)
    app.get(TELEGRAM_PATH, async (request, reply) => {
      requireSafeWay(publicUrl, request)
      limits.take('opening', addressOf(request))
      const at = deps.pace.now()
      const { token, page, expiresAt } = await beginTelegramSignIn({ db: deps.db, signIn }, publicUrl + RETURN_PATH, at)
      // Arrives with the step back from Telegram's page, which is another site.
      addCookie(reply, publicUrl, {
        name,
        value: token,
        seconds: Math.floor((expiresAt - at) / 1_000),
        sameSite: 'Lax',
      })
      return reply.header('cache-control', 'no-store').redirect(page, 303)
    })

    app.get(RETURN_PATH, async (request, reply) => {
      requireSafeWay(publicUrl, request)
      limits.take('opening', addressOf(request))
      const token = cookieOf(request, name)
      addCookie(reply, publicUrl, { name, value: '', seconds: 0, sameSite: 'Lax' })
      if (token === null) throw new AppError('unauthenticated', 'telegram_sign_in_over')
      const at = deps.pace.now()
      const { session, sessionToken } = await finishTelegramSignIn(
        { db: deps.db, signIn },
        {
          token,
          returned: new URL(publicUrl + request.url),
          device: headerOf(request, 'user-agent') ?? '',
        },
        at,
      )
      setSessionCookie(reply, publicUrl, sessionToken, Math.floor((session.expiresAt - at) / 1_000))
      return reply.header('cache-control', 'no-store').redirect(PANEL_PATH, 303)
    })
  },
})
