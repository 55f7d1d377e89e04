import { createHash } from 'node:crypto'

import type { FastifyReply, FastifyRequest } from 'fastify'

import { AppError } from '#server/base/errors.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { callAnswerContext, openTenantKey } from '#server/modules/accounts/index.ts'
import { beginCall, endCall, forgetCall } from '#server/modules/tenancy/index.ts'

import { headerOf } from '../request.ts'
import type { Admission } from './admit.ts'
import type { ApiDeps } from './api-deps.ts'

type Tenanted = Extract<Admission, { readonly kind: 'tenant' }>

const fingerprintOf = ({ method, url, body }: FastifyRequest): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([method, url, body]))
    .digest()

const sendText = (reply: FastifyReply, status: number, text: string) =>
  reply.code(status).type('application/json; charset=utf-8').send(text)

/** A refusal did nothing; whatever else went wrong may have. */
const didNothing = (error: unknown): boolean =>
  error instanceof AppError && error.kind !== 'internal' && error.kind !== 'unavailable'

/**
 * Makes a call that names itself once, and answers each repetition with the same words, sealed while they are kept: an
 * answer may hold a secret that is shown once. Errors: those of {@link beginCall} and of `answer`.
 */
export const answerOnce = async (
  deps: Pick<ApiDeps, 'db' | 'box' | 'pace'>,
  { tenant, actor }: Tenanted,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  answer: () => Promise<unknown>,
): Promise<FastifyReply> => {
  const key = headerOf(request, 'idempotency-key') ?? ''
  const call = { caller: actor.by, key, fingerprint: fingerprintOf(request) }
  const context = callAnswerContext(tenant.id, actor.by, key)
  const at = deps.pace.now()
  const known = await inTenant(deps.db, tenant.id, async (tx) => {
    const start = await beginCall(tx, call, at)
    if (start.kind === 'new') return null
    const kept = await openTenantKey(tx, deps.box, at)
    return { status: start.status, text: kept.open(start.answerSealed, context) }
  })
  if (known) return sendText(reply.header('idempotency-replayed', 'true'), known.status, known.text)
  let text: string
  try {
    const written = reply.serialize(await answer())
    text = typeof written === 'string' ? written : Buffer.from(written as ArrayBuffer).toString('utf8')
  } catch (error) {
    await inTenant(deps.db, tenant.id, (tx) =>
      didNothing(error) ? forgetCall(tx, call) : endCall(tx, call, 'unknown'),
    )
    throw error
  }
  await inTenant(deps.db, tenant.id, async (tx) => {
    const kept = await openTenantKey(tx, deps.box, at)
    await endCall(tx, call, { status: reply.statusCode, answerSealed: kept.seal(text, context) })
  })
  return sendText(reply, reply.statusCode, text)
}
