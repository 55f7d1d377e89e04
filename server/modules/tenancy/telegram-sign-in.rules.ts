import { createHmac } from 'node:crypto'

import { MINUTE_MS } from '#server/base/duration.ts'

/** How long somebody may take on Telegram's page. */
export const TELEGRAM_SIGN_IN_MS = 10 * MINUTE_MS

/** What must match when a person comes back, all of it from the token in their cookie. */
export const signInSecrets = (token: string) => {
  const derive = (what: string): string => createHmac('sha256', token).update(`telegram ${what}`).digest('base64url')
  return { state: derive('state'), nonce: derive('nonce'), verifier: derive('verifier') }
}
