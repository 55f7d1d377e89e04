import {
  AuthorizationResponseError,
  ClientError,
  type ClientAuth,
  type Configuration,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
} from 'openid-client'

import type { SignInAnswer, TelegramSignIn } from '../../telegram-sign-in.ts'

export interface TelegramSignInSettings {
  readonly clientId: string
  readonly clientSecret: string
  /** Telegram's own unless a simulator stands in for it. Plain http is for this machine alone. */
  readonly issuer: string
}

const PATIENCE_SECONDS = 10
/** Nothing but who it is. */
const SCOPE = 'openid profile'
const LOOPBACK = /^(localhost|127[.]\d+[.]\d+[.]\d+|\[::1\])$/

/** Telegram's number of a person, a claim of its own beside `sub`; null when it is none. */
const telegramIdIn = (claim: unknown): number | null => {
  const id = typeof claim === 'string' && /^\d{1,16}$/.test(claim) ? Number(claim) : claim
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? id : null
}

/** As Telegram documents it. The library's own would write `-` and `_` of a secret as `%2D` and `%5F`, as RFC 6749 has it. */
const plainBasic =
  (clientId: string, clientSecret: string): ClientAuth =>
  (_server, _client, _body, headers) =>
    headers.set('authorization', `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`)

/** What the library threw: a check that failed, a refusal, or no answer at all. */
const answerOf = (error: unknown): SignInAnswer => {
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError)
    return { kind: 'refused', reason: error.error }
  if (error instanceof WWWAuthenticateChallengeError) return { kind: 'refused', reason: 'client_refused' }
  if (error instanceof ClientError && error.code !== 'OAUTH_TIMEOUT' && error.code !== 'OAUTH_ABORT')
    return { kind: 'refused', reason: error.code ?? 'check_failed' }
  return { kind: 'unreachable', reason: error instanceof Error ? error.name : 'unknown' }
}

/** Telegram's log-in by authorization code with PKCE; signatures of tokens are checked with the issuer's own keys. */
export const createTelegramSignIn = ({ clientId, clientSecret, issuer }: TelegramSignInSettings): TelegramSignIn => {
  const server = new URL(issuer)
  const isLocal = server.protocol === 'http:' && LOOPBACK.test(server.hostname)
  let found: Promise<Configuration> | null = null
  const find = (): Promise<Configuration> => {
    found ??= discovery(server, clientId, undefined, plainBasic(clientId, clientSecret), {
      execute: [enableNonRepudiationChecks, ...(isLocal ? [allowInsecureRequests] : [])],
      timeout: PATIENCE_SECONDS,
    }).catch((error: unknown) => {
      // Asked again by whoever comes next.
      found = null
      throw error
    })
    return found
  }
  return {
    async pageFor({ state, nonce, verifier }, returnUrl) {
      const config = await find().catch(() => null)
      if (config === null) return null
      return buildAuthorizationUrl(config, {
        redirect_uri: returnUrl,
        scope: SCOPE,
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }).href
    },
    async identify(returned, { state, nonce, verifier }) {
      try {
        const tokens = await authorizationCodeGrant(await find(), returned, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        })
        const telegramId = telegramIdIn(tokens.claims()?.['id'])
        return telegramId === null ? { kind: 'refused', reason: 'no_telegram_id' } : { kind: 'person', telegramId }
      } catch (error) {
        return answerOf(error)
      }
    },
  }
}
