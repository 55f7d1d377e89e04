import type { Long } from '@mtcute/core'
import type { Connection } from '#simulator/mtproto/connection.ts'
import { runMethod } from '#simulator/mtproto/methods/index.ts'
import type { TlRequest } from '#simulator/mtproto/schema.ts'
import { rpcError, rpcResult } from '#simulator/mtproto/service-messages.ts'
import { openKey, revokeKey } from '#simulator/user-accounts/login.ts'
import { RpcRefusal } from '#simulator/user-accounts/rpc-refusal.ts'
import type { KeyState, UserAccounts } from '#simulator/user-accounts/types.ts'

export type CallDeps = {
  readonly accounts: UserAccounts
  readonly address: { readonly host: string; readonly port: number }
  /** Other open connections under the same key. */
  readonly siblings: (connection: Connection) => readonly Connection[]
  readonly onBug: (error: unknown) => void
}

/** Runs a call and sends its answer; an injected fault may cut the connection instead. */
export function runCall(
  deps: CallDeps,
  connection: Connection,
  messageId: Long,
  wrapped: TlRequest,
): { readonly isAccepted: boolean; readonly wantsUpdates: boolean } {
  const key = openKey(deps.accounts, connection.keyId())
  const { request, wantsUpdates } = unwrap(key, wrapped)
  const fault = deps.accounts.faults.strike(request._, key.authorization?.account.user.id ?? null)
  if (fault?.kind === 'drop_before') {
    connection.cut()
    return { isAccepted: false, wantsUpdates }
  }
  try {
    if (fault?.kind === 'refuse') throw new RpcRefusal(fault.code ?? 400, fault.text ?? 'BAD_REQUEST')
    refuseSecondUser(deps, key, connection)
    const answer = rpcResult(messageId, runMethod({ accounts: deps.accounts, key, address: deps.address }, request))
    if (fault?.kind === 'drop_after') connection.cut()
    else if (fault?.kind !== 'silent_after') connection.send(answer)
  } catch (error) {
    if (!(error instanceof RpcRefusal)) deps.onBug(error)
    const { code, text } = error instanceof RpcRefusal ? error : new RpcRefusal(500, 'INTERDC_1_CALL_ERROR')
    connection.send(rpcError(messageId, code, text))
  }
  return { isAccepted: true, wantsUpdates }
}

/** One key in two programs at once: Telegram takes it for stolen and destroys it. */
function refuseSecondUser({ accounts, siblings }: CallDeps, key: KeyState, connection: Connection): void {
  if (!key.authorization) return
  if (siblings(connection).every((other) => other.session() === connection.session())) return
  revokeKey(accounts, key)
  throw new RpcRefusal(406, 'AUTH_KEY_DUPLICATED')
}

/** Takes a call out of its wrappings, and notes what they say about the client. */
function unwrap(key: KeyState, wrapped: TlRequest): { readonly request: TlRequest; readonly wantsUpdates: boolean } {
  let request = wrapped
  let wantsUpdates = true
  for (;;) {
    switch (request._) {
      case 'initConnection':
        key.device = {
          model: String(request['deviceModel']),
          app: `app ${String(request['apiId'])}`,
          appVersion: String(request['appVersion']),
          apiId: Number(request['apiId']),
        }
        break
      case 'invokeWithoutUpdates':
        wantsUpdates = false
        break
      case 'invokeWithLayer':
      case 'invokeAfterMsg':
      case 'invokeAfterMsgs':
        break
      default:
        return { request, wantsUpdates }
    }
    request = request['query'] as TlRequest
  }
}
