import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'

import type { MemberRole } from '#contract/words.ts'
import { createTranslator } from '#server/base/translate.ts'
import { createSignInLink } from '#server/modules/tenancy/index.ts'

import { BROWSER_TEST_MS, type View, openBrowser, openView } from '../browser/open-browser.ts'
import type { Scenario, Shop } from '../scenarios/open-scenario.ts'

const ROOT = path.resolve(import.meta.dirname, '..', '..')

/** Builds the panel as `npm start` does, unless it is up to date. */
const buildPanel = (): void => {
  const { status, stderr } = spawnSync('node', ['scripts/build-web.mjs'], { cwd: ROOT, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

/** Bytes of everything that a built page names itself, packed: what is loaded before anything can be seen. */
export const firstLoadBytes = (folder: 'web' | 'mini'): number => {
  const built = path.join(ROOT, 'dist', folder)
  const names = readFileSync(path.join(built, 'index.html'), 'utf8').matchAll(/(?:src|href)="\/\w+\/(assets\/[^"]+)"/g)
  return [...names].reduce((sum, [, name = '']) => {
    const file = path.join(built, name)
    return sum + statSync(statSync(`${file}.gz`, { throwIfNoEntry: false }) ? `${file}.gz` : file).size
  }, 0)
}

export const textsOf = (locale: string, catalogue: 'web' | 'mini' = 'web') =>
  createTranslator(locale === 'ar' ? 'ar' : 'tr', catalogue)

/** A member of the shop, by role: their Telegram number, which may be that of somebody who talks to the bot. */
export const addMember = async (
  { database }: Scenario,
  { tenantId }: Shop,
  role: MemberRole,
  telegramId = 770_000 + (Math.trunc(performance.now() * 1_000) % 100_000),
): Promise<number> => {
  await database.db
    .insertInto('member')
    .values({
      tenant_id: tenantId,
      telegram_id: telegramId,
      role,
      name: 'Zeynep',
      invited_by: 'test',
      joined_at: new Date(),
    })
    .execute()
  return telegramId
}

/** The panel as this person sees it on a device of this kind: they open their link and press its one button. */
export const enterPanel = async (
  { app, database, clock }: Scenario,
  browser: Browser,
  telegramId: number,
  view: View,
): Promise<Page> => {
  const { path: link } = await createSignInLink(database.db, { telegramId }, clock.now())
  const page = await openView(browser, view)
  await page.goto(new URL(link, app().address()).href)
  await page.locator('form button[type=submit]').click()
  await page.waitForURL('**/app/**')
  return page
}

/** Scrolls to the first chart of the screen, which is drawn when somebody sees it. */
export const seeChart = async (page: Page): Promise<void> => {
  await page.locator('[data-seen]').first().scrollIntoViewIfNeeded()
  await page.locator('figure svg').first().waitFor()
}

/** The panel built and a browser open for the tests of a `describe`; give what opens it where it is needed. */
export const withPanelBrowser = (): (() => Browser) => {
  let browser: Browser | null = null
  beforeAll(async () => {
    buildPanel()
    browser = await openBrowser()
  }, BROWSER_TEST_MS)
  afterAll(() => browser?.close())
  return () => {
    if (!browser) throw new Error('the browser is not open yet')
    return browser
  }
}
