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

/** Links a bot of its own to the test; answers its account's id. */
const addBot = async (username: string, telegramId: number): Promise<string> => {
  const token = `${telegramId}:${'X'.repeat(35)}`
  telegram.updateFeed.addBot(token, {
    telegramId,
    username,
    displayName: 'Dükkân',
    canJoinGroups: true,
    readsAllGroupMessages: false,
    canConnectToBusiness: false,
  })
  const account = await runner.json(['accounts', 'add', '--token-file', await tokenFile(token)])
  return String((account as { readonly id: number }).id)
}

describe('accounts check', () => {
  it('says finding by finding whether an account works', async () => {
    const id = await addBot('esnaf_bot', 7_200_000_005)
    expect(await runner.json(['accounts', 'check', id])).toMatchObject({
      isWorking: true,
      findings: expect.arrayContaining([
        expect.objectContaining({ code: 'token_works', text: 'Telegram knows the token: @esnaf_bot.' }),
      ]) as unknown,
    })
    const { out } = await runner.run(['accounts', 'check', id])
    expect(out).toContain('Privacy mode is on')
    expect(out).toContain(`Account ${id} works.`)
    expect((await runner.run(['accounts', 'check', '999999'])).code).toBe(1)
  })
})

describe('accounts rotate-token', () => {
  it('takes the new token of the same bot, and no other’s', async () => {
    const id = await addBot('cadde_bot', 7_200_000_006)
    const rotate = async (token: string) =>
      runner.run(['accounts', 'rotate-token', id, '--token-file', await tokenFile(token)])
    const profile = { username: 'cadde_bot', displayName: 'Dükkân', canJoinGroups: true } as const
    const more = { readsAllGroupMessages: false, canConnectToBusiness: false } as const
    const [next, other] = [`7200000006:${'Y'.repeat(35)}`, `7200000007:${'Z'.repeat(35)}`]
    telegram.updateFeed.addBot(next, { ...profile, ...more, telegramId: 7_200_000_006 })
    telegram.updateFeed.addBot(other, { ...profile, ...more, telegramId: 7_200_000_007 })
    expect(await rotate(other)).toMatchObject({ code: 64, err: expect.stringContaining('another bot') })
    const { code, out } = await rotate(next)
    expect({ code, leaks: out.includes('YYYY') }).toEqual({ code: 0, leaks: false })
    expect(out).toContain('works with its new token')
  })
})
