import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { beforeAll, describe, expect, it } from 'vitest'

import { type Db, createDb } from '#server/db/pool.ts'
import { type CliRunner, createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { createAccount, createTenant } from '#server/testing/factories.ts'

let db: Db
let run: CliRunner['run']
let json: CliRunner['json']
let account: string
let folder: string

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
  const runner = createCliRunner(db)
  run = runner.run
  json = runner.json
  account = String(await createAccount(db, await createTenant(db, { package: 'professional' })))
  folder = await mkdtemp(path.join(tmpdir(), 'persona-'))
})

const write = async (name: string, content: object) => {
  const file = path.join(folder, name)
  await writeFile(file, JSON.stringify(content))
  return file
}

describe('personas', () => {
  it('says how to begin, begins from the package, and changes what is named', async () => {
    expect((await run(['personas', 'show', account])).out).toContain(`gavatcore personas set ${account}`)
    const set = ['personas', 'set', account, '--mode', 'hybrid', '--price', '249.90', '--tone', 'neşeli']
    expect(await json([...set, '--groups', 'simple', '--invite-ratio', '0.2'])).toMatchObject({
      persona: { version: 3, tone: 'neşeli', facts: { catalogue: [{ priceMinor: 24_990 }] } },
      settings: {
        effective: { replyMode: 'hybrid', productPriceMinor: 24_990, groupPlacements: 1, inviteRatio: 0.2 },
      },
    })
    const { out } = await run(['personas', 'list'])
    expect(out).toContain('drafts that people approve')
    expect(out).toContain('simple')
    const { code, err } = await run(['personas', 'set', account, '--mode', 'ai'])
    expect(code).not.toBe(0)
    expect(err).toContain('enterprise')
  })

  it('previews an import without writing, applies it, and exports what can be imported again', async () => {
    const file = await write('legacy.json', {
      username: 'Eski Bot',
      reply_mode: 'manual',
      vip_price: '300',
      autospam: true,
    })
    const preview = ['personas', 'import', account, file]
    const { out, err } = await run([...preview, '--dry-run'])
    expect(out).toContain('Preview')
    expect(out).toContain('productPriceMinor: 24990 → 30000')
    expect(out).toContain('autospam: nothing is posted en masse by itself')
    expect(err).toContain('Dry run')
    expect(await json(['personas', 'show', account])).toMatchObject({ persona: { version: 3 } })
    expect(await json(preview)).toMatchObject({ isApplied: true, persona: { displayName: 'Eski Bot' } })
    const target = path.join(folder, 'out.json')
    expect((await run(['personas', 'export', account, '--output', target])).code).toBe(0)
    expect(JSON.parse(await readFile(target, 'utf8'))).toMatchObject({ format: 'gavatcore.persona/1' })
    expect((await run(['personas', 'import', account, target])).out).toContain('Nothing changes.')
    expect((await run(['personas', 'export', account, '--output', target])).err).toContain('not overwritten')
  })

  it('refuses a file with a secret and says where it is, never what', async () => {
    const file = await write('secret.json', { username: 'x', bot_config: { note: '0532 123 45 67' } })
    const { code, err } = await run(['personas', 'import', account, file])
    expect(code).not.toBe(0)
    expect(err).toContain('bot_config.note')
    expect(err).not.toContain('532')
  })
})
