import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { beforeAll, describe, expect, it } from 'vitest'

import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { approveTemplate, createTemplate } from '#server/modules/templates/index.ts'
import { type CliRunner, createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

let db: Db
let cli: CliRunner
let tenantId: number

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
  cli = createCliRunner(db)
  tenantId = await createTenant(db)
})

const fileOf = async (conditions: unknown): Promise<string> => {
  const file = path.join(tmpdir(), `own-segment-${process.pid}-${tenantId}.json`)
  await writeFile(file, JSON.stringify({ conditions }))
  return file
}

describe('gavatcore segments own', () => {
  it('says how to make one, makes it, counts it, is an audience, and stays while a campaign needs it', async () => {
    const accountId = await createAccount(db, tenantId)
    await createContact(db, tenantId, { accountId, tags: ['kış'], firstName: 'Ayşe' })
    await createContact(db, tenantId, { accountId })
    expect((await cli.run(['segments', 'own', 'list'])).out).toContain('segments own create')
    const wrong = await cli.run(['segments', 'own', 'create', 'Kış', await fileOf([{ consent: 'spam' }])])
    expect(wrong.code).toBe(64)
    expect(wrong.err).toContain('conditions[0].consent')
    const made = await cli.run(['segments', 'own', 'create', 'Kış', await fileOf([{ tag: 'kış' }])])
    expect(made.out).toContain('tag = kış')
    const seen = (await cli.json(['segments', 'own', 'preview', 'Kış'])) as { count: number; sample: object[] }
    expect(seen).toMatchObject({ count: 1, sample: [{ firstName: 'Ayşe' }] })
    expect((await cli.run(['segments', 'own', 'preview', 'Kış'])).out).toContain('Ayşe')
    await inTenant(db, tenantId, async (tx) => {
      const variants = [{ name: 'a', locale: 'tr', text: '#reklam {{sender}} {{opt_out}}' }] as const
      const { id } = await createTemplate(tx, { name: 'yaz', messageClass: 'commercial', variants }, NOON)
      await approveTemplate(tx, id, NOON)
    })
    const draft = ['campaigns', 'create', 'Yaz', '--template', 'yaz', '--own', 'Kış']
    expect((await cli.run(draft)).out).toMatch(/own \d+/)
    const kept = await cli.run(['segments', 'own', 'remove', 'Kış', '--yes'])
    expect(kept.code).not.toBe(0)
    expect(kept.err).toContain('"Yaz"')
    await db.updateTable('campaign').set({ state: 'cancelled' }).where('tenant_id', '=', tenantId).execute()
    expect((await cli.run(['segments', 'own', 'remove', 'Kış', '--yes'])).code).toBe(0)
    expect(await cli.json(['segments', 'own', 'list'])).toEqual({ segments: [] })
  })
})
