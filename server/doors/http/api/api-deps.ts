import type { Locale } from '#contract/words.ts'
import type { Logger } from '#server/base/logger.ts'
import type { SecretBox } from '#server/base/secret.ts'
import type { PartHealth } from '#server/base/supervisor.ts'
import type { Translate } from '#server/base/translate.ts'
import type { MiniAppDeps } from '#server/modules/accounts/index.ts'
import type { EvidenceDeps } from '#server/modules/admin/index.ts'
import type { CheckoutDeps } from '#server/modules/billing/index.ts'
import type { AskModelDeps, ModelSetDeps } from '#server/modules/llm/index.ts'
import type { OnboardingDeps } from '#server/modules/onboarding/index.ts'
import type { EndpointDeps, WebhookDeps } from '#server/modules/webhooks/index.ts'

import type { CallerDeps } from './caller.ts'

/** What the routes of the API stand on. */
export interface ApiDeps extends CallerDeps {
  readonly log: Logger
  readonly version: string
  readonly translator: (locale: Locale) => Translate
  /** The tenant that whoever has the console of the server owns: the demo's; null without a demo. */
  readonly consoleTenantSlug: string | null
  /** Seals the secrets of second factors, and answers that are kept to be given again. */
  readonly box: SecretBox
  /** Whether those who run the installation see nothing of it without a second factor. */
  readonly isSecondFactorRequired: boolean
  /** What sends money back, and what a payment begins. */
  readonly payments: CheckoutDeps
  /** The parts of this process. */
  readonly health: () => Promise<readonly PartHealth[]>
  /** What calls endpoints of tenants, and where these may be. */
  readonly webhooks: WebhookDeps & Pick<EndpointDeps, 'arePrivateAllowed'>
  /** What fetches files that people sent. */
  readonly files: EvidenceDeps['files']
  /** What launches of the Mini App are checked with. */
  readonly miniApp: MiniAppDeps
  /** Whether people can come in by Telegram's own log-in. */
  readonly hasTelegramSignIn: boolean
  /** What newcomers and new accounts go through. */
  readonly onboarding: OnboardingDeps
  /** What answers for language models, the installation's own, and where those of tenants may be. */
  readonly models: Pick<AskModelDeps, 'model' | 'installation' | 'clock'> & Pick<ModelSetDeps, 'arePrivateAllowed'>
  readonly linking: {
    /** Base address of the Bot API for bots that are linked; Telegram's own when null. */
    readonly apiRoot: string | null
    /** Whether people's own accounts can be linked. */
    readonly hasOwnAccounts: boolean
  }
}
