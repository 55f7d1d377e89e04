import { describe, expect, it } from 'vitest'

import { createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { toDate } from '#server/base/clock.ts'
import { upsertInbound } from '#server/modules/conversations/index.ts'
import { createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

/** A tenant of its own whose account a contact wrote to, an agent, and a command line. */
const createWorld = async () => {
  const db = createDb((await createTestDatabase()).pool)
  const tenantId = await createTenant(db)
  const accountId = await createAccount(db, tenantId)
  const contactId = await createContact(db, tenantId, { accountId })
  const { id: memberId } = await db
    .insertInto('member')
    .values({
      tenant_id: tenantId,
      telegram_id: 5,
      role: 'agent',
      name: 'Ayla',
      invited_by: 'test',
      joined_at: toDate(NOON),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const within = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
  const { id } = await within((tx) => upsertInbound(tx, { accountId, contactId, messageId: 1, at: NOON }))
  await db
    .insertInto('message')
    .values({
      tenant_id: tenantId,
      at: toDate(NOON),
      contact_id: contactId,
      account_id: accountId,
      chat_id: 9,
      direction: 'in',
      text: 'Kargom nerede?\nAcil',
    })
    .execute()
  const cli = createCliRunner(db)
  const say = async (...args: string[]) => {
    const { code, out, err } = await cli.run(args)
    expect(err).toBe('')
    expect(code).toBe(0)
    return out
  }
  const refuse = async (...args: string[]) => {
    const { code, err } = await cli.run(args)
    expect(code).not.toBe(0)
    return err
  }
  return {
    db,
    cli,
    say,
    refuse,
    id: String(id),
    contactId: String(contactId),
    accountId: String(accountId),
    memberId: String(memberId),
  }
}

describe('inbox', () => {
  it('shows a dialogue of both sides with who wrote, and who answered first to the second', async () => {
    const { say, refuse, cli, id, memberId } = await createWorld()
    expect(await say('inbox', 'list', '--state', 'open')).toContain('→ Kargom nerede? Acil')
    expect(await say('inbox', 'reply', id, '--text', 'Yolda & geliyor', '--member', memberId)).toContain('queued')
    const late = await refuse('inbox', 'reply', id, '--text', 'Ben de bakayım')
    expect(late).toContain('Ayla')
    expect(late).toContain('--sure')
    await say('inbox', 'note', id, '--text', 'Depoyu aradım', '--member', memberId)
    const shown = await say('inbox', 'show', id)
    expect(shown.indexOf('Kargom nerede?')).toBeLessThan(shown.indexOf('Yolda & geliyor'))
    expect(shown).toMatch(/← {2}.+ · Ayla · delivery \d+ \[planned\]/)
    expect(shown).toContain('Depoyu aradım')
    expect(await cli.json(['inbox', 'counts'])).toMatchObject({ states: { waiting: 1, open: 0 }, unread: 0 })
  })

  it('gives, snoozes, closes and reopens, as a member or as whoever has the shell', async () => {
    const { say, refuse, cli, id, memberId } = await createWorld()
    await say('inbox', 'assign', id, 'me', '--member', memberId)
    expect(await cli.json(['inbox', 'list', '--assigned', 'me', '--member', memberId])).toMatchObject({
      conversations: [{ assigneeName: 'Ayla', unreadCount: 1, telegramId: null }],
    })
    expect(await refuse('inbox', 'assign', id, 'me')).toContain('member')
    await say('inbox', 'show', id, '--read')
    expect(await cli.json(['inbox', 'list', '--unread'])).toMatchObject({ conversations: [] })
    expect(await say('inbox', 'snooze', id, '2h')).toContain('2:00 PM')
    expect(await refuse('inbox', 'snooze', id, 'yarın')).toContain('2h, 3d')
    expect(await say('inbox', 'close', id)).toContain('closed')
    expect(await say('inbox', 'close', id)).toContain('already')
    expect(await say('inbox', 'reopen', id)).toContain('open again')
    await say('inbox', 'give-back', id)
    expect(await refuse('inbox', 'show', '999999')).toContain('conversation')
  })

  it('keeps saved replies and settings, and reports ratings', async () => {
    const { say, refuse, cli, id, accountId } = await createWorld()
    expect(await say('inbox', 'saved')).toContain('gavatcore inbox saved')
    await say('inbox', 'saved', 'kargo', '--text-tr', 'Merhaba {{first_name|dostum}}, yolda')
    await say('inbox', 'reply', id, '--saved', 'kargo')
    expect(await say('inbox', 'show', id)).toMatch(/Merhaba .+, yolda/)
    await say('inbox', 'saved', 'kargo', '--remove')
    expect(await say('inbox', 'settings', '--answer-within', '15', '--close-after', 'never')).toMatch(
      /15 minutes[^]+never/,
    )
    expect(
      await cli.json(['inbox', 'settings', '--account', accountId, '--rating', 'emoji', '--ai-pause', '45']),
    ).toEqual({
      answerWithinMinutes: 15,
      closeAfterDays: null,
      account: { accountId: Number(accountId), aiPauseMinutes: 45, rating: 'emoji' },
    })
    expect(await refuse('inbox', 'settings', '--rating', 'emoji')).toContain('--account')
    expect(await say('inbox', 'ratings')).toContain('Nobody was asked yet')
  })
})

describe('contacts', () => {
  it('keeps notes and tasks of a contact and moves them along a pipeline', async () => {
    const { say, cli, contactId, memberId } = await createWorld()
    expect(await say('contacts', 'note', contactId)).toContain('--text')
    expect(await say('contacts', 'note', contactId, '--text', 'VIP')).toContain('VIP')
    await say('contacts', 'task', contactId, '--title', 'Ara', '--due', '1d', '--assigned', memberId)
    const [task] = (await cli.json(['contacts', 'tasks', '--assigned', memberId])) as { id: number; dueAt: number }[]
    expect(task).toMatchObject({ title: 'Ara', dueAt: NOON + 86_400_000 })
    await say('contacts', 'task-change', String(task?.id), '--done')
    expect(await say('contacts', 'tasks')).toContain('No tasks')
    await say('pipelines', 'create', 'Satış', 'Yeni', 'Teklif', 'Kazanıldı')
    await say('contacts', 'stage', contactId, 'Yeni')
    expect(await say('contacts', 'stage', contactId, 'Teklif', '--pipeline', 'Satış')).toMatch(/Teklif[^]+Yeni/)
    expect(await say('pipelines', 'board')).toMatch(/Yeni +0[^]+Teklif +1/)
    await say('pipelines', 'rename-stage', 'Satış', 'Teklif', 'Fiyat')
    await say('pipelines', 'stages', 'Satış', 'Yeni', 'Fiyat', 'Kayıp')
    await say('contacts', 'stage', contactId, '-')
    expect(await cli.json(['pipelines', 'list'])).toMatchObject([{ name: 'Satış' }])
    await say('pipelines', 'remove', 'Satış', '--yes')
    expect(await say('pipelines', 'list')).toContain('gavatcore pipelines create')
  })
})
