import { describe, expect, it } from 'vitest'

import { createDb } from '#server/db/pool.ts'
import { createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { openPanel } from '#server/testing/panel.ts'

interface Shown {
  readonly messages: readonly string[]
  readonly buttons: readonly { readonly number: number; readonly label: string }[]
}

describe('chat', { timeout: 120_000 }, () => {
  it('leads somebody of the simulated Telegram to a linked bot, button by button', async () => {
    const world = await openPanel({ runs: true })
    const { accounts, database } = world.app
    const cli = createCliRunner(database.db, {
      telegram: () => Promise.resolve({ box: accounts.box, feed: accounts.feed, publicUrl: null, apiRoot: null }),
    })
    const as = ['--as', String(world.person({ name: 'Ali' }).id)]
    const packages = (await cli.json(['chat', '--say', '/musteri_panel', ...as])) as Shown
    expect(packages.messages.join()).toContain('Paketler')
    expect(packages.buttons[0]).toMatchObject({ number: 1, label: 'Deneme' })
    await cli.json(['chat', '--press', '1', ...as])
    expect(((await cli.json(['chat', '--press', '1', ...as])) as Shown).messages.join()).toContain('bağlandı')
    const missing = await cli.run(['chat', '--press', '99', ...as])
    expect(missing.code).not.toBe(0)
    expect(missing.err).toContain('99')
  })

  it('says what to start where no panel bot is simulated', async () => {
    const db = createDb((await createTestDatabase()).pool)
    const { code, err } = await createCliRunner(db).run(['chat', '--say', '/start'])
    expect(code).not.toBe(0)
    expect(err).toContain('npm start')
  })
})
