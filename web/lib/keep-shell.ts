import { idle } from './idle.ts'

const RELOADED = 'gavatcore.reloaded'

/**
 * Has the browser keep the page and its files for when there is no network, and loads the page again, once, where a file
 * of it is gone because the server was brought up to date under an open tab.
 */
export const keepShell = (): void => {
  addEventListener('vite:preloadError', (event) => {
    const build = document.querySelector<HTMLScriptElement>('script[type=module]')?.src ?? ''
    if (sessionStorage.getItem(RELOADED) === build) return
    sessionStorage.setItem(RELOADED, build)
    event.preventDefault()
    location.reload()
  })
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  // What is kept for later waits for what is needed now; a browser that cannot keep it loads it each time.
  void idle().then(() => navigator.serviceWorker.register('/app/sw.js', { scope: '/app/' }).catch(() => undefined))
}
