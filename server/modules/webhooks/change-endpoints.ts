import type { SecretBox } from '#server/base/secret.ts'
import { AppError, invalid, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { findAddressFault } from '#server/gateways/endpoint-address.ts'
import { endpointSecretContext, oldEndpointSecretContext, openTenantKey } from '#server/modules/accounts/index.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import {
  countEndpointsLocked,
  deleteEndpoint,
  findSecrets,
  insertEndpoint,
  listEndpoints,
  saveEndpoint,
  saveSecret,
} from './endpoint.store.ts'
import { ENDPOINTS_MAX, ROTATION_MS, type WebhookEndpoint, checkKinds, checkName, newSecret } from './webhook.rules.ts'

export interface EndpointDeps {
  readonly box: SecretBox
  /** Whether endpoints may lie on the installation's own network and speak plain http. */
  readonly arePrivateAllowed: boolean
}

/** An endpoint with its secret, which is shown this once. */
export type EndpointWithSecret = WebhookEndpoint & { readonly secret: string }

/** Errors: `invalid` with `webhook_not_an_address`, `webhook_not_https` or `webhook_private_address`. */
const checkUrl = (given: string, arePrivateAllowed: boolean): string => {
  const url = given.trim()
  const fault = url.length > 2_000 ? 'not_an_address' : findAddressFault(url, arePrivateAllowed, { takesQuery: true })
  if (fault !== null) throw invalid(`webhook_${fault}`, 'url')
  return url
}

/** Addresses may hold secrets of the receiver: the log keeps the host alone. */
const hostOf = (url: string): string => new URL(url).host

/** The tenant's endpoint of this number, or null. */
export const findEndpoint = async (tx: TenantTx, id: number): Promise<WebhookEndpoint | null> =>
  (await listEndpoints(tx, [id]))[0] ?? null

/** {@link findEndpoint} for one that must exist. Errors: `not_found`. */
export const getEndpoint = async (tx: TenantTx, id: number): Promise<WebhookEndpoint> => {
  const endpoint = await findEndpoint(tx, id)
  if (!endpoint) throw notFound('webhook', id)
  return endpoint
}

const audit = (
  tx: TenantTx,
  action: string,
  id: number,
  { by, at }: ActingPerson,
  detail: Readonly<Record<string, string | number>> = {},
): Promise<void> =>
  recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: `webhook.${action}`,
    target: `webhook:${id}`,
    detail,
    at,
  })

/**
 * Adds an endpoint that is told of these kinds from now on. Audited. Errors: `forbidden/not_allowed`,
 * `invalid` with `text_length`, `webhook_kinds_missing`, `unknown_word`, `webhook_not_an_address`, `webhook_not_https`
 * or `webhook_private_address`, `limit_reached/webhook_count`.
 */
export const addEndpoint = async (
  tx: TenantTx,
  { box, arePrivateAllowed }: EndpointDeps,
  input: { readonly name: string; readonly url: string; readonly kinds: readonly string[] },
  actor: ActingPerson,
): Promise<EndpointWithSecret> => {
  requireCan(actor.access, 'webhooks.edit')
  const [name, url, kinds] = [checkName(input.name), checkUrl(input.url, arePrivateAllowed), checkKinds(input.kinds)]
  if ((await countEndpointsLocked(tx)) >= ENDPOINTS_MAX)
    throw new AppError('limit_reached', 'webhook_count', { max: ENDPOINTS_MAX })
  const secret = newSecret()
  const key = await openTenantKey(tx, box, actor.at)
  const id = await insertEndpoint(tx, { name, url, kinds, by: actor.by, at: actor.at }, (made) =>
    key.seal(secret, endpointSecretContext(tx.tenantId, made)),
  )
  await audit(tx, 'added', id, actor, { host: hostOf(url), kinds: kinds.join(' ') })
  return { ...(await getEndpoint(tx, id)), secret }
}

/**
 * Changes what is given. `active` begins anew: failures are forgotten, and what happened meanwhile is not told. Audited.
 * Errors: as of {@link addEndpoint}, `not_found`.
 */
export const changeEndpoint = async (
  tx: TenantTx,
  { arePrivateAllowed }: Pick<EndpointDeps, 'arePrivateAllowed'>,
  id: number,
  input: {
    readonly name?: string
    readonly url?: string
    readonly kinds?: readonly string[]
    readonly state?: 'active' | 'paused'
  },
  actor: ActingPerson,
): Promise<WebhookEndpoint> => {
  requireCan(actor.access, 'webhooks.edit')
  const change = {
    ...(input.name !== undefined && { name: checkName(input.name) }),
    ...(input.url !== undefined && { url: checkUrl(input.url, arePrivateAllowed) }),
    ...(input.kinds !== undefined && { kinds: checkKinds(input.kinds) }),
    ...(input.state !== undefined && { state: input.state }),
  }
  if (!(await saveEndpoint(tx, id, change, actor.at))) throw notFound('webhook', id)
  await audit(tx, 'changed', id, actor, {
    what: Object.keys(change).join(' '),
    ...(change.url !== undefined && { host: hostOf(change.url) }),
    ...(change.state !== undefined && { state: change.state }),
  })
  return getEndpoint(tx, id)
}

/** Removes an endpoint with all that was delivered to it. Audited. Errors: `forbidden/not_allowed`, `not_found`. */
export const removeEndpoint = async (tx: TenantTx, id: number, actor: ActingPerson): Promise<void> => {
  requireCan(actor.access, 'webhooks.edit')
  if (!(await deleteEndpoint(tx, id))) throw notFound('webhook', id)
  await audit(tx, 'removed', id, actor)
}

/**
 * Gives an endpoint a new secret; the one of before signs beside it for a day after `now`. Audited. Errors:
 * `forbidden/not_allowed`, `not_found`, `internal/secret_unreadable`.
 */
export const rotateSecret = async (
  tx: TenantTx,
  { box }: Pick<EndpointDeps, 'box'>,
  id: number,
  actor: ActingPerson,
  now: number,
): Promise<EndpointWithSecret> => {
  requireCan(actor.access, 'webhooks.edit')
  const secrets = await findSecrets(tx, id, 'locked')
  if (!secrets) throw notFound('webhook', id)
  const key = await openTenantKey(tx, box, actor.at)
  const context = endpointSecretContext(tx.tenantId, id)
  const secret = newSecret()
  await saveSecret(tx, id, {
    sealed: key.seal(secret, context),
    old: key.seal(key.open(secrets.sealed, context), oldEndpointSecretContext(tx.tenantId, id)),
    oldUntil: now + ROTATION_MS,
  })
  await audit(tx, 'secret_rotated', id, actor)
  return { ...(await getEndpoint(tx, id)), secret }
}
