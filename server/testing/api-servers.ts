import type { Locale } from '#contract/words.ts'
import type { Clock } from '#server/base/clock.ts'
import { silentLogger } from '#server/base/logger.ts'
import { createMetrics } from '#server/base/metrics.ts'
import { seededRandom } from '#server/base/random.ts'
import { secretBox } from '#server/base/secret.ts'
import { createTranslator } from '#server/base/translate.ts'
import type { Db } from '#server/db/pool.ts'
import { type ApiDeps, apiRoutes, createHttpServer } from '#server/doors/http/index.ts'
import { createFakeModel } from '#server/gateways/llm/adapters/fake/create-fake-model.ts'
import { createFakeTelegram } from '#server/gateways/telegram/adapters/fake/create-fake-telegram.ts'
import { createWebhookCaller } from '#server/gateways/webhooks/adapters/http/create-webhook-caller.ts'
import { activatePaidPackage } from '#server/modules/billing/index.ts'
import { openOnboardingDeps } from '#server/open-onboarding.ts'

/** Makes HTTP servers with nothing but the API over this database. `over` replaces what it stands on. */
export const apiServers = (db: Db, clock: Clock, over: Partial<ApiDeps> = {}) => {
  const translator = (locale: Locale) => createTranslator(locale, 'errors')
  const box = secretBox(Buffer.alloc(32, 5))
  const payments = { db, providers: new Map(), sellerAccountId: null, activate: activatePaidPackage }
  const operators = { box, isSecondFactorRequired: false, payments, health: async () => [] }
  const caller = createWebhookCaller({ clock, arePrivateAllowed: true })
  const webhooks = { db, box, caller, clock, random: seededRandom(1), version: '0.0.0', arePrivateAllowed: true }
  const miniApp = { db, box, miniAppKey: '0'.repeat(64) }
  const shared = { log: silentLogger, version: '0.0.0', translator }
  const { updateFeed: feed, files } = createFakeTelegram({ clock })
  const accounts = { db, box, feed, publicUrl: null }
  const start = {
    onboarding: openOnboardingDeps({ db, payments, accounts, log: silentLogger, publicUrl: null }),
    linking: { apiRoot: null, hasOwnAccounts: false },
    hasTelegramSignIn: false,
    models: { model: createFakeModel({ clock }), installation: null, clock, arePrivateAllowed: false },
  }
  const where = { publicUrl: null, consoleTenantSlug: null }
  const create = () =>
    createHttpServer({
      ...shared,
      metrics: createMetrics(),
      isDraining: () => false,
      pingDatabase: async () => {},
      health: async () => [],
      routes: [
        apiRoutes({
          ...shared,
          ...where,
          db,
          clock,
          pace: clock,
          miniApp,
          webhooks,
          files,
          ...operators,
          ...start,
          ...over,
        }),
      ],
    })
  return { create, close: () => caller.destroy() }
}
