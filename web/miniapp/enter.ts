import { api } from '#contract/api.ts'

import { ApiError, call, setBearer } from '../api/client.ts'
import type { Session } from '../api/session.tsx'
import type { Launch } from './telegram.ts'

/** Somebody is in, or learns why not. */
export type Entry =
  | { readonly kind: 'in'; readonly session: Session }
  /** The session owes the code of an authenticator first. */
  | { readonly kind: 'code' }
  | { readonly kind: 'out'; readonly error: Error }

const open = async (launch: Launch | null): Promise<Session> => {
  if (launch !== null) {
    const { token } = await call(api.sessions.openMiniApp, { body: { initData: launch.initData } })
    setBearer(token)
  }
  return call(api.sessions.get, {})
}

/**
 * Comes in: with what Telegram gave the page, else with the session of the browser. The secret stays in this page alone:
 * in Telegram's web clients the page is a frame of theirs, where browsers keep cookies away, and what is stored nowhere is
 * sent by nobody else's page.
 */
export const enter = async (launch: Launch | null): Promise<Entry> => {
  try {
    return { kind: 'in', session: await open(launch) }
  } catch (error) {
    if (error instanceof ApiError && error.problem.code === 'second_factor_needed') return { kind: 'code' }
    return { kind: 'out', error: error instanceof Error ? error : new Error(String(error)) }
  }
}
