import type { Action } from '#server/modules/tenancy/index.ts'

import type { Reply } from './reply.ts'
import type { Talk } from './talk.ts'

/** What somebody wrote or sent as the answer to a question. */
export interface Written {
  readonly text: string
  /** Telegram's id of the photo or file beside it; null for text alone. */
  readonly fileId: string | null
}

type Run = (talk: Talk) => Promise<Reply> | Reply

export interface PanelAction {
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
