import type { RpcContext, RpcMethods } from '#simulator/mtproto/methods/context.ts'
import { changeMethods } from '#simulator/mtproto/methods/change-methods.ts'
import { loginMethods } from '#simulator/mtproto/methods/login-methods.ts'
import { peerMethods } from '#simulator/mtproto/methods/peer-methods.ts'
import { readMethods } from '#simulator/mtproto/methods/read-methods.ts'
import { sendMethods } from '#simulator/mtproto/methods/send-methods.ts'
import { serviceMethods } from '#simulator/mtproto/methods/service-methods.ts'
import type { TlRequest } from '#simulator/mtproto/schema.ts'
import { RpcRefusal } from '#simulator/user-accounts/rpc-refusal.ts'

const methods: RpcMethods = {
  ...serviceMethods,
  ...loginMethods,
  ...peerMethods,
  ...readMethods,
  ...sendMethods,
  ...changeMethods,
}

type AnyMethod = (context: RpcContext, request: TlRequest) => unknown

/** Runs one call. Throws an RpcRefusal where Telegram would answer an error, for unknown methods too. */
export function runMethod(context: RpcContext, request: TlRequest): unknown {
  const method = Object.hasOwn(methods, request._) ? (methods as Record<string, unknown>)[request._] : undefined
  if (!method) throw new RpcRefusal(400, 'METHOD_INVALID')
  const { authorization } = context.key
  if (authorization) authorization.activeAt = context.accounts.world.clock.now()
  return (method as AnyMethod)(context, request)
}
