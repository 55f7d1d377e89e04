import { beforeAll, describe, expect, it } from 'vitest'

import { DAY_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type CliOutcome, createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createDelivery, createTenant } from '#server/testing/factories.ts'

import type { Prompter } from '../prompter.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const shop = async () => {
  const tenantId = await createTenant(db)
  const { slug } = await db.selectFrom('tenant').select('slug').where('id', '=', tenantId).executeTakeFirstOrThrow()
  return { tenantId, slug, accountId: await createAccount(db, tenantId) }
}

/** Walks through the menu with these answers, one after the other; after the last the person presses Ctrl-C. */
const walk = (slug: string, answers: readonly (string | number | boolean)[]): Promise<CliOutcome> => {
  const left = [...answers]
  const next = () => Promise.resolve(left.shift() ?? null)
  const prompter: Prompter = {
    confirm: async () => (await next()) as boolean | null,
    text: async () => (await next()) as string | null,
    secret: async () => (await next()) as string | null,
    select: async <T>(_question: string, choices: readonly { readonly value: T }[]) => {
      const answer = (await next()) as T | null
      if (answer !== null) expect(choices.map((choice) => choice.value)).toContain(answer)
      return answer
    },
  }
  const terminal = { isInteractive: true, hasColor: false, isLive: false, columns: 100 }
  return createCliRunner(db, { prompter: () => Promise.resolve(prompter) }, terminal).run(['crm', '--tenant', slug])
}

describe('crm', () => {
  it('shows a person found by name, with segments and reasons', async () => {
    const { tenantId, accountId, slug } = await shop()
    await createContact(db, tenantId, { accountId, firstName: 'Zeynep' })
    const { code, out } = await walk(slug, ['contact', 'Zey', '', 'quit'])
    expect(code).toBe(0)
    expect(out).toContain('Zeynep')
    expect(out).toContain('Engagement')
    expect(out).toContain('interactions >= ')
  })

  it('lets choose among several of one name', async () => {
    const { tenantId, accountId, slug } = await shop()
    await createContact(db, tenantId, { accountId, firstName: 'Ali Bir' })
    const second = await createContact(db, tenantId, { accountId, firstName: 'Ali İki' })
    const { out } = await walk(slug, ['contact', 'Ali', second, '', 'quit'])
    expect(out).toContain('Ali İki')
    expect(out).not.toContain('Ali Bir')
  })

  it('compares segments by what was answered', async () => {
    const { tenantId, accountId, slug } = await shop()
    const contactId = await createContact(db, tenantId, { accountId })
    const id = await createDelivery(db, tenantId, { accountId, contactId, chatId: 1, sentAt: NOON - 1_000 })
    await db
      .updateTable('delivery')
      .set({ segment: 'ENGAGED', responded_at: new Date(NOON) })
      .where('id', '=', id)
      .execute()
    const { out } = await walk(slug, ['performance', 7, 0, 'quit'])
    expect(out).toMatch(/Engaged\s+1\s+1\s+100\.0%/)
  })

  it('shows the queue, stops sending and lets it go on', async () => {
    const { tenantId, accountId, slug } = await shop()
    const contactId = await createContact(db, tenantId, { accountId })
    await createDelivery(db, tenantId, { accountId, contactId, chatId: 1 })
    const stoppedReason = async () =>
      (
        await db
          .selectFrom('tenant')
          .select('sending_stopped_reason as reason')
          .where('id', '=', tenantId)
          .executeTakeFirstOrThrow()
      ).reason
    const { out } = await walk(slug, ['queue', 'planned', 'stop', 'wrong price', 'back', 'quit'])
    expect(out).toContain('planned')
    expect(await stoppedReason()).toBe('wrong price')
    expect((await walk(slug, ['queue', 'resume', 'back', 'quit'])).out).toContain('Sending is stopped: wrong price')
    expect(await stoppedReason()).toBeNull()
  })

  it('pages through the people of a segment', async () => {
    const { tenantId, accountId, slug } = await shop()
    for (let i = 0; i < 25; i += 1) {
      await createContact(db, tenantId, { accountId, firstName: `Person-${i}.`, at: NOON - DAY_MS })
    }
    await createCliRunner(db).json(['segments', 'recompute', '--tenant', slug])
    const onePage = await walk(slug, ['segment', 'NEW_USER', false, 'back', 'quit'])
    expect(onePage.out.match(/Person-/g)).toHaveLength(20)
    const bothPages = await walk(slug, ['segment', 'NEW_USER', true, 'back', 'quit'])
    expect(bothPages.out.match(/Person-/g)).toHaveLength(25)
  })

  it('shows a refusal and goes back to the menu', async () => {
    const { slug } = await shop()
    const { code, out } = await walk(slug, ['contact', '999999999', 'quit'])
    expect(code).toBe(0)
    expect(out).toContain('Not found: contact')
  })

  it('ends with 130 on Ctrl-C and with 64 where there is no terminal', async () => {
    const { slug } = await shop()
    expect((await walk(slug, [])).code).toBe(130)
    const { code, err } = await createCliRunner(db).run(['crm', '--tenant', slug])
    expect(code).toBe(64)
    expect(err).toContain('needs a terminal')
  })
})
