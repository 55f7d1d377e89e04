import type { TenantAction } from '#contract/actions.ts'

import { askContacts } from '../features/contacts/ask-contacts.ts'
import { askOverview } from '../features/overview/ask-overview.ts'
import type { AskEarly } from '../api/ask-early.ts'

/** A screen that people come in by. */
export interface FirstScreen {
  readonly load: () => Promise<unknown>
  readonly needs: TenantAction
  /** Asks for what it shows. */
  readonly ask: (ask: AskEarly) => Promise<void> | void
}

/** The others are loaded by the router, when it is there itself. */
const SCREENS: Readonly<Record<string, FirstScreen>> = {
  '/app/': {
    load: () => import('./home.tsx'),
    needs: 'analytics.view',
    ask: askOverview,
  },
  '/app/contacts': {
    load: () => import('../features/contacts/contacts.tsx'),
    needs: 'contacts.view',
    ask: askContacts,
  },
}

/** The screen of the address, if it is one of those. */
export const firstScreen = (): FirstScreen | null => SCREENS[location.pathname] ?? null
