import '@mantine/core/styles/baseline.css'
import '@mantine/core/styles/default-css-variables.css'
import '@mantine/core/styles/global.css'
import '../ui/style.css'

import { DirectionProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode, Suspense, lazy, startTransition } from 'react'
import { createRoot } from 'react-dom/client'
import { I18nextProvider } from 'react-i18next'

import type { Asked } from '../api/ask-early.ts'
import { createQueryClient, query } from '../api/queries.ts'
import { breathe, idle } from '../lib/idle.ts'
import { i18n, startLanguage } from '../lib/language.ts'
import { BrandTheme } from '../ui/brand-theme.tsx'
import { createPanelRouter } from './router.tsx'

// Nothing is said on the first look.
const Notices = lazy(async () => {
  await idle()
  return { default: (await import('../ui/notices.tsx')).Notices }
})

/** As long as the empty frame of the page is left standing for answers that were asked for early. */
const HOLD_MS = 500

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Draws the panel; with what was asked for early, where its answers are there in time. */
export const draw = async (early: Promise<readonly Asked[]>): Promise<void> => {
  await breathe()
  const queryClient = createQueryClient()
  const language = startLanguage()
  await breathe()
  const router = createPanelRouter()
  const answered = early.then((asked) =>
    Promise.all(asked.map(({ route, input }) => queryClient.prefetchQuery(query(route, input as never)))),
  )
  await Promise.all([language, router.load(), Promise.race([answered, pause(HOLD_MS)])])
  const place = document.querySelector('#root')
  if (!place) throw new Error('the page has no root')
  // In slices: a phone goes on answering while the first look is made.
  startTransition(() =>
    createRoot(place).render(
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
    ),
  )
}
