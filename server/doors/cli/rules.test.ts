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
  folder = await mkdtemp(path.join(tmpdir(), 'rules-'))
})

const write = async (name: string, content: string) => {
  const file = path.join(folder, name)
  await writeFile(file, content)
  return file
}

describe('rules', () => {
  it('says how to begin, adds by options and by file, tests a text, and shows what each would do', async () => {
    expect((await run(['rules', 'list', account])).out).toContain('gavatcore rules add')
    const options = ['--rule-name', 'Kargo', '--keyword', 'kargo*', '--reply', 'Merhaba {{first_name}}, yolda.']
    const { out } = await run(['rules', 'add', account, ...options, '--contact-cooldown', '60'])
    expect(out).toContain('keyword: kargo*')
    expect(out).toContain('warning')
    const away = {
      name: 'Mesai',
      trigger: { kind: 'time', when: 'outside', from: '18:00', to: '08:00' },
      actions: [{ kind: 'reply', texts: [{ locale: 'tr', text: 'Yarın döneriz' }] }],
    }
    const file = await write('mesai.json', JSON.stringify(away))
    const added = (await json(['rules', 'add', account, file, '--rank', '5'])) as { rule: { id: number } }
    const test = await run(['rules', 'test', account, 'Kargom nerede?'])
    expect(test.out).toMatch(/Kargo .*fires/)
    expect(test.out).toContain('an earlier rule ended it')
    expect(test.out).toContain('Merhaba , yolda.')
    const id = String(added.rule.id)
    expect((await run(['rules', 'disable', id])).out).toContain('disabled')
    expect((await run(['rules', 'edit', id, '--rank', '7', '--inside', '10:00-12:00'])).out).toContain('inside 10:00')
    expect((await run(['rules', 'show', id])).out).toMatch(/3 +disabled/)
    expect((await run(['rules', 'report', account, '--days', '2'])).out).toContain('Kargo: 0 times')
  })

  it('refuses what cannot be a rule in words that name the fix', async () => {
    const add = ['rules', 'add', account, '--rule-name', 'x', '--reply', 'y']
    expect((await run([...add, '--regex', '(a'])).err).toContain('Pair ( and )')
    expect((await run([...add, '--on-command', '/start'])).err).toContain('every account answers /start itself')
    expect((await run([...add, '--regex', 'a', '--keyword', 'b'])).err).toContain('one trigger')
    expect((await run(['rules', 'add', account])).err).toContain('name is missing')
  })

  it('exports what can be imported again, and removes after asking', async () => {
    const target = path.join(folder, 'rules.json')
    expect((await run(['rules', 'export', account, '--output', target])).code).toBe(0)
    expect(JSON.parse(await readFile(target, 'utf8'))).toMatchObject({ format: 'gavatcore.rules/1' })
    expect(await json(['rules', 'import', account, target])).toMatchObject({ added: [], changed: [] })
    const [first] = (await json(['rules', 'list', account])) as { id: number }[]
    const remove = ['rules', 'remove', String(first?.id)]
    expect((await run(remove)).code).not.toBe(0)
    expect((await run([...remove, '--yes'])).out).toContain('was removed')
    expect(await json(['rules', 'import', account, target, '--replace'])).toMatchObject({ added: ['Kargo'] })
  })
})

describe('personas', () => {
  it('edits the menu item by item, one level deep, shows how it looks, and goes back', async () => {
    await run(['personas', 'set', account, '--tone', 'neşeli'])
    const menu = (...args: string[]) => run(['personas', 'menu', ...args])
    await menu('add', account, '--label', 'Adres', '--link', 'https://ornek.com/adres', '--position', '1')
    await menu('add', account, '--label', 'Şubeler', '--item-text', 'İki şube', '--under', '1')
    const { out } = await menu('show', account)
    expect(out).toMatch(/1 +\[ Adres \]\n +→ https:\/\/ornek.com\/adres\n +1\.1 +\[ Şubeler \]/)
    await menu('edit', account, '1.1', '--label', 'Mağazalar')
    await menu('move', account, '1', '--position', '2')
    expect((await menu('show', account)).out).toMatch(/2\.1 +\[ Mağazalar \]/)
    await menu('remove', account, '2')
    expect((await menu('show', account)).out).not.toContain('Adres')
    expect((await menu('restore', account, '4')).out).toContain('Şubeler')
    expect((await menu('edit', account, '9', '--label', 'x')).err).toContain('a place from 1 to')
    expect((await menu('add', account, '--label', 'x')).err).toContain('needs a text')
    expect((await menu('add', account, '--label', 'x', '--link', 'javascript:1')).err).toContain('https://')
  })

  it('previews the greeting and changes it', async () => {
    const { out } = await run(['personas', 'greeting', account, 'Hoş geldiniz!'])
    expect(out).toContain('Hoş geldiniz!')
    expect(out).toContain('[ Menü ]')
  })

  it('takes knowledge in, searches it and forgets it', async () => {
    expect((await run(['personas', 'knowledge', 'list', account])).out).toContain('personas knowledge add')
    const file = await write('iade.md', '# İade\nKargo ücretini biz öderiz.')
    expect((await run(['personas', 'knowledge', 'add', account, file])).out).toContain('iade.md')
    expect((await run(['personas', 'knowledge', 'search', account, 'kargo ucreti'])).out).toContain('iade.md 1 İade')
    expect((await run(['personas', 'knowledge', 'show', account, 'iade.md'])).out).toContain('biz öderiz')
    expect((await run(['personas', 'knowledge', 'add', account, `${file}x`])).code).not.toBe(0)
    const { out } = await run(['personas', 'knowledge', 'remove', account, 'iade.md', '--yes'])
    expect(out).toContain('No knowledge files')
  })
})
