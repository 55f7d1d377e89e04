import { CubeIcon, DashboardIcon, PaperPlaneIcon, Pencil1Icon } from '@radix-ui/react-icons'
import { Component, type ComponentType, type ReactNode, Suspense, lazy, startTransition, use, useState } from 'react'

import type { TenantAction } from '#contract/actions.ts'

import { ApiError, setTenant } from '../api/client.ts'
import { type OwnTenant, PanelSessionProvider, type Session } from '../api/session.tsx'
import { type Entry, enter } from './enter.ts'
import { loadWords, t } from './language.ts'
import { Empty, Waiting } from './parts.tsx'
import { leave } from './telegram.ts'
import type { ScreenName } from './screen-name.ts'
import { Today } from './today.tsx'

/** A screen comes with the vocabulary it speaks. */
const screen = <M, N extends keyof M>(load: () => Promise<M>, name: N) =>
  lazy(async () => {
    const [module] = await Promise.all([load(), loadWords()])
    return { default: module[name] as M[N] & (() => ReactNode) }
  })

const Code = lazy(async () => ({ default: (await import('./code.tsx')).Code }))
const Campaigns = screen(() => import('./campaigns.tsx'), 'Campaigns')
const Drafts = screen(() => import('./drafts.tsx'), 'Drafts')
const Package = screen(() => import('./package.tsx'), 'Package')

interface Screen {
  readonly name: ScreenName
  /** Who may not do this does not see the screen. */
  readonly needs: TenantAction
  readonly icon: ComponentType<{ 'aria-hidden'?: boolean }>
}

const SCREENS: readonly Screen[] = [
  { name: 'today', needs: 'analytics.view', icon: DashboardIcon },
  { name: 'campaigns', needs: 'campaigns.view', icon: PaperPlaneIcon },
  { name: 'drafts', needs: 'conversations.view', icon: Pencil1Icon },
  { name: 'package', needs: 'billing.view', icon: CubeIcon },
]

const KEPT = 'gavatcore.tenant'

/** The tenant looked at last, else the first. */
const firstTenant = ({ tenants }: Session): OwnTenant | null =>
  tenants.find(({ id }) => String(id) === localStorage.getItem(KEPT)) ?? tenants[0] ?? null

/** The screens that the person may see, one of them open. */
const Inside = ({ tenant }: { tenant: OwnTenant }) => {
  const shown = SCREENS.filter(({ needs }) => tenant.actions.includes(needs))
  const [wanted, go] = useState<ScreenName>('today')
  const open = shown.find(({ name }) => name === wanted) ?? shown[0]
  if (!open) return <Empty title={t('nothing')} next={t('nothingNext')} />
  return (
    <>
      <main>
        <Suspense fallback={<Waiting />}>
          {open.name === 'today' && <Today go={go} />}
          {open.name === 'campaigns' && <Campaigns />}
          {open.name === 'drafts' && <Drafts />}
          {open.name === 'package' && <Package />}
        </Suspense>
      </main>
      <nav aria-label={t('menu')}>
        {shown.map(({ name, icon: Icon }) => (
          <button
            key={name}
            type="button"
            aria-current={name === open.name ? 'page' : undefined}
            onClick={() => go(name)}
          >
            <Icon aria-hidden />
            {t(`screens.${name}`)}
          </button>
        ))}
      </nav>
    </>
  )
}

const Entered = ({ session }: { session: Session }) => {
  const [tenant, choose] = useState(() => firstTenant(session))
  if (tenant === null) return <Outside title={t('noTenant')} text={t('noTenantNext')} />
  localStorage.setItem(KEPT, String(tenant.id))
  setTenant(String(tenant.id))
  return (
    <PanelSessionProvider value={{ session, tenant }}>
      <header>
        {session.tenants.length > 1 ? (
          <select
            aria-label={t('tenant')}
            value={tenant.id}
            onChange={({ currentTarget }) =>
              choose(session.tenants.find(({ id }) => String(id) === currentTarget.value) ?? tenant)
            }
          >
            {session.tenants.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        ) : (
          <strong>
            <bdi>{tenant.name}</bdi>
          </strong>
        )}
        {tenant.isSuspended && <span className="badge">{t('suspended')}</span>}
      </header>
      <Inside key={tenant.id} tenant={tenant} />
    </PanelSessionProvider>
  )
}

/** Who is not in learns calmly what brings them in. */
const Outside = ({ title, text }: { title: string; text: string }) => (
  <main className="outside">
    <h1>{title}</h1>
    <p>{text}</p>
    <button type="button" className="main" onClick={() => leave() || location.reload()}>
      {t('toBot')}
    </button>
  </main>
)

const Entering = ({ entry: first }: { entry: Promise<Entry> }) => {
  const [entry, setEntry] = useState(first)
  const entered = use(entry)
  if (entered.kind === 'in') return <Entered session={entered.session} />
  if (entered.kind === 'code') return <Code onPassed={() => startTransition(() => setEntry(enter(null)))} />
  const { error } = entered
  return <Outside title={t('notIn')} text={error instanceof ApiError ? error.problem.detail : t('state.offline')} />
}

/** A screen that could not be fetched is said to be so, and nothing is blank. */
class Guarded extends Component<{ readonly children: ReactNode }, { readonly isBroken: boolean }> {
  override readonly state = { isBroken: false }

  static getDerivedStateFromError() {
    return { isBroken: true }
  }

  override render() {
    return this.state.isBroken ? <Outside title={t('notIn')} text={t('state.offline')} /> : this.props.children
  }
}

export const App = ({ entry }: { entry: Promise<Entry> }) => (
  <Guarded>
    <Suspense fallback={<Waiting />}>
      <Entering entry={entry} />
    </Suspense>
  </Guarded>
)
