import type { AccountKind } from '#contract/words.ts'

/** An account as the gateway needs it: who sends, with which key, to which server. */
export interface TelegramAccount {
  readonly tenantId: number
  readonly accountId: number
  readonly kind: AccountKind
  /** Bot token; opened only for the call, never logged. */
  readonly token: string
  /** Base address of the Bot API without a trailing slash; the public one when null. A simulator is reached by this alone. */
  readonly apiRoot: string | null
  /** The session a `user` account speaks through; sends of that kind fail without it. */
  readonly sessionId?: number
  /** The connection a `business` account speaks through; sends of that kind fail without it. */
  readonly businessConnectionId?: string
}
