import '@mantine/core/styles/baseline.css'
import '@mantine/core/styles/default-css-variables.css'
import '@mantine/core/styles/global.css'
import '../ui/style.css'

import { DirectionProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode, Suspense, lazy } from 'react'
import { createRoot } from 'react-dom/client'
import { I18nextProvider } from 'react-i18next'

import { api, createQueryClient, query } from '../api/queries.ts'
import { keepShell } from '../lib/keep-shell.ts'
import { i18n, startLanguage } from '../lib/language.ts'
import { BrandTheme } from '../ui/brand-theme.tsx'
import { createPanelRouter } from './router.tsx'

// Nothing is said on the first look.
const Notices = lazy(() => import('../ui/notices.tsx').then(({ Notices: component }) => ({ default: component })))

keepShell()
const queryClient = createQueryClient()
const router = createPanelRouter()
// What the first look needs is asked for together.
const language = startLanguage()
void queryClient.prefetchQuery(query(api.sessions.get, {}))
void router.load()
await language

const root = document.querySelector('#root')
if (!root) throw new Error('the page has no root')
createRoot(root).render(
  <StrictMode>
    <I18nextProvider i18n={i18n}>
      <DirectionProvider initialDirection={i18n.dir()}>
        <BrandTheme>
          <QueryClientProvider client={queryClient}>
            <Suspense>
              <Notices />
            </Suspense>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </BrandTheme>
      </DirectionProvider>
    </I18nextProvider>
  </StrictMode>,
)
