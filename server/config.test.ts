import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { AppError } from '#server/base/errors.ts'

import { loadConfig, renderEnvExample } from './config.ts'

const faultsOf = (env: Record<string, string>, argv: readonly string[] = []): string => {
  try {
    loadConfig(env, argv)
  } catch (error) {
    if (error instanceof AppError) return String(error.params['faults'])
    throw error
  }
  throw new Error('the configuration was accepted')
}

describe('loadConfig', () => {
  it('needs nothing: the defaults start an embedded database on port 3000', () => {
    const config = loadConfig({}, [])
    expect(config).toMatchObject({ port: 3000, role: 'all', databaseUrl: null, telegramBotToken: null, demo: 'auto' })
    expect(config.dataDir).toBe(path.resolve('data'))
    expect(config.logDir).toBe(path.resolve('data/logs'))
  })

  it('takes a bot for the panel, other than the one that speaks with contacts', () => {
    const [one, other] = [`7000000001:${'A'.repeat(35)}`, `7000000002:${'B'.repeat(35)}`]
    expect(loadConfig({ PANEL_BOT_TOKEN: one, TELEGRAM_BOT_TOKEN: other }, []).panelBotToken).toBe(one)
    expect(() => loadConfig({ PANEL_BOT_TOKEN: one, TELEGRAM_BOT_TOKEN: one }, [])).toThrow('PANEL_BOT_TOKEN')
    expect(() => loadConfig({ PANEL_BOT_TOKEN: 'abc' }, [])).toThrow('PANEL_BOT_TOKEN')
  })

  it('treats an empty value as unset', () => {
    expect(loadConfig({ PORT: '', DATABASE_URL: ' ' }, [])).toMatchObject({ port: 3000, databaseUrl: null })
  })

  it('lists every fault in one message, each with the name of its setting', () => {
    const faults = faultsOf({
      PORT: '70000',
      DATABASE_URL: 'mysql://x',
      LOG_LEVEL: 'loud',
      TELEGRAM_BOT_TOKEN: 'abc',
      POOL_MIN: '9',
      POOL_MAX: '4',
    })
    for (const name of ['PORT', 'DATABASE_URL', 'LOG_LEVEL', 'TELEGRAM_BOT_TOKEN'])
      expect(faults).toContain(`${name}: must be`)
    expect(faultsOf({ POOL_MIN: '9', POOL_MAX: '4' })).toBe('POOL_MIN: must not be above POOL_MAX')
  })

  it('never repeats a secret it refuses', () => {
    expect(faultsOf({ TELEGRAM_BOT_TOKEN: '123456:short-secret', APP_KEK: 'kek-secret' })).not.toMatch(
      /short-secret|kek-secret/,
    )
  })

  it.each(['3e3', '0x10', '-1', '3000.5', '65536', 'Infinity'])('refuses %s as a port', (port) => {
    expect(faultsOf({ PORT: port })).toContain('PORT: must be a whole number from 0 to 65535')
  })

  it('takes the role from --role before ROLE', () => {
    expect(loadConfig({ ROLE: 'api' }, ['--role', 'worker']).role).toBe('worker')
    expect(loadConfig({ ROLE: 'api' }, ['--role=updates']).role).toBe('updates')
    expect(faultsOf({}, ['--role'])).toContain('ROLE: must be one of')
  })

  it('reads a secret from the file its twin names, and says which file it cannot read', () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'config-')), 'kek')
    writeFileSync(file, `${Buffer.alloc(32, 7).toString('base64')}\n`)
    expect(loadConfig({ APP_KEK_FILE: file }, []).appKek).toEqual(Buffer.alloc(32, 7))
    expect(faultsOf({ APP_KEK_FILE: '/nowhere/kek' })).toBe('APP_KEK_FILE: cannot read /nowhere/kek (ENOENT)')
    expect(faultsOf({ APP_KEK_FILE: file, APP_KEK: '00'.repeat(32) })).toContain('APP_KEK_FILE: set either')
  })

  it("takes Telegram's own log-in whole and with an address to come back to, or not at all", () => {
    const pair = { TELEGRAM_CLIENT_ID: '7000000001', TELEGRAM_CLIENT_SECRET: 'a-client-secret' }
    const whole = { ...pair, PUBLIC_URL: 'https://crm.example' }
    expect(loadConfig({}, []).telegramSignIn).toBeNull()
    expect(loadConfig(whole, []).telegramSignIn).toEqual({
      clientId: '7000000001',
      clientSecret: 'a-client-secret',
      issuer: 'https://oauth.telegram.org',
    })
    expect(faultsOf(pair)).toBe('TELEGRAM_CLIENT_ID: needs PUBLIC_URL: Telegram sends people back to it')
    expect(faultsOf({ ...whole, TELEGRAM_CLIENT_ID: '' })).toContain('must be set together with TELEGRAM_CLIENT_SECRET')
  })

  it("takes what links people's own accounts together or not at all", () => {
    const pair = { TELEGRAM_API_ID: '17', TELEGRAM_API_HASH: '0123456789abcdef0123456789abcdef' }
    expect(loadConfig({}, []).userAccounts).toBeNull()
    expect(loadConfig(pair, []).userAccounts).toEqual({ apiId: 17, apiHash: pair.TELEGRAM_API_HASH, apiRoot: null })
    const root = 'mtproto://127.0.0.1:443/?key=AQAB'
    expect(loadConfig({ ...pair, TELEGRAM_MTPROTO_ROOT: root }, []).userAccounts?.apiRoot).toBe(root)
    expect(faultsOf({ TELEGRAM_API_ID: '17' })).toBe('TELEGRAM_API_ID: must be set together with TELEGRAM_API_HASH')
    const hash = 'secret-and-wrong'
    const faults = faultsOf({ ...pair, TELEGRAM_API_HASH: hash, TELEGRAM_MTPROTO_ROOT: 'https://x' })
    expect(faults).toContain('TELEGRAM_API_HASH: must be the 32')
    expect(faults).toContain('TELEGRAM_MTPROTO_ROOT: must look like')
    expect(faults).not.toContain(hash)
  })

  it('names settings that look like ours and are not', () => {
    expect(loadConfig({ TELEGRAM_TOKEN: 'x', APP_KEY: 'y', PATH: '/bin' }, []).unknownSettings).toEqual([
      'APP_KEY',
      'TELEGRAM_TOKEN',
    ])
  })
})

describe('renderEnvExample', () => {
  it('is what .env.example holds', async () => {
    await expect(renderEnvExample()).toMatchFileSnapshot('../.env.example')
  })

  it('holds only values that are accepted', () => {
    const lines = renderEnvExample()
      .split('\n')
      .flatMap((line) => /^# ([A-Z_]+)=(.*)$/.exec(line) ?? [])
    const env: Record<string, string> = {}
    for (let i = 0; i < lines.length; i += 3) env[lines[i + 1] ?? ''] = lines[i + 2] ?? ''
    expect(loadConfig(env, [])).toMatchObject({ port: 3000, poolMax: 12, unknownSettings: [] })
  })
})
