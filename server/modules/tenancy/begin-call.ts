import { DAY_MS, MINUTE_MS } from '#server/base/duration.ts'
import { AppError, invalid } from '#server/base/errors.ts'
import { equalHashes } from '#server/base/secret.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type NamedCall, findCall, insertCall } from './api-call.store.ts'

/** How long an answer is kept for whoever asks again. */
const KEPT_MS = DAY_MS
/** A call that has run for longer than any may was cut off with its process. */
const LONGEST_CALL_MS = 5 * MINUTE_MS
const FIELD = 'Idempotency-Key'
const KEY = /^[\x21-\x7E]{1,255}$/

/** What to do with a call: make it, or give the answer that it had. */
export type CallStart =
  | { readonly kind: 'new' }
  | { readonly kind: 'answered'; readonly status: number; readonly answerSealed: Buffer }

/**
 * Writes a call down under the name its caller gave it, so that it is made once, or finds how it ended before.
 * `fingerprint` is a hash of all that the call says. Errors: `invalid/idempotency_key_bad`,
 * `invalid/idempotency_key_reused` for another call of that name, `conflict/idempotency_running`,
 * `conflict/idempotency_unknown` where the call was cut off and may have been made.
 */
export const beginCall = async (
  tx: TenantTx,
  call: NamedCall & { readonly fingerprint: Buffer },
  at: number,
): Promise<CallStart> => {
  if (!KEY.test(call.key)) throw invalid('idempotency_key_bad', FIELD)
  if (await insertCall(tx, call, { at, expiresAt: at + KEPT_MS })) return { kind: 'new' }
  const known = await findCall(tx, call)
  // Forgotten between the two looks: whoever asks again makes it.
  if (!known) throw new AppError('conflict', 'idempotency_running', { field: FIELD })
  if (!equalHashes(known.fingerprint, call.fingerprint)) throw invalid('idempotency_key_reused', FIELD)
  if (known.status !== null && known.answerSealed !== null)
    return { kind: 'answered', status: known.status, answerSealed: known.answerSealed }
  const isCutOff = known.state === 'unknown' || at - known.begunAt > LONGEST_CALL_MS
  throw new AppError('conflict', isCutOff ? 'idempotency_unknown' : 'idempotency_running', { field: FIELD })
}
