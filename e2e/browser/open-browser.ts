import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'

import axe from 'axe-core'
import { type Browser, type Page, chromium } from 'playwright-core'
import { expect } from 'vitest'

const PLACES = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** Chromium of this machine, or null; then tests that need it say so and are skipped. */
export const CHROMIUM = PLACES.find((place) => place !== undefined && place !== '' && existsSync(place)) ?? null

/** For the name of a `describe` that is skipped. */
export const chromiumNote = CHROMIUM === null ? ' (skipped: no Chromium; install it or set CHROMIUM_PATH)' : ''

/** Where screenshots go; git ignores it. */
const SCREENSHOTS = path.resolve(import.meta.dirname, '..', 'screenshots')

/** How long a test with a browser may take: a busy machine draws slowly. */
export const BROWSER_TEST_MS = 240_000

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM ?? '',
    // As root, and in containers with little shared memory, it starts in no other way.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  })

export interface View {
  readonly locale: string
  readonly width: number
}

/** Both directions of reading, on a desk and on a phone. */
export const VIEWS = (['tr', 'ar'] as const).flatMap((locale) => [1280, 390].map((width) => ({ locale, width })))

/** A page as somebody with this language and this width of screen sees it; every console error fails the test. */
export const openView = async (browser: Browser, { locale, width }: View): Promise<Page> => {
  const context = await browser.newContext({ locale, viewport: { width, height: width < 600 ? 844 : 900 } })
  const page = await context.newPage()
  page.setDefaultTimeout(BROWSER_TEST_MS / 2)
  page.on('pageerror', (error) => expect.soft(error.message).toBe(''))
  page.on('console', (message) => {
    // Chromium reports every answer above 399 here; what the page says about it is what tests look at.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      expect.soft(message.text()).toBe('')
  })
  return page
}

/**
 * What must hold for every screen: no serious or critical fault of accessibility, nothing wider than the window, a title
 * and one main heading. Leaves a screenshot `<name>-<locale>-<width>.png`.
 */
export const checkScreen = async (page: Page, { locale, width }: View, name: string): Promise<void> => {
  mkdirSync(SCREENSHOTS, { recursive: true })
  await page.screenshot({ path: path.join(SCREENSHOTS, `${name}-${locale}-${width}.png`), fullPage: true })
  await page.evaluate(axe.source)
  const faults = await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run()
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
  })
  expect(faults).toEqual([])
  const shape = await page.evaluate<object>(`({
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    headings: document.querySelectorAll('h1').length,
    language: document.documentElement.lang,
    direction: document.documentElement.dir,
  })`)
  const direction = locale === 'ar' ? 'rtl' : 'ltr'
  expect(shape).toEqual({ overflow: 0, headings: 1, language: locale, direction })
  expect(await page.title()).not.toBe('')
}
