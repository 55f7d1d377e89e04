// Keeps the panel's page and the files it is made of, so that it opens without a network and says so itself. What the API
// answers is never kept.
const SHELL = 'gavatcore-shell'
const PAGE = '/app/'
/** Files of earlier builds are dropped, the oldest first; some of them may be in a tab that is still open. */
const FILES_MAX = 300

/** @param {Cache} shell */
const dropOld = async (shell) => {
  const kept = await shell.keys()
  await Promise.all(kept.slice(0, Math.max(0, kept.length - FILES_MAX)).map((request) => shell.delete(request)))
}

/** The page as the server has it now, else as it was. @param {Request} request */
const openPage = async (request) => {
  const shell = await caches.open(SHELL)
  try {
    const page = await fetch(request)
    if (page.ok && !page.redirected) await shell.put(PAGE, page.clone())
    return page
  } catch (error) {
    const kept = await shell.match(PAGE)
    if (kept) return kept
    throw error
  }
}

/** A file whose name changes with what is in it. @param {Request} request */
const openFile = async (request) => {
  const shell = await caches.open(SHELL)
  const kept = await shell.match(request)
  if (kept) return kept
  const file = await fetch(request)
  if (file.ok) {
    await shell.put(request, file.clone())
    await dropOld(shell)
  }
  return file
}

addEventListener('install', (event) => {
  event.waitUntil(caches.open(SHELL).then((shell) => shell.add(PAGE)))
  void skipWaiting()
})
addEventListener('activate', (event) => event.waitUntil(clients.claim()))
addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin || !pathname.startsWith(PAGE)) return
  if (request.mode === 'navigate') event.respondWith(openPage(request))
  else if (pathname.startsWith(`${PAGE}assets/`)) event.respondWith(openFile(request))
})
