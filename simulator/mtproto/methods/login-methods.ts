import { randomBytes } from 'node:crypto'
import { Long, type tl } from '@mtcute/core'
import { DH_GENERATOR, DH_PRIME, toBytes } from '#simulator/mtproto/arithmetic.ts'
import { type RpcContext, type RpcMethods, toSeconds } from '#simulator/mtproto/methods/context.ts'
import { presentPerson } from '#simulator/mtproto/present-peers.ts'
import { badRequest } from '#simulator/user-accounts/rpc-refusal.ts'
import {
  acceptLoginToken,
  admit,
  beginPasswordCheck,
  checkLoginCode,
  checkPassword,
  exportLoginToken,
  requireAccount,
  revokeKey,
  sendLoginCode,
} from '#simulator/user-accounts/login.ts'
import type { KeyState, UserAccount } from '#simulator/user-accounts/types.ts'

const CODE_LENGTH = 5
const ALGORITHM = 'passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow'

/** Logging in and out, and the list of one's own sessions. */
export const loginMethods: RpcMethods = {
  'auth.sendCode': ({ accounts }, { phoneNumber }) => ({
    _: 'auth.sentCode',
    type: { _: 'auth.sentCodeTypeApp', length: CODE_LENGTH },
    phoneCodeHash: sendLoginCode(accounts, phoneNumber),
    timeout: 120,
  }),
  'auth.signIn': (context, { phoneCodeHash, phoneCode = '' }) => {
    const account = checkLoginCode(context.accounts, phoneCodeHash, phoneCode)
    if (!account) return { _: 'auth.authorizationSignUpRequired' }
    return welcome(context, admit(context.accounts, context.key, account))
  },
  'account.getPassword': ({ key }) => presentPasswordState(key),
  'auth.checkPassword': (context, { password }) => {
    if (password._ === 'inputCheckPasswordEmpty') throw badRequest('PASSWORD_HASH_INVALID')
    const { srpId, A, M1 } = password
    return welcome(context, checkPassword(context.accounts, context.key, { id: srpId.toString(), A, M1 }))
  },
  'auth.exportLoginToken': (context) => {
    const answer = exportLoginToken(context.accounts, context.key)
    return answer.kind === 'logged_in'
      ? { _: 'auth.loginTokenSuccess', authorization: welcome(context, answer.account) }
      : { _: 'auth.loginToken', expires: toSeconds(answer.expiresAt), token: answer.token }
  },
  'auth.acceptLoginToken': ({ accounts, key }, { token }) => {
    const { keyId } = acceptLoginToken(accounts, requireAccount(key), token)
    const accepted = accounts.keys.get(keyId)
    if (!accepted) throw badRequest('AUTH_TOKEN_EXPIRED')
    return presentSession(accepted, key)
  },
  'auth.logOut': ({ accounts, key }) => {
    revokeKey(accounts, key)
    return { _: 'auth.loggedOut' }
  },
  'account.getAuthorizations': ({ accounts, key }) => {
    const account = requireAccount(key)
    const own = [...accounts.keys.values()].filter(({ authorization }) => authorization?.account === account)
    const authorizations = own.map((session) => presentSession(session, key))
    return { _: 'account.authorizations', authorizationTtlDays: 180, authorizations }
  },
  'account.resetAuthorization': ({ accounts, key }, { hash }) => {
    const account = requireAccount(key)
    // Zero stands for the session that asks, which is ended by logging out instead.
    const session = [...accounts.keys.values()].find(
      ({ authorization }) => authorization?.account === account && authorization.hash === hash.toString(),
    )
    if (!session) throw badRequest('HASH_INVALID')
    revokeKey(accounts, session)
    return true
  },
}

function welcome({ accounts }: RpcContext, { user }: UserAccount): tl.auth.RawAuthorization {
  return { _: 'auth.authorization', user: presentPerson(accounts, user.id, user) }
}

function presentSession(session: KeyState, viewer: KeyState): tl.RawAuthorization {
  const { authorization, device } = session
  return {
    _: 'authorization',
    ...(session === viewer && { current: true }),
    hash: session === viewer ? Long.ZERO : Long.fromString(authorization?.hash ?? '0'),
    deviceModel: device.model,
    platform: '',
    systemVersion: '',
    apiId: device.apiId,
    appName: device.app,
    appVersion: device.appVersion,
    dateCreated: toSeconds(authorization?.createdAt ?? 0),
    dateActive: toSeconds(authorization?.activeAt ?? 0),
    ip: '127.0.0.1',
    country: 'TR',
    region: '',
  }
}

function presentPasswordState(key: KeyState): tl.account.RawPassword {
  const { account, offered } = beginPasswordCheck(key)
  const prime = toBytes(DH_PRIME)
  const next = { _: ALGORITHM, salt1: randomBytes(8), salt2: randomBytes(16), g: DH_GENERATOR, p: prime } as const
  const { password } = account
  return {
    _: 'account.password',
    newAlgo: next,
    newSecureAlgo: { _: 'securePasswordKdfAlgoUnknown' },
    secureRandom: randomBytes(32),
    ...(password && {
      hasPassword: true,
      currentAlgo: { ...next, salt1: password.salt1, salt2: password.salt2 },
      srpB: toBytes(offered),
      srpId: Long.fromString(key.passwordCheck?.id ?? '0'),
      ...(password.hint !== undefined && { hint: password.hint }),
    }),
  }
}
