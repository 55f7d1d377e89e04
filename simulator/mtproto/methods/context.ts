import type { tl } from '@mtcute/core'
import type { KeyState, UserAccounts } from '#simulator/user-accounts/types.ts'

/** One call of one method. */
export type RpcContext = {
  readonly accounts: UserAccounts
  readonly key: KeyState
  /** Where clients find this server. */
  readonly address: { readonly host: string; readonly port: number }
}

/** Methods by name, request and answer typed by Telegram's own schema. */
export type RpcMethods = {
  readonly [M in keyof tl.RpcCallReturn]?: (
    context: RpcContext,
    request: Extract<tl.RpcMethod, { readonly _: M }>,
  ) => tl.RpcCallReturn[M]
}

export function toSeconds(ms: number): number {
  return Math.floor(ms / 1000)
}
