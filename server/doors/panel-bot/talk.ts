import type { Locale } from '#contract/words.ts'
import type { Translate } from '#server/base/translate.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import type { Access, ActingPerson, Member, Operator } from '#server/modules/tenancy/index.ts'

import type { PanelCommand } from './panel-command.ts'
import type { PanelDeps } from './panel-deps.ts'

/** Who writes, as far as this bot knows them. */
export interface Speaker {
  readonly telegramId: number
  readonly chatId: number
  readonly locale: Locale
  readonly username: string | null
  readonly name: string
  readonly operator: Operator | null
  readonly memberships: readonly Member[]
}

/** The tenant a talk is about, and what the speaker may do there. */
export interface TalkTenant {
  readonly id: number
  readonly access: Access
  /** For the audit log: `member:12`, `operator:777`. */
  readonly by: string
}

/** One exchange with one person. */
export interface Talk {
  readonly deps: PanelDeps
  /** The panel's own account. */
  readonly panel: {
    readonly accountId: number
    readonly tenantId: number
    readonly username: string | null
    /** The Telegram it lives in; bots that people bring live in the same. */
    readonly apiRoot: string | null
  }
  readonly speaker: Speaker
  readonly tenant: TalkTenant | null
  /** What follows the command, or what the button carries. */
  readonly args: readonly string[]
  /** The domain's now, epoch ms. */
  readonly at: number
  /** `panel:<account>:<update>`: names this exchange where something adds up, however often it is applied. */
  readonly reference: string
  readonly by: 'command' | 'button' | 'input'
  readonly commands: readonly PanelCommand[]
  readonly t: Translate
}

/** The tenant of a talk whose command asks for one. */
export const tenantOf = (talk: Talk): TalkTenant => {
  if (talk.tenant === null) throw new Error('a command without a tenant asked for one')
  return talk.tenant
}

/** The speaker as they act on the talk's tenant. */
export const actingOn = (talk: Talk): ActingPerson & { readonly tenantId: number } => {
  const { id, access, by } = tenantOf(talk)
  return { tenantId: id, access, by, at: talk.at }
}

/** The speaker as one who runs the installation. */
export const actingOperator = (talk: Talk): ActingPerson => {
  const { operator } = talk.speaker
  if (operator === null) throw new Error('a command of operators was opened to somebody else')
  return {
    by: `operator:${operator.telegramId}`,
    access: { kind: 'operator', role: operator.role },
    at: talk.at,
  }
}

/** Runs `work` in the talk's tenant. */
export const inTalkTenant = <T>(talk: Talk, work: (tx: TenantTx) => Promise<T>): Promise<T> =>
  inTenant(talk.deps.db, tenantOf(talk).id, work)
