import type { Locale } from '#contract/words.ts'
import type { Translate } from '#server/base/translate.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { Tenant } from '#server/modules/tenancy/index.ts'

import type { Heard } from './happening.rules.ts'

/** Who applies updates, for what happens in groups. */
export interface GroupTending {
  readonly tx: TenantTx
  readonly tenant: Tenant
  readonly accountId: number
  readonly now: number
  readonly translator: (locale: Locale) => Translate
}

/** What a person wrote into a group the account is in. Bots and the tenant's own accounts never come here. */
export interface GroupWords extends GroupTending, Heard {
  readonly contactId: number
  readonly chatTelegramId: number
  readonly messageId: number
  readonly updateId: number
  /** Epoch ms. */
  readonly at: number
  /** It mentions the account, answers one of its messages, or is a command for it. */
  readonly isAddressed: boolean
  /** The account's public name; null for one that has none. */
  readonly username: string | null
}

/** Answers, or sees to an answer; false when it is for the next to do. */
export type GroupResponder = (words: GroupWords) => Promise<boolean>
