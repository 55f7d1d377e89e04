import type { Locale } from '#contract/words.ts'
import type { Translate } from '#server/base/translate.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import type { Access, ActingPerson, Action, Member, Operator } from '#server/modules/tenancy/index.ts'

import type { PanelDeps } from './panel-deps.ts'
import type { Reply } from './reply.ts'

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

/** What somebody wrote or sent as the answer to a question. */
export interface Written {
  readonly text: string
  /** Telegram's id of the photo or file beside it; null for text alone. */
  readonly fileId: string | null
}

type Run = (talk: Talk) => Promise<Reply> | Reply

export interface PanelAction {
  /** Telegram's own word brings it, never a press: a button that names it is forged. */
  readonly isTold?: true
  /** What the speaker must be allowed; the command's own when left out. */
  readonly needs?: Action
  /** Asked before it is done, as it cannot be undone or stops something; HTML. */
  readonly confirm?: (talk: Talk) => Promise<string> | string
  readonly run: Run
}

export interface PanelInput {
  readonly needs?: Action
  readonly run: (talk: Talk, written: Written) => Promise<Reply> | Reply
}

/** One command with its buttons and questions. Help, menus, checks and tests are made from these rows. */
export interface PanelCommand {
  /** Two to four letters that name it in buttons. */
  readonly key: string
  /** Without the slash: a–z, 0–9 and _. */
  readonly name: string
  /** Other names of the same, English ones among them. */
  readonly aliases: readonly string[]
  /** Who may speak it: `member` of a tenant, or an operator in its stead; others are told what they can do. */
  readonly audience: 'anyone' | 'member' | 'operator'
  readonly needs?: Action
  /** Key of its line in help and menus, 3–256 characters. */
  readonly about: string
  /** Left out of help and menus. */
  readonly isHidden?: boolean
  /** Works also where no tenant is chosen, though its buttons name one. */
  readonly run: Run
  readonly actions?: Readonly<Record<string, PanelAction>>
  readonly inputs?: Readonly<Record<string, PanelInput>>
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
