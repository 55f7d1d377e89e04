import { notFound } from '#server/base/errors.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import type { Account } from './account.rules.ts'
import { selectAccount, selectAccounts, withoutSecrets } from './account.store.ts'

/** The tenant's accounts (or, for an operator, everybody's), oldest first, disconnected ones included. */
export const listAccounts = async (tx: TenantTx | OperatorTx): Promise<readonly Account[]> =>
  (await selectAccounts(tx)).map(withoutSecrets)

/** One account. Errors: `not_found`. */
export const getAccount = async (tx: TenantTx | OperatorTx, id: number): Promise<Account> => {
  const account = await selectAccount(tx, { id })
  if (!account) throw notFound('account', id)
  return withoutSecrets(account)
}

/** Which Telegram each account lives in: the address of its Bot API, null for Telegram's own. */
export const listAccountRoots = async (
  tx: OperatorTx,
): Promise<readonly (Pick<Account, 'id' | 'tenantId' | 'purpose' | 'state'> & { readonly apiRoot: string | null })[]> =>
  (await selectAccounts(tx)).map(({ id, tenantId, purpose, state, apiRoot }) => ({
    id,
    tenantId,
    purpose,
    state,
    apiRoot,
  }))
