import { api } from '#contract/api.ts'

import { type AskEarly, type Asked, noteAsked } from '../api/ask-early.ts'
import { setLanguage, setTenant } from '../api/client.ts'
import type { OwnTenant } from '../api/session.tsx'
import { tenantFor } from '../api/tenant-for.ts'
import { initialLocale } from '../lib/catalogues.ts'
import type { FirstScreen } from './first-screen.ts'

/** The tenant of the address, which the router may have put into quotes. */
const askedTenant = (): string | undefined =>
  new URLSearchParams(location.search).get('tenant')?.replaceAll('"', '') ?? undefined

/** What the frame shows of a tenant. */
const askFrame = (ask: AskEarly, { role }: OwnTenant): void => {
  void ask(api.tenant.getBrand, {})
  if (role !== null) void ask(api.start.progress, {})
}

/**
 * Asks who is signed in, then for what their first screen shows; gives what it has asked for when it has. What is refused
 * or does not arrive is said by whoever takes the answer.
 */
export const askFirst = async (screen: FirstScreen | null): Promise<readonly Asked[]> => {
  const { ask, asked } = noteAsked()
  setLanguage(initialLocale())
  try {
    const tenant = tenantFor(await ask(api.sessions.get, {}), askedTenant())
    if (tenant === null) return asked
    setTenant(String(tenant.id))
    askFrame(ask, tenant)
    if (screen && tenant.actions.includes(screen.needs)) await screen.ask(ask)
  } catch {
    // The screen that misses it asks again.
  }
  return asked
}
