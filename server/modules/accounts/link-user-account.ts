import { AppError } from '#server/base/errors.ts'
import { randomToken } from '#server/base/secret.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import type { UserProfile } from '#server/gateways/telegram/login.ts'
import { lockSubscription, requireEntitlement } from '#server/modules/billing/index.ts'
import { recordAudit } from '#server/modules/tenancy/index.ts'

import { type Account, webhookSecretContext } from './account.rules.ts'
import { lockAccount, lockByTelegramId, withoutSecrets } from './account.store.ts'
import { type LoginAttempt, saveEnd, saveSessionEnd } from './login-attempt.store.ts'
import type { LinkingPerson, LoginDeps } from './login-deps.ts'
import { type UserAccountLink, insertUserAccount, relinkUserAccount } from './user-account.store.ts'

/**
 * Makes the account of a session that has logged in, and ends its attempt with it: emits `account.linked`, audited with
 * the text agreed to. An account of the tenant's that was disconnected is linked anew. Locks the subscription. Errors:
 * `conflict` with `user_account_already_linked`, `user_account_linked_elsewhere` or `login_none`, `limit_reached` as
 * `requireEntitlement` has it; whoever calls then ends the session.
 */
export const linkUserAccount = (
  deps: LoginDeps,
  attempt: LoginAttempt,
  profile: UserProfile,
  person: LinkingPerson,
): Promise<Account> =>
  inTenant(deps.db, person.tenantId, async (tx) => {
    const { sessionId } = attempt
    if (sessionId === null) throw new Error(`login attempt ${attempt.id} has no session`)
    const link: UserAccountLink = {
      ...profile,
      sessionId,
      ownerTelegramId: person.telegramId,
      apiRoot: deps.apiRoot,
      webhookKey: randomToken(24),
      webhookSecretSealed: deps.box.seal(randomToken(32), webhookSecretContext(person.tenantId, profile.telegramId)),
    }
    const id = await placeAccount(tx, link, person.at)
    if (!(await saveEnd(tx, attempt.id, { accountId: id }, person.at))) throw new AppError('conflict', 'login_none')
    await recordAudit(tx, {
      tenantId: tx.tenantId,
      actor: person.by,
      action: 'account.linked',
      target: `account:${id}`,
      detail: { telegramId: profile.telegramId, by: 'session', consent: attempt.consentVersion },
      at: person.at,
    })
    await emitEvents(tx, person.at, [{ type: 'account.linked', payload: { accountId: id } }])
    const linked = await lockAccount(tx, id)
    if (!linked) throw new Error(`account ${id} vanished in its own transaction`)
    return withoutSecrets(linked)
  })

const placeAccount = async (tx: TenantTx, link: UserAccountLink, at: number): Promise<number> => {
  // Before any account, as everywhere: who holds the package never waits for somebody who waits for the package.
  await lockSubscription(tx)
  const own = await lockByTelegramId(tx, link.telegramId)
  if (own && own.state !== 'disconnected') {
    throw new AppError('conflict', 'user_account_already_linked', { id: own.id })
  }
  await requireEntitlement(tx, 'accounts', { at })
  if (own) {
    if (own.sessionId !== null) await saveSessionEnd(tx, own.sessionId, 'linked_anew', at)
    await relinkUserAccount(tx, own.id, link, at)
    return own.id
  }
  // Row-level security hides other tenants' accounts, not their claim on the person's account.
  const id = await insertUserAccount(tx, link, at)
  if (id === null) throw new AppError('conflict', 'user_account_linked_elsewhere')
  return id
}
