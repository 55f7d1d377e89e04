import type { OwnTenant, Session } from './session.tsx'

const KEPT = 'gavatcore.tenant'

/**
 * The tenant of the address, else the one looked at last, else the person's first. Of tenants that are somebody else's an
 * operator opens only what they chose, and in this window: each visit is written down.
 */
export const tenantFor = ({ tenants }: Session, asked: string | undefined): OwnTenant | null => {
  const own = tenants.filter(({ role }) => role !== null)
  const among = (those: readonly OwnTenant[], wanted: string | null | undefined) =>
    those.find(({ id, slug }) => String(id) === wanted || slug === wanted)
  return (
    among(tenants, asked) ??
    among(tenants, sessionStorage.getItem(KEPT)) ??
    among(own, localStorage.getItem(KEPT)) ??
    own[0] ??
    null
  )
}

/** Remembers it for the next visit; what an operator looks into, for this window only. */
export const keepTenant = ({ id, role }: OwnTenant): void => {
  sessionStorage.setItem(KEPT, String(id))
  if (role !== null) localStorage.setItem(KEPT, String(id))
}
