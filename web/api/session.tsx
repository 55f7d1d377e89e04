import { createContext, useContext } from 'react'

import type { OperatorAction, TenantAction } from '#contract/actions.ts'
import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

export type Session = RouteOutput<typeof api.sessions.get>
export type OwnTenant = Session['tenants'][number]

/** Who is signed in, and which tenant the panel shows: none to an operator who has opened none. */
export interface SignedIn {
  readonly session: Session
  readonly tenant: OwnTenant | null
}

const SignedInContext = createContext<SignedIn | null>(null)
export const PanelSessionProvider = SignedInContext.Provider

/** Of everything in the panel, whether it needs a tenant or not. */
export const useSignedIn = (): SignedIn => {
  const signedIn = useContext(SignedInContext)
  if (!signedIn) throw new Error('a screen outside the panel')
  return signedIn
}

/** Who is signed in, and which of their tenants the panel shows. */
export interface PanelSession {
  readonly session: Session
  readonly tenant: OwnTenant
}

/** Of the screen's person. Only on screens of a tenant. */
export const usePanelSession = (): PanelSession => {
  const { session, tenant } = useSignedIn()
  if (!tenant) throw new Error('a screen of a tenant without one')
  return { session, tenant }
}

/** The time zone instants are shown in: the tenant's, else that of the person's device. */
export const useZone = (): string =>
  useSignedIn().tenant?.timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone

/** Whether the person may do this to the installation. */
export const useMayOperate = (action: OperatorAction): boolean => useSignedIn().session.operatorActions.includes(action)

/** Whether the person may do this to the tenant that is shown: buttons for the rest are not there. */
export const useMay = (action: TenantAction): boolean => usePanelSession().tenant.actions.includes(action)
