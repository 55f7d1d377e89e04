import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, it, onTestFinished } from 'vitest'

import { createTestDatabase } from '#server/testing/db.ts'
import { startSimulator } from '#simulator/index.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

interface Server {
  readonly child: ChildProcess
  /** Everything it has said on both streams. */
  said(): string
  /** Its exit code. */
  readonly ended: Promise<number | null>
}

const run = (env: Record<string, string>, args: readonly string[] = []): Server => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'gavatcore-main-'))
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'], DATA_DIR: dataDir, PORT: '0', DEMO: 'off', LANG: 'C', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  child.stdout.on('data', (chunk) => (text += String(chunk)))
  child.stderr.on('data', (chunk) => (text += String(chunk)))
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, said: () => text, ended: once(child, 'exit').then(([code]) => code as number | null) }
}

const listening = async (server: Server): Promise<string> => {
  await expect.poll(() => server.said(), { timeout: 30_000 }).toContain('Listening on')
  return /Listening on (\S+)/.exec(server.said())?.[1] ?? ''
}

const databaseUrl = async () => (await createTestDatabase()).connectionString

describe('main', () => {
  it('drains and ends with 0 on SIGTERM', async () => {
    const server = run({ DATABASE_URL: await databaseUrl() })
    const address = await listening(server)
    expect((await fetch(`${address}/readyz`)).status).toBe(200)
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
    expect(server.said()).toContain('SIGTERM: finishing what is under way')
  }, 60_000)

  it('goes on when nobody reads its output any more', async () => {
    const server = run({ DATABASE_URL: await databaseUrl(), LOG_LEVEL: 'debug' })
    const address = await listening(server)
    server.child.stdout?.destroy()
    server.child.stderr?.destroy()
    expect((await fetch(`${address}/readyz`)).status).toBe(200)
    // What it says about its end meets the closed pipe.
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
  }, 60_000)

  it('lists every fault of the settings and ends with 78', async () => {
    const server = run({ PORT: 'x', LOG_LEVEL: 'loud' }, ['--role', 'boss'])
    expect(await server.ended).toBe(78)
    for (const name of ['PORT', 'LOG_LEVEL', 'ROLE']) expect(server.said()).toContain(`${name}: must be`)
  }, 60_000)

  it('names the data folder that cannot be used and ends with 69', async () => {
    const server = run({ DATA_DIR: '/dev/null/data', DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })
    expect(await server.ended).toBe(69)
    expect(server.said()).toContain('DATA_DIR (/dev/null/data) cannot be used ENOTDIR')
  }, 60_000)

  it('says that the database cannot be reached and ends with 69', async () => {
    const server = run({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })
    expect(await server.ended).toBe(69)
    expect(server.said()).toContain('database cannot be reached')
    expect(server.said()).not.toContain('    at ')
  }, 60_000)

  it('names the setting when the port is taken and ends with 69', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    const server = run({ DATABASE_URL: await databaseUrl(), PORT: String(port) })
    expect(await server.ended).toBe(69)
    expect(server.said()).toContain(String(port))
    expect(server.said()).toContain('PORT')
  }, 60_000)

  it('refuses a second start on the same data with 75, in the language of the terminal', async () => {
    const env = { DATABASE_URL: await databaseUrl(), DATA_DIR: mkdtempSync(path.join(tmpdir(), 'gavatcore-two-')) }
    const first = run(env)
    await listening(first)
    const second = run({ ...env, LANG: 'tr_TR.UTF-8' })
    expect(await second.ended).toBe(75)
    expect(second.said()).toContain(env.DATA_DIR)
    expect(second.said()).toContain(String(first.child.pid))
  }, 60_000)

  it('links the bot of TELEGRAM_BOT_TOKEN to a tenant of its own, once', async () => {
    const simulator = await startSimulator({ seed: 5 })
    onTestFinished(() => simulator.close())
    const bot = simulator.control.createBot({ name: 'Çiçekçi' })
    const { connectionString, pool } = await createTestDatabase()
    const env = {
      DATABASE_URL: connectionString,
      DATA_DIR: mkdtempSync(path.join(tmpdir(), 'gavatcore-token-')),
      TELEGRAM_BOT_TOKEN: bot.token,
      TELEGRAM_API_ROOT: simulator.apiRoot,
    }
    for (let start = 0; start < 2; start += 1) {
      const server = run(env)
      await listening(server)
      const linked = async () =>
        (
          await pool.query(
            "select t.name, a.update_mode from account a join tenant t on t.id = a.tenant_id where a.state = 'active'",
          )
        ).rows
      await expect.poll(linked, { timeout: 20_000 }).toEqual([{ name: 'Çiçekçi', update_mode: 'polling' }])
      server.child.kill('SIGTERM')
      expect(await server.ended).toBe(0)
      expect(server.said()).not.toContain(bot.token)
    }
    const { rows } = await pool.query("select count(*)::int as links from audit_log where action = 'account.linked'")
    expect(rows).toEqual([{ links: 1 }])
  }, 90_000)

  it('ends with 78 when Telegram knows no such token', async () => {
    const simulator = await startSimulator({ seed: 6 })
    onTestFinished(() => simulator.close())
    const server = run({
      DATABASE_URL: await databaseUrl(),
      TELEGRAM_BOT_TOKEN: `7123456789:${'A'.repeat(35)}`,
      TELEGRAM_API_ROOT: simulator.apiRoot,
    })
    expect(await server.ended).toBe(78)
    expect(server.said()).toContain('BotFather')
  }, 60_000)
})
