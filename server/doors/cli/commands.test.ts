import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { SEGMENTS } from '#contract/words.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type CliRunner, createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createDelivery, createTenant } from '#server/testing/factories.ts'

let db: Db
let run: CliRunner['run']
let json: CliRunner['json']
let folder: string

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
  const runner = createCliRunner(db)
  run = runner.run
  json = runner.json
  folder = await mkdtemp(join(tmpdir(), 'gavatcore-cli-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** A tenant of its own for each test, so that none counts another's rows. */
const shop = async () => {
  const tenantId = await createTenant(db)
  const { slug } = await db.selectFrom('tenant').select('slug').where('id', '=', tenantId).executeTakeFirstOrThrow()
  const accountId = await createAccount(db, tenantId)
  return { tenantId, accountId, on: ['--tenant', slug] as const }
}

describe('status', () => {
  it('has the shape scripts rely on, and counts', async () => {
    const { tenantId, accountId, on } = await shop()
    const contactId = await createContact(db, tenantId, { accountId })
    await createDelivery(db, tenantId, { accountId, contactId, chatId: 1, sentAt: NOON })
    await createDelivery(db, tenantId, { accountId, contactId, chatId: 1 })
    const status = await json(['status', ...on])
    expect(status).toMatchObject({
      contacts: 1,
      deliveries: { planned: 1, sent: 1, deferred: 0, refused: 0, failed: 0, unknown: 0 },
      refusedBy: {},
      responses: 0,
    })
    expect(Object.keys((status as { segments: object }).segments)).toEqual([...SEGMENTS])
  })
})

describe('contacts', () => {
  it('records a paid order once and credits the delivery that came before it', async () => {
    const { tenantId, accountId, on } = await shop()
    const contactId = await createContact(db, tenantId, { accountId })
    const deliveryId = await createDelivery(db, tenantId, { accountId, contactId, chatId: 1, sentAt: NOON - DAY_MS })
    const order = ['contacts', 'order', String(contactId), '--amount', '249.90', '--reference', 'S-1', ...on]
    expect(await json(order)).toEqual({ contact: contactId, isNew: true, deliveryId })
    const feature = await db
      .selectFrom('contact_feature')
      .select(['order_count', 'revenue_minor'])
      .where('contact_id', '=', contactId)
      .executeTakeFirstOrThrow()
    expect(feature).toEqual({ order_count: 1, revenue_minor: 24_990 })
    const row = await db
      .selectFrom('delivery')
      .select('converted_at')
      .where('id', '=', deliveryId)
      .executeTakeFirstOrThrow()
    expect(row.converted_at).not.toBeNull()
    const { code } = await run([...order.slice(0, 4), '-5', ...order.slice(5)])
    expect(code).toBe(64)
  })

  it('lists, narrows and pages', async () => {
    const { tenantId, accountId, on } = await shop()
    for (const firstName of ['Ayşe', 'Mehmet', 'Ayla']) await createContact(db, tenantId, { accountId, firstName })
    const all = (await json(['contacts', 'list', '--limit', '2', ...on])) as { contacts: unknown[]; nextCursor: string }
    expect(all.contacts).toHaveLength(2)
    const rest = (await json(['contacts', 'list', '--cursor', all.nextCursor, ...on])) as { contacts: unknown[] }
    expect(rest.contacts).toHaveLength(1)
    const found = (await json(['contacts', 'list', '--search', 'Ay', ...on])) as { contacts: { firstName: string }[] }
    expect(found.contacts.map((c) => c.firstName).toSorted()).toEqual(['Ayla', 'Ayşe'])
  })

  it('shows one contact by number, Telegram id and the reasons of a refusal in words', async () => {
    const { tenantId, accountId, on } = await shop()
    const id = await createContact(db, tenantId, { accountId, firstName: 'Zehra', telegramId: 55_443_322 })
    const { out, code } = await run(['contacts', 'show', 'tg:55443322', ...on])
    expect(code).toBe(0)
    expect(out).toContain('Zehra')
    expect(out).toContain('reachable')
    const missing = await run(['contacts', 'show', String(id + 1_000_000), ...on])
    expect(missing.code).toBe(1)
    expect(missing.err).toContain(`Not found: contact ${id + 1_000_000}`)
    const nonsense = await run(['contacts', 'show', 'a b', ...on])
    expect(nonsense.code).toBe(64)
  })

  it('keeps control characters of names away from the terminal', async () => {
    const { tenantId, accountId, on } = await shop()
    await createContact(db, tenantId, { accountId, firstName: 'a\u001b[31mred\u202e\nb' })
    const { out } = await run(['contacts', 'list', ...on])
    expect(out).toContain('a [31mred b')
    expect(out).not.toContain('\u001b')
  })

  it('erases only with --yes where nobody can be asked, and not at all under --dry-run', async () => {
    const { tenantId, accountId, on } = await shop()
    const id = await createContact(db, tenantId, { accountId })
    const erasedAt = async () =>
      (await db.selectFrom('contact').select('erased_at').where('id', '=', id).executeTakeFirstOrThrow()).erased_at
    const refused = await run(['contacts', 'erase', String(id), ...on])
    expect(refused.code).toBe(64)
    expect(refused.err).toContain('--yes')
    const dry = await run(['contacts', 'erase', String(id), '--dry-run', ...on])
    expect(dry.code).toBe(0)
    expect(dry.err).toContain('nothing was changed')
    expect(await erasedAt()).toBeNull()
    expect((await run(['contacts', 'erase', String(id), '--yes', ...on])).code).toBe(0)
    expect(await erasedAt()).not.toBeNull()
  })

  it('writes an export into a new file and refuses to overwrite one', async () => {
    const { tenantId, accountId, on } = await shop()
    const id = await createContact(db, tenantId, { accountId })
    const output = join(folder, `export-${id}.json`)
    expect((await run(['contacts', 'export', String(id), '--output', output, ...on])).code).toBe(0)
    const again = await run(['contacts', 'export', String(id), '--output', output, ...on])
    expect(again.code).toBe(64)
    expect(again.err).toContain('not overwritten')
  })
})

describe('segments, strategies and templates', () => {
  it('explains a contact and lists the rules in force', async () => {
    const { tenantId, accountId, on } = await shop()
    const id = await createContact(db, tenantId, { accountId })
    const explanation = (await json(['segments', 'explain', String(id), ...on])) as { segments: unknown[] }
    expect(explanation.segments).toHaveLength(12)
    expect(await json(['segments', 'recompute', ...on])).toMatchObject({ assessed: 1 })
    expect((await run(['segments', 'list', ...on])).out).toContain('COLD_LEAD')
    expect(await json(['segments', 'rules', ...on])).toHaveLength(12)
  })

  it('compares the segments by what came of their messages', async () => {
    const { tenantId, accountId, on } = await shop()
    const contactId = await createContact(db, tenantId, { accountId })
    const id = await createDelivery(db, tenantId, { accountId, contactId, chatId: 1, sentAt: NOON })
    await db.updateTable('delivery').set({ segment: 'HOT_LEAD' }).where('id', '=', id).execute()
    const rows = (await json(['segments', 'compare', '--days', '7', ...on])) as readonly Record<string, unknown>[]
    expect(rows).toHaveLength(12)
    expect(rows.find((row) => row['segment'] === 'HOT_LEAD')).toMatchObject({ sent: 1, responded: 0, responseRatio: 0 })
    expect((await run(['segments', 'compare', '--days', '0', ...on])).code).toBe(64)
  })

  it('changes a strategy inside its bounds, and says the bounds outside them', async () => {
    const { on } = await shop()
    await json(['strategies', 'preset', 'default', '--yes', ...on])
    const changed = await json(['strategies', 'set', 'hot_lead', '--priority', '9', '--hours', '10,19', ...on])
    expect(changed).toMatchObject({ segment: 'HOT_LEAD', priority: 9, hours: [10, 19], version: 2 })
    const refused = await run(['strategies', 'set', 'HOT_LEAD', '--priority', '99', ...on])
    expect(refused.code).toBe(64)
    expect(refused.err).toContain('--priority takes a whole number from 1 to 10; given: 99')
    const ceiling = await run(['strategies', 'set', 'HOT_LEAD', '--cooldown-hours', '1', ...on])
    expect(ceiling.code).toBe(64)
  })

  it('adds, lints, previews and approves a template', async () => {
    const { on } = await shop()
    const file = join(folder, 'welcome.json')
    const text = 'Merhaba {{first_name|dostum}}, {{sender}} yazıyor. {{opt_out}}'
    await writeFile(
      file,
      JSON.stringify({ name: 'welcome', messageClass: 'commercial', variants: [{ name: 'a', locale: 'tr', text }] }),
    )
    await json(['templates', 'add', file, ...on])
    const preview = await run(['templates', 'preview', 'welcome', ...on])
    expect(preview.code).toBe(0)
    expect(preview.out).toContain('Merhaba')
    expect(await json(['templates', 'approve', 'welcome', ...on])).toMatchObject({ state: 'approved' })
    const bad = join(folder, 'bad.json')
    await writeFile(
      bad,
      JSON.stringify({ name: 'bad', messageClass: 'commercial', variants: [{ name: 'a', locale: 'tr', text: 'Al!' }] }),
    )
    await json(['templates', 'add', bad, ...on])
    const lint = await run(['templates', 'lint', 'bad', ...on])
    expect(lint.code).toBe(1)
    expect(lint.out).toContain('needs a way out')
  })

  it('says where a file is broken', async () => {
    const { on } = await shop()
    const file = join(folder, 'broken.json')
    await writeFile(file, '{"name": ')
    const { code, err } = await run(['templates', 'add', file, ...on])
    expect(code).toBe(64)
    expect(err).toContain('is no valid JSON')
    expect((await run(['templates', 'add', join(folder, 'nowhere.json'), ...on])).err).toContain('There is no file')
  })
})

describe('kill-switch, guard and deliveries', () => {
  it('stops and resumes the tenant, and says so in "why"', async () => {
    const { tenantId, accountId, on } = await shop()
    const contactId = await createContact(db, tenantId, { accountId, consents: ['marketing'] })
    await createDelivery(db, tenantId, { accountId, contactId, chatId: 1 })
    expect((await run(['kill-switch', 'on', '--reason', 'wrong price', ...on])).code).toBe(0)
    expect((await run(['deliveries', 'why', String(contactId), ...on])).out).toContain(
      "the tenant's sending is stopped",
    )
    expect((await run(['kill-switch', 'off', ...on])).code).toBe(64)
    expect((await run(['kill-switch', 'off', '--yes', ...on])).code).toBe(0)
    expect((await run(['deliveries', 'why', String(contactId), ...on])).out).not.toContain('stopped')
  })

  it('ends an audit with 0 when the ledger is clean and with 1 when it is not', async () => {
    const { tenantId, accountId, on } = await shop()
    const consenting = await createContact(db, tenantId, { accountId, consents: ['marketing'] })
    await createDelivery(db, tenantId, { accountId, contactId: consenting, chatId: 1, sentAt: NOON })
    expect(await json(['guard', 'audit', ...on])).toEqual({ checked: 1, findings: [] })
    const without = await createContact(db, tenantId, { accountId })
    await createDelivery(db, tenantId, { accountId, contactId: without, chatId: 2, sentAt: NOON })
    const { code, out } = await run(['guard', 'audit', ...on])
    expect(code).toBe(1)
    expect(out).toContain('no consent')
  })

  it('lists deliveries by state with their reasons', async () => {
    const { tenantId, accountId, on } = await shop()
    const contactId = await createContact(db, tenantId, { accountId })
    await createDelivery(db, tenantId, { accountId, contactId, chatId: 1 })
    expect(await json(['deliveries', 'list', '--state', 'planned', ...on])).toHaveLength(1)
    expect(await json(['deliveries', 'list', '--state', 'sent', ...on])).toHaveLength(0)
    expect((await run(['deliveries', 'list', '--state', 'gone', ...on])).code).toBe(64)
  })
})

describe('accounts and tenants', () => {
  it('refuses a token that cannot be one, without repeating it', async () => {
    const { on } = await shop()
    const file = join(folder, 'token')
    await writeFile(file, 'secret-thing\n')
    const { code, err } = await run(['accounts', 'add', '--token-file', file, ...on])
    expect(code).toBe(64)
    expect(err).toContain('BotFather')
    expect(err).not.toContain('secret-thing')
  })

  it('names in words what is not there', async () => {
    const { on } = await shop()
    const { code, err } = await run(['campaigns', 'report', '999', '--lang', 'tr', ...on])
    expect({ code, err }).toEqual({ code: 1, err: 'Bulunamadı: kampanya 999\n' })
  })

  it('pauses and resumes an account', async () => {
    const { accountId, on } = await shop()
    expect(await json(['accounts', 'pause', String(accountId), '--reason', 'holiday', ...on])).toMatchObject({
      state: 'paused',
    })
    expect(await json(['accounts', 'resume', String(accountId), ...on])).toMatchObject({ state: 'active' })
  })

  it('creates a tenant with rules, strategies and templates', async () => {
    await json(['tenants', 'create', 'new-shop', '--name', 'New Shop', '--package', 'starter'])
    expect(await json(['strategies', 'show', '--tenant', 'new-shop'])).toHaveLength(12)
    expect(((await json(['templates', 'list', '--tenant', 'new-shop'])) as unknown[]).length).toBeGreaterThan(0)
    const again = await run(['tenants', 'create', 'new-shop'])
    expect(again.code).toBe(1)
    expect(again.err).toContain('is taken')
  })
})

describe('contacts import', () => {
  it('takes people in from CSV, lists rows that were left out, and imports nobody twice', async () => {
    const { on } = await shop()
    const file = join(folder, 'people.csv')
    await writeFile(file, 'Telegram ID;Ad;Kullanıcı Adı\n7001;Ayşe;ayse_y\n7002;Mehmet;\nx;Bozuk;\n')
    const dry = await run(['contacts', 'import', file, '--dry-run', '--json', ...on])
    expect(JSON.parse(dry.out)).toMatchObject({ kind: 'csv', rows: 3, created: 2, invalid: 1, dryRun: true })
    const { code, out } = await run(['contacts', 'import', file, '--add-tag', 'fuar', ...on])
    expect(code).toBe(1)
    expect(out).toContain('no valid Telegram id')
    expect(out).toContain('people.csv.errors.csv')
    const again = await run(['contacts', 'import', file, '--json', ...on])
    expect(JSON.parse(again.out)).toMatchObject({ created: 0, unchanged: 2, invalid: 1 })
    expect(
      ((await json(['contacts', 'list', '--tag', 'fuar', ...on])) as { contacts: unknown[] }).contacts,
    ).toHaveLength(2)
  })

  it('says which column nobody recognises and how to map it', async () => {
    const { on } = await shop()
    const file = join(folder, 'strange.csv')
    await writeFile(file, 'Numara X,Renk\n7101,mavi\n')
    const refused = await run(['contacts', 'import', file, ...on])
    expect(refused.code).toBe(64)
    expect(refused.err).toContain('Numara X')
    const mapped = await json([
      'contacts',
      'import',
      file,
      '--map',
      'Numara X=telegramId',
      '--unknown-columns',
      'attributes',
      ...on,
    ])
    expect(mapped).toMatchObject({ created: 1, invalid: 0 })
    const shapeless = await run(['contacts', 'import', file, '--map', 'nonsense', ...on])
    expect(shapeless.err).toContain('Column=field')
  })

  it('reads an export of Telegram Desktop', async () => {
    const { on } = await shop()
    const file = join(folder, 'result.json')
    const message = (id: number, from: number, text: string) => ({
      id,
      type: 'message',
      date: '2026-05-01T12:00:00',
      date_unixtime: '1777636800',
      from: `Kişi ${from}`,
      from_id: `user${from}`,
      text,
    })
    const messages = [message(1, 8001, 'Merhaba'), message(2, 8002, 'Fiyat nedir?'), message(3, 8001, 'Teşekkürler')]
    await writeFile(file, JSON.stringify({ name: 'Dükkân', type: 'private_supergroup', id: 123456, messages }))
    expect(await json(['contacts', 'import', file, ...on])).toMatchObject({
      kind: 'telegram',
      people: 2,
      created: 2,
      newMessages: 3,
    })
    const found = (await run(['contacts', 'show', 'tg:8002', ...on])).out
    expect(found).toContain('Fiyat nedir?')
  })
})

describe('campaigns', () => {
  const welcome = async (on: readonly string[]) => {
    const file = join(folder, `template-${on[1]}.json`)
    const text = 'Merhaba {{first_name|dostum}}, {{sender}} yazıyor. {{opt_out}}'
    const variants = [{ name: 'a', locale: 'tr', text }]
    await writeFile(file, JSON.stringify({ name: 'welcome', messageClass: 'commercial', variants }))
    await json(['templates', 'add', file, '--approve', ...on])
  }

  it('are created on the only account, started, paused, resumed and cancelled', async () => {
    const { accountId, on } = await shop()
    await welcome(on)
    const created = await json(['campaigns', 'create', 'Yaz', '--template', 'welcome', '--segment', 'hot_lead', ...on])
    expect(created).toMatchObject({
      state: 'draft',
      kind: 'broadcast',
      accountId,
      audience: { segments: ['HOT_LEAD'] },
    })
    expect((await run(['campaigns', 'start', 'Yaz', ...on])).code).toBe(64)
    expect(await json(['campaigns', 'start', 'Yaz', '--yes', ...on])).toMatchObject({ state: 'running' })
    expect(await json(['campaigns', 'pause', 'Yaz', ...on])).toMatchObject({ state: 'paused' })
    expect(await json(['campaigns', 'resume', 'Yaz', ...on])).toMatchObject({ state: 'running' })
    expect(await json(['campaigns', 'cancel', 'Yaz', '--yes', ...on])).toMatchObject({ name: 'Yaz', cancelled: 0 })
    expect(await json(['campaigns', 'list', '--state', 'cancelled', ...on])).toHaveLength(1)
    const again = await run(['campaigns', 'resume', 'Yaz', ...on])
    expect(again.code).toBe(1)
    expect(again.err).toContain('cannot become')
  })

  it('are previewed without writing anything, and reported', async () => {
    const { tenantId, accountId, on } = await shop()
    await welcome(on)
    await createContact(db, tenantId, { accountId, consents: ['marketing'] })
    await createContact(db, tenantId, { accountId })
    await json(['campaigns', 'create', 'Yaz', '--template', 'welcome', ...on])
    const preview = await json(['campaigns', 'preview', 'Yaz', ...on])
    expect(preview).toMatchObject({ steps: [{ total: 2, sent: 1, refused: { no_consent: 1 } }] })
    const { code, out } = await run(['campaigns', 'preview', 'Yaz', ...on])
    expect(code).toBe(0)
    expect(out).toContain('no consent: 1')
    expect(out).toContain('Merhaba')
    expect(await json(['deliveries', 'list', ...on])).toEqual([])
    const report = await run(['campaigns', 'report', 'Yaz', ...on])
    expect(report.code).toBe(0)
    expect(report.out).toContain('Planned')
  })

  it('make a drip of several steps, and ask for the account where there are two', async () => {
    const { tenantId, accountId, on } = await shop()
    await welcome(on)
    await createAccount(db, tenantId)
    const steps = ['--kind', 'drip', '--template', 'welcome', '--template', 'welcome@48']
    const refused = await run(['campaigns', 'create', 'Dizi', ...steps, ...on])
    expect(refused.code).toBe(64)
    expect(refused.err).toContain('--account')
    const created = await json(['campaigns', 'create', 'Dizi', ...steps, '--account', String(accountId), ...on])
    expect(created).toMatchObject({ kind: 'drip', steps: [{ afterHours: 0 }, { afterHours: 48 }] })
  })
})
