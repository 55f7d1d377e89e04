import { describe, expect, it } from 'vitest'

import { createDb } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { openTicket } from '#server/modules/admin/index.ts'
import { createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON } from '#server/testing/factories.ts'

describe('tickets', () => {
  it('lists, shows, answers and closes, after a question, and says what is wrong', async () => {
    const db = createDb((await createTestDatabase()).pool)
    const { run, json } = createCliRunner(db)
    expect((await run(['tickets', 'list'])).out).toContain('No tickets')
    const input = { telegramId: 9, tenantId: null, kind: 'sales', text: 'Kurumsal', reference: 'test:1' } as const
    const { id } = await asOperator(db, 'test', (tx) => openTicket(tx, input, NOON))
    const ticket = String(id)
    expect(await json(['tickets', 'list', '--state', 'open'])).toMatchObject({
      total: 1,
      tickets: [{ id, kind: 'sales' }],
    })
    expect(await json(['tickets', 'list', '--overdue'])).toMatchObject({ total: 0 })
    expect((await run(['tickets', 'show', ticket])).out).toContain('Kurumsal')
    expect(await json(['tickets', 'answer', ticket, '--text', 'Merhaba'])).toMatchObject({ state: 'answered' })
    expect((await run(['tickets', 'close', ticket])).code).toBe(64)
    expect(await json(['tickets', 'close', ticket, '--yes'])).toMatchObject({ state: 'closed' })
    const { code, err } = await run(['tickets', 'answer', ticket, '--text', 'Geç'])
    expect(code).toBe(1)
    expect(err).toContain('closed')
  })
})
