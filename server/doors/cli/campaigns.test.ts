import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { approveTemplate, createTemplate } from '#server/modules/templates/index.ts'
import { createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

let db: Db
beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const setUp = async () => {
  const tenantId = await createTenant(db)
  const accountId = await createAccount(db, tenantId)
  const { slug } = await db.selectFrom('tenant').select('slug').where('id', '=', tenantId).executeTakeFirstOrThrow()
  for (const [name, text] of [
    ['plain', 'Merhaba {{sender}} {{opt_out}}'],
    ['ad', '#reklam Merhaba {{sender}} {{opt_out}}'],
  ] as const)
    await inTenant(db, tenantId, async (tx) => {
      const variants = [{ name: 'a', locale: 'tr', text } as const]
      const { id } = await createTemplate(tx, { name, messageClass: 'commercial', variants }, NOON)
      await approveTemplate(tx, id, NOON)
    })
  const member = async (role: string, telegramId: number) => {
    const row = { tenant_id: tenantId, telegram_id: telegramId, role, name: role, invited_by: 'test' }
    return db
      .insertInto('member')
      .values({ ...row, joined_at: toDate(NOON) })
      .returning('id')
      .executeTakeFirstOrThrow()
  }
  const cli = createCliRunner(db)
  return {
    tenantId,
    accountId,
    member,
    run: (...args: readonly string[]) => cli.run([...args, '--tenant', slug, '--yes']),
    json: (...args: readonly string[]) => cli.json([...args, '--tenant', slug, '--yes']),
  }
}

describe('campaigns', () => {
  it('go from draft over test, review and approval to recipients, export and report', async () => {
    const { tenantId, accountId, member, run, json } = await setUp()
    const [owner, editor] = [await member('owner', 901), await member('admin', 902)]
    await createContact(db, tenantId, { accountId, telegramId: 902, firstName: '=EDIT()', consents: ['marketing'] })
    const as = (id: number) => ['--member', String(id)]
    expect(await json('campaigns', 'approval', '--needed', 'yes')).toEqual({ needsApproval: true })
    await json('campaigns', 'create', 'Yaz', '--template', 'plain', ...as(editor.id))
    expect(await json('campaigns', 'test', 'Yaz', ...as(editor.id))).toEqual({ deliveryId: expect.any(Number) })
    expect((await run('campaigns', 'test', 'Yaz', ...as(owner.id))).err).toContain('press Start')
    await json('campaigns', 'edit', 'Yaz', '--tag', 'vip', ...as(editor.id))
    expect((await run('campaigns', 'start', 'Yaz')).err).toContain('campaigns submit')
    expect(await json('campaigns', 'submit', 'Yaz', ...as(editor.id))).toMatchObject({ state: 'in_review' })
    expect((await run('campaigns', 'approve', 'Yaz', ...as(editor.id))).err).toContain('somebody else')
    await json('campaigns', 'approve', 'Yaz', ...as(owner.id))
    expect(await json('campaigns', 'start', 'Yaz')).toMatchObject({ state: 'running', audience: { tags: ['vip'] } })
    const contactId = await createContact(db, tenantId, { accountId, firstName: '=SUM(1)', tags: ['vip'] })
    const [{ id }] = (await json('campaigns', 'list')) as [{ id: number }]
    await db
      .insertInto('delivery')
      .values({
        tenant_id: tenantId,
        account_id: accountId,
        contact_id: contactId,
        chat_id: 5,
        source: 'campaign',
        message_class: 'commercial',
        campaign_id: id,
        content: '{"text": "x"}',
        is_outreach: false,
        state: 'refused',
        reason: 'no_consent',
        due_at: toDate(NOON),
        finished_at: toDate(NOON),
        planned_at: toDate(NOON),
        dedupe_key: 'x',
      })
      .execute()
    const shown = await run('campaigns', 'recipients', 'Yaz', '--state', 'refused')
    expect(shown.out).toContain('=SUM(1)')
    const output = path.join(mkdtempSync(path.join(tmpdir(), 'campaign-')), 'yaz.csv')
    expect((await run('campaigns', 'export', 'Yaz', '--output', output)).code).toBe(0)
    expect(readFileSync(output, 'utf8')).toContain("'=SUM(1)")
    expect((await run('campaigns', 'export', 'Yaz', '--output', output)).code).not.toBe(0)
    expect(await json('campaigns', 'retry', 'Yaz')).toEqual({ retried: 0, left: [] })
    const report = await run('campaigns', 'report', 'Yaz')
    expect(report.out).toContain('Yaz · broadcast · running')
    expect(report.out).toContain('Revenue')
  })

  it('takes a promo’s goal in words, shows its bar, and lints for the ad label', async () => {
    const { run, json } = await setUp()
    const promo = (template: string, goal: string) =>
      ['campaigns', 'create', 'Kış', '--kind', 'promo', '--template', template, '--goal', goal, '--ends', '2026-07-01T10:00+03:00'] as const // prettier-ignore
    expect((await run(...promo('ad', 'orders 5'))).err).toContain('order:50')
    expect((await run(...promo('plain', 'order:5'))).err).toContain('#reklam')
    expect((await run('templates', 'lint', 'plain', '--advert')).code).not.toBe(0)
    expect((await run('templates', 'lint', 'plain')).code).toBe(0)
    expect(await json(...promo('ad', 'revenue:500'))).toMatchObject({
      goal: { kind: 'revenue', target: 50_000, stops: false },
    })
    expect((await run('campaigns', 'report', 'Kış')).out).toMatch(
      /Goal · revenue: TRY\s0.00 \/ TRY\s500.00 \(0%\)\n░{30}/,
    )
  })
})

describe('accounts', () => {
  it('show their health with figures and thresholds, and every setting with its source', async () => {
    const { accountId, run, json } = await setUp()
    const health = await run('accounts', 'health')
    expect(health.out).toContain('blocks')
    expect(health.out).toMatch(/2\.0%\s+5\.0%/)
    expect((await run('accounts', 'health', 'resume', '--account', String(accountId))).err).toContain('full speed')
    expect((await run('accounts', 'health', 'resume')).code).not.toBe(0)
    expect(await json('accounts', 'settings', String(accountId))).toMatchObject({ accountId, package: 'custom' })
    expect((await run('accounts', 'settings', String(accountId))).out).toContain('reply mode')
  })
})
