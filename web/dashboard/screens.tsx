import {
  ActivityLogIcon,
  AvatarIcon,
  BarChartIcon,
  CardStackIcon,
  GearIcon,
  ChatBubbleIcon,
  CheckCircledIcon,
  ChevronRightIcon,
  DashboardIcon,
  EnvelopeClosedIcon,
  ExclamationTriangleIcon,
  HomeIcon,
  FileTextIcon,
  LaptopIcon,
  Link2Icon,
  LockClosedIcon,
  MagicWandIcon,
  PaperPlaneIcon,
  LayersIcon,
  MixerHorizontalIcon,
  PersonIcon,
  ReaderIcon,
  RocketIcon,
} from '@radix-ui/react-icons'
import type { ComponentType } from 'react'

import { OPERATOR_ACTIONS, type OperatorAction, type TenantAction } from '#contract/actions.ts'

import type { SignedIn } from '../api/session.tsx'

/** The parts of the menu, in its order. */
export const PARTS = ['work', 'growth', 'business', 'installation'] as const

interface Screen {
  readonly part: (typeof PARTS)[number]
  readonly to: string
  /** Of the text under `screens`. */
  readonly name: string
  readonly icon: ComponentType<{ width?: number; height?: number }>
  /** Who may not do this, to the tenant that is shown or to the installation, does not see the screen. */
  readonly needs: TenantAction | OperatorAction | 'second_factor' | null
  /** Shown only while the tenant's set-up is not complete. */
  readonly isOnTheWay?: boolean
}

/** The screens of the menu, in its order. */
export const SCREENS: readonly Screen[] = [
  { part: 'work', to: '/', name: 'overview', icon: DashboardIcon, needs: 'analytics.view' },
  { part: 'work', to: '/contacts', name: 'contacts', icon: PersonIcon, needs: 'contacts.view' },
  { part: 'work', to: '/segments', name: 'segments', icon: LayersIcon, needs: 'segments.view' },
  { part: 'work', to: '/inbox', name: 'inbox', icon: ChatBubbleIcon, needs: 'conversations.view' },
  { part: 'work', to: '/campaigns', name: 'campaigns', icon: PaperPlaneIcon, needs: 'campaigns.view' },
  { part: 'work', to: '/templates', name: 'templates', icon: FileTextIcon, needs: 'templates.view' },
  { part: 'work', to: '/rules', name: 'rules', icon: MixerHorizontalIcon, needs: 'settings.view' },
  { part: 'work', to: '/auto-replies', name: 'autoReplies', icon: MagicWandIcon, needs: 'settings.view' },
  { part: 'growth', to: '/reports', name: 'reports', icon: BarChartIcon, needs: 'analytics.view' },
  { part: 'growth', to: '/groups', name: 'groups', icon: AvatarIcon, needs: 'analytics.view' },
  { part: 'business', to: '/start', name: 'start', icon: ChevronRightIcon, needs: 'tenant.view', isOnTheWay: true },
  { part: 'business', to: '/accounts', name: 'accounts', icon: ActivityLogIcon, needs: 'accounts.view' },
  { part: 'business', to: '/billing', name: 'billing', icon: CardStackIcon, needs: 'billing.view' },
  { part: 'business', to: '/settings', name: 'settings', icon: GearIcon, needs: 'tenant.view' },
  { part: 'business', to: '/integrations', name: 'integrations', icon: Link2Icon, needs: 'webhooks.view' },
  { part: 'business', to: '/devices', name: 'devices', icon: LaptopIcon, needs: null },
  { part: 'installation', to: '/installation', name: 'installation', icon: RocketIcon, needs: 'installation.view' },
  { part: 'installation', to: '/installation/tenants', name: 'tenants', icon: HomeIcon, needs: 'tenants.view' },
  {
    part: 'installation',
    to: '/installation/payments',
    name: 'payments',
    icon: CheckCircledIcon,
    needs: 'payments.view',
  },
  {
    part: 'installation',
    to: '/installation/tickets',
    name: 'tickets',
    icon: EnvelopeClosedIcon,
    needs: 'support.answer',
  },
  {
    part: 'installation',
    to: '/installation/errors',
    name: 'errors',
    icon: ExclamationTriangleIcon,
    needs: 'installation.errors',
  },
  { part: 'installation', to: '/installation/audit', name: 'audit', icon: ReaderIcon, needs: 'installation.audit' },
  { part: 'installation', to: '/security', name: 'security', icon: LockClosedIcon, needs: 'second_factor' },
]

const isOperatorAction = (needs: string): needs is OperatorAction =>
  (OPERATOR_ACTIONS as readonly string[]).includes(needs)

/** Whether the person sees a screen that needs this. */
export const maySee = (needs: Screen['needs'], { session, tenant }: SignedIn): boolean => {
  if (needs === null) return true
  if (needs === 'second_factor') return session.secondFactor !== 'unneeded'
  if (isOperatorAction(needs)) return session.operatorActions.includes(needs)
  return tenant?.actions.includes(needs) ?? false
}

const isBelow = (path: string, to: string): boolean => path === to || path.startsWith(`${to}/`)

/** Whether this screen, or one below it that is not in the menu itself, is the one that is shown. */
export const isShown = (path: string, to: string): boolean =>
  to === '/'
    ? path === '/'
    : isBelow(path, to) && !SCREENS.some((other) => other.to.startsWith(`${to}/`) && isBelow(path, other.to))
