import './style.css'

import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { createQueryClient } from '../api/queries.ts'
import { App } from './app.tsx'
import { enter } from './enter.ts'
import { startLanguage } from './language.ts'
import { showReady, startTelegram } from './telegram.ts'

const launch = startTelegram()
// The way in and the texts are fetched together.
const entry = enter(launch)
await startLanguage(launch?.language ?? null)

const root = document.querySelector('#root')
if (!root) throw new Error('the page has no root')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={createQueryClient()}>
      <App entry={entry} />
    </QueryClientProvider>
  </StrictMode>,
)
showReady()
