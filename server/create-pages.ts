// Pages of ours in HTML, and what has to be done about them by itself.
import type { Locale } from '#contract/words.ts'

import type { Clock } from './base/clock.ts'
import type { Logger } from './base/logger.ts'
import type { SecretBox } from './base/secret.ts'
import type { Translate } from './base/translate.ts'
import type { Db } from './db/pool.ts'
import { type PayDeps, enterPages, pageRoutes, payPages, telegramPages } from './doors/http/index.ts'
import { createPageDuties } from './doors/jobs/index.ts'
import type { TelegramSignIn } from './gateways/telegram/telegram-sign-in.ts'
import type { LoginDeps } from './modules/accounts/index.ts'
import type { UserTelegram } from './user-telegram.ts'

export interface PagesParts {
  readonly db: Db
  readonly box: SecretBox
  readonly clock: Pick<Clock, 'now'>
  /** What people's links and visits are timed by. */
  readonly pace: Pick<Clock, 'now'>
  readonly log: Logger
  readonly users: UserTelegram
  /** Names this process among those that lease accounts. */
  readonly holder: string
  readonly publicUrl: string | null
  readonly pay: PayDeps
  /** Telegram's own log-in; null where it is not set up. */
  readonly signIn: TelegramSignIn | null
  /** Translates from the catalogue `pages`. */
  readonly translator: (locale: Locale) => Translate
}

/** The routes of the pages, and the duties that leave nothing half-made behind them. */
export const createPages = ({
  db,
  box,
  clock,
  pace,
  log,
  users,
  holder,
  publicUrl,
  pay,
  signIn,
  translator,
}: PagesParts) => {
  const openLogin = async (): Promise<LoginDeps> => ({
    db,
    box,
    login: await users.login(),
    apiRoot: users.apiRoot,
    holder,
  })
  const page = { db, clock, pace, log, translator, publicUrl }
  return {
    routes: pageRoutes({
      ...page,
      openLogin,
      more: [
        payPages(page, pay),
        enterPages(page),
        ...(signIn !== null && publicUrl !== null ? [telegramPages(page, { signIn, publicUrl })] : []),
      ],
    }),
    duties: createPageDuties({ db, log, pace, openLogin: users.isSetUp ? openLogin : null }),
  }
}
