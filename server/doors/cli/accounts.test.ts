import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { secretBox } from '#server/base/secret.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { createFakeTelegram } from '#server/gateways/telegram/adapters/fake/create-fake-telegram.ts'
import { type CliRunner, createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'

const TOKEN = `7200000001:${'A'.repeat(35)}`
const telegram = createFakeTelegram({ clock: new ManualClock(NOON) })

let db: Db
let runner: CliRunner
let folder: string

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
  await createTenant(db)
  folder = await mkdtemp(join(tmpdir(), 'gavatcore-accounts-'))
  telegram.updateFeed.addBot(TOKEN, {
    telegramId: 7_200_000_001,
    username: 'dukkan_bot',
    displayName: 'Dükkân',
    canJoinGroups: true,
    readsAllGroupMessages: false,
    canConnectToBusiness: false,
  })
  const access = { box: secretBox(Buffer.alloc(32, 3)), feed: telegram.updateFeed, publicUrl: null, apiRoot: null }
  runner = createCliRunner(db, { telegram: () => Promise.resolve(access) })
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const tokenFile = async (token: string): Promise<string> => {
  const file = join(folder, 'token')
  await writeFile(file, `${token}\n`, { mode: 0o600 })
  return file
}

describe('accounts add', () => {
  it('links the bot of a token given in a file and shows no secret', async () => {
    const { code, out, err } = await runner.run(['accounts', 'add', '--token-file', await tokenFile(TOKEN), '--json'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(JSON.parse(out)).toMatchObject({ username: 'dukkan_bot', state: 'active', updateMode: 'polling' })
    expect(out).not.toContain(TOKEN.split(':')[1])
    expect((await runner.run(['accounts', 'list'])).out).toContain('@dukkan_bot')
  })

  it('refuses a bot that is linked already', async () => {
    const { code, err } = await runner.run(['accounts', 'add', '--token-file', await tokenFile(TOKEN)])
    expect(code).toBe(1)
    expect(err).toContain('is linked already')
  })

  it('says when Telegram does not know the token', async () => {
    const revoked = await tokenFile(`7200000009:${'B'.repeat(35)}`)
    const { code, err } = await runner.run(['accounts', 'add', '--token-file', revoked])
    expect(code).toBe(64)
    expect(err).toContain('get a new one from BotFather')
  })

  it('names the option whose address or file is wrong', async () => {
    const file = await tokenFile(TOKEN)
    const odd = await runner.run(['accounts', 'add', '--token-file', file, '--api-root', 'nonsense'])
    expect(odd).toMatchObject({ code: 64, err: expect.stringContaining('--api-root takes an http or https address') })
    const gone = await runner.run(['accounts', 'add', '--token-file', join(folder, 'gone')])
    expect(gone).toMatchObject({ code: 64, err: expect.stringContaining('There is no file') })
  })

  it('asks for the token where nobody can be asked', async () => {
    const { code, err } = await runner.run(['accounts', 'add'])
    expect(code).toBe(64)
    expect(err).toContain('--token-file')
  })

  it('disconnects only after a confirmation', async () => {
    const [account] = (await runner.json(['accounts', 'list'])) as readonly { readonly id: number }[]
    const id = String(account?.id)
    expect((await runner.run(['accounts', 'disconnect', id])).code).toBe(64)
    expect(await runner.json(['accounts', 'disconnect', id, '--yes'])).toMatchObject({ state: 'disconnected' })
  })
})
