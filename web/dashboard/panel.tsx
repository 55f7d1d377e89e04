import { Center, Loader, Title } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Navigate, Outlet, useNavigate, useRouterState, useSearch } from '@tanstack/react-router'
import { Suspense, lazy } from 'react'
import { useTranslation } from 'react-i18next'

import { api, query } from '../api/queries.ts'
import { ApiError, setTenant } from '../api/client.ts'
import { type Session, PanelSessionProvider } from '../api/session.tsx'
import { keepTenant, tenantFor } from '../api/tenant-for.ts'
import { Fault } from '../ui/fault.tsx'
import { Frame } from './frame.tsx'
import { needsTenant } from './needs-tenant.ts'

const CodeGate = lazy(async () => ({ default: (await import('../features/security/code-gate.tsx')).CodeGate }))

const SignIn = lazy(async () => ({ default: (await import('../features/security/sign-in.tsx')).SignIn }))
const Newcomer = lazy(async () => ({ default: (await import('../features/start/newcomer.tsx')).Newcomer }))

/** Somebody who runs the installation may have changed what one sees. */
const LOOK_AGAIN_MS = 60_000

/** What there is for somebody without a tenant. */
const WithoutTenant = ({ session: { operatorActions, secondFactor } }: { session: Session }) => {
  if (secondFactor === 'required') return <Navigate to="/security" search={{ tenant: undefined }} />
  if (operatorActions.includes('installation.view'))
    return <Navigate to="/installation" search={{ tenant: undefined }} />
  return (
    <Suspense>
      <Newcomer />
    </Suspense>
  )
}

const owesCode = (error: Error): boolean => error instanceof ApiError && error.problem.code === 'second_factor_needed'

/** Everything below needs somebody who is signed in; without them it says what to do. */
export const Panel = () => {
  const { t } = useTranslation()
  const { tenant: asked } = useSearch({ from: '__root__' })
  const navigate = useNavigate()
  const queries = useQueryClient()
  const path = useRouterState({ select: (state) => state.location.pathname })
  // While the person moves on, the screen they come from is shown for a moment.
  const shown = useRouterState({ select: (state) => state.matches.at(-1)?.fullPath ?? '/' })
  const session = useQuery({ ...query(api.sessions.get, {}), refetchInterval: LOOK_AGAIN_MS })
  if (session.isPending)
    return (
      <Center h="100vh">
        <Loader aria-label={t('state.loading')} />
      </Center>
    )
  if (session.isError && owesCode(session.error))
    return (
      <Suspense>
        <CodeGate />
      </Suspense>
    )
  if (session.isError && session.error instanceof ApiError && session.error.problem.status === 401)
    return (
      <Suspense>
        <SignIn />
      </Suspense>
    )
  if (session.isError)
    return (
      <main>
        <Title order={1} size="h4" px="md" pt="md">
          Gavatcore
        </Title>
        <Fault error={session.error} onRetry={() => void session.refetch()} />
      </main>
    )
  const tenant = tenantFor(session.data, asked)
  if (tenant !== null) keepTenant(tenant)
  setTenant(tenant === null ? null : String(tenant.id))
  const choose = (id: number) => {
    queries.clear()
    void navigate({ to: '/', search: { tenant: String(id) } })
  }
  return (
    <PanelSessionProvider value={{ session: session.data, tenant }}>
      <Frame onChoose={choose}>
        {tenant === null && needsTenant(path) && <WithoutTenant session={session.data} />}
        {(tenant !== null || !needsTenant(shown)) && <Outlet key={tenant?.id ?? 'installation'} />}
      </Frame>
    </PanelSessionProvider>
  )
}
