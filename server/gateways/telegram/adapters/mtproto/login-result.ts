import type { LoginRefusal, LoginResult } from '../../login.ts'
import type { RpcReply } from './call-rpc.ts'

export const done = <T>(value: T) => ({ kind: 'done', value }) as const

export const refused = (refusal: LoginRefusal) => ({ kind: 'refused', refusal, waitSeconds: null }) as const

/** A reply as the login port tells it. */
export const asLoginResult = <T>(reply: RpcReply<T>): LoginResult<T> => {
  switch (reply.kind) {
    case 'answered':
      return done(reply.value)
    case 'refused':
      return { kind: 'refused', refusal: reply.meaning.login, waitSeconds: reply.meaning.waitSeconds }
    case 'silent':
      return refused('unreachable')
  }
}
