import { type Locale, type PackageName, REPLY_MODES, type ReplyMode, type SettingLayer } from '#contract/words.ts'
import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type Account, listAccounts } from '#server/modules/accounts/index.ts'
import { getSubscription } from '#server/modules/billing/index.ts'

import { allowed } from './account-layers.rules.ts'
import { type AccountSettings, SETTING_FIELDS, liftingReplyMode } from './account-setting.rules.ts'
import { listStoredSettingsOf } from './account-setting.store.ts'
import { countProposedDrafts } from './answering/draft.store.ts'
import { type AccountSettingsView, settingsView } from './get-account-settings.ts'
import { listPersonasOf } from './persona.store.ts'

/** How one account answers by itself, and where each setting comes from. */
export interface AccountReplies {
  readonly account: Account
  /** Of the settings; 0 before anything was chosen. */
  readonly version: number
  /** Which layer decided each setting. */
  readonly sources: Readonly<Record<keyof AccountSettings, SettingLayer>>
  /** Whether anything was ever chosen for this account; else `chosen` is what the package begins with. */
  readonly isChosen: boolean
  readonly chosen: AccountSettings
  readonly effective: AccountSettings
  readonly changedBy: string | null
  readonly changedAt: number | null
  /** Every mode, with the package that brings it; null where it is there. */
  readonly modes: readonly { readonly mode: ReplyMode; readonly liftedBy: PackageName | null }[]
  readonly limits: AccountSettingsView['limits']
  readonly persona: {
    readonly version: number
    readonly displayName: string
    readonly language: Locale
    readonly updatedBy: string
    readonly updatedAt: number
  } | null
  /** Drafts that wait for somebody to decide. */
  readonly drafts: number
}

const repliesOf = (
  account: Account,
  view: AccountSettingsView,
): Omit<AccountReplies, 'persona' | 'drafts' | 'modes'> => {
  const { version, chosen, effective, limits, updatedBy: changedBy, updatedAt: changedAt } = view
  const isChosen = version > 0
  const sources = Object.fromEntries(
    SETTING_FIELDS.map((key) => [key, allowed(key, effective[key], chosen[key], isChosen).source]),
  ) as AccountReplies['sources']
  return { account, version, sources, isChosen, chosen, effective, changedBy, changedAt, limits }
}

/**
 * How the accounts that speak with contacts answer at `at`, with where each setting comes from, oldest first;
 * disconnected ones are left out.
 */
export const listReplies = async (tx: TenantTx, at: number): Promise<readonly AccountReplies[]> => {
  const accounts = (await listAccounts(tx)).filter(
    ({ purpose, state }) => purpose === 'contacts' && state !== 'disconnected',
  )
  const ids = accounts.map(({ id }) => id)
  const [subscription, stored] = [await getSubscription(tx), await listStoredSettingsOf(tx, ids)]
  const [personas, drafts] = [await listPersonasOf(tx, ids), await countProposedDrafts(tx)]
  return accounts.map((account) => {
    const view = settingsView(account.id, stored.get(account.id) ?? null, subscription, at)
    const persona = personas.get(account.id)
    return {
      ...repliesOf(account, view),
      modes: REPLY_MODES.map((mode) => ({ mode, liftedBy: liftingReplyMode(mode, view.limits) })),
      persona: persona
        ? {
            version: persona.version,
            displayName: persona.displayName,
            language: persona.language,
            updatedBy: persona.updatedBy,
            updatedAt: persona.updatedAt,
          }
        : null,
      drafts: drafts.get(account.id) ?? 0,
    }
  })
}

/** The same of one account. Errors: `not_found`. */
export const getReplies = async (tx: TenantTx, accountId: number, at: number): Promise<AccountReplies> => {
  const found = (await listReplies(tx, at)).find(({ account }) => account.id === accountId)
  if (!found) throw notFound('account', accountId)
  return found
}
