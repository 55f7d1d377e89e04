import { describe, expect, it } from 'vitest'

import type { MemberRole } from '#contract/words.ts'
import { ManualClock, toDate } from '#server/base/clock.ts'
import { HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { saveReply, upsertInbound } from '#server/modules/conversations/index.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant, ownerAt } from '#server/testing/factories.ts'

const db = createDb((await createTestDatabase()).pool)
const clock = new ManualClock(NOON)
const { addMember } = openTestApi(db, clock)

interface Answer {
  readonly status: number
  readonly code?: string
  readonly detail?: string
  readonly items?: readonly Readonly<Record<string, unknown>>[]
  readonly nextCursor?: string | null
  readonly text?: string
  readonly draft?: Readonly<Record<string, unknown>> | null
  readonly state?: string
  readonly conversation?: Readonly<Record<string, unknown>>
  readonly entries?: readonly Readonly<Record<string, unknown>>[]
  readonly handOverReason?: string | null
  readonly states?: Readonly<Record<string, number>>
}

/** A tenant whose account people write to, and members who are signed in. */
const openInbox = async () => {
  const tenantId = await createTenant(db)
  const accountId = await createAccount(db, tenantId)
  const signIn = (name: string, role: MemberRole) => addMember<Answer>(tenantId, role, { name })
  const write = async (text: string) => {
    const contactId = await createContact(db, tenantId, { accountId })
    await db
      .insertInto('message')
      .values({
        tenant_id: tenantId,
        at: toDate(NOON),
        contact_id: contactId,
        account_id: accountId,
        chat_id: 9,
        direction: 'in',
        text,
      })
      .execute()
    const { id } = await inTenant(db, tenantId, (tx) =>
      upsertInbound(tx, { accountId, contactId, messageId: 5, at: NOON }),
    )
    return { id, contactId }
  }
  const draft = async (of: { readonly id: number; readonly contactId: number }, findings: readonly string[] = []) => {
    const row = await db
      .insertInto('reply_draft')
      .values({
        tenant_id: tenantId,
        turn_id: 1,
        conversation_id: of.id,
        account_id: accountId,
        contact_id: of.contactId,
        text: 'VIP <b>99 TL</b> &amp; kargo',
        language: 'tr',
        confidence_ratio: 0.4,
        intent: 'fiyat',
        findings: JSON.stringify(findings),
        seen_message_id: 5,
        model: 'test',
        prompt_version: 1,
        created_at: toDate(NOON),
        expires_at: toDate(NOON + HOUR_MS),
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    return row.id
  }
  const ayla = await signIn('Ayla', 'agent')
  const burak = await signIn('Burak', 'agent')
  return { tenantId, ayla, burak, write, draft }
}

describe('conversations', () => {
  it('show what was said as plain text, and answer once: who comes second reads what the first said', async () => {
    const { ayla, burak, write } = await openInbox()
    const { id } = await write('Kargom <b>nerede</b>?')
    const before = await burak.call('GET', `conversations/${id}`)
    expect(before.conversation).toMatchObject({ state: 'open', lastText: 'Kargom <b>nerede</b>?', telegramId: null })
    const seenTurn = before.conversation?.['turn']
    expect(await ayla.call('POST', `conversations/${id}/replies`, { text: 'Yolda <3', seenTurn })).toMatchObject({
      status: 200,
    })
    const late = await burak.call('POST', `conversations/${id}/replies`, { text: 'Ben bakayım', seenTurn })
    expect(late).toMatchObject({ status: 409, code: 'conversation_moved', detail: expect.stringContaining('Ayla') })
    const after = await burak.call('GET', `conversations/${id}`)
    expect(after.entries?.[0]).toMatchObject({
      type: 'delivery',
      text: 'Yolda <3',
      author: { kind: 'member', name: 'Ayla' },
    })
    expect(after.entries?.map(({ text }) => text)).toContain('Kargom <b>nerede</b>?')
    const sure = { text: 'Ben de', seenTurn, isSure: true }
    expect(await burak.call('POST', `conversations/${id}/replies`, sure)).toMatchObject({ status: 200 })
  })

  it('are narrowed to what is mine, nobody’s, unread or overdue, page by page', async () => {
    const { ayla, burak, write } = await openInbox()
    const [first, second] = [await write('bir'), await write('iki')]
    const ids = async (query: string, who = ayla) =>
      (await who.call('GET', `conversations?${query}`)).items?.map(({ id }) => id)
    await ayla.call('PUT', `conversations/${first.id}/assignee`, { memberId: ayla.id })
    expect(await ids('assigned=me')).toEqual([first.id])
    expect(await ids('assigned=me', burak)).toEqual([])
    expect(await ids('assigned=nobody')).toEqual([second.id])
    await ayla.call('POST', `conversations/${first.id}/read`, { seenTurn: 1 })
    expect(await ids('only=unread')).toEqual([second.id])
    expect(await ids('only=overdue')).toEqual([])
    await db
      .updateTable('conversation')
      .set({ answer_due_at: toDate(NOON) })
      .where('id', '=', first.id)
      .execute()
    expect(await ids('only=overdue')).toEqual([first.id])
    const page = await ayla.call('GET', 'conversations?limit=1')
    expect(page.items).toHaveLength(1)
    expect(await ids(`limit=1&cursor=${page.nextCursor}`)).toEqual([first.id])
    expect((await ayla.call('GET', 'conversations/counts')).states).toMatchObject({ open: 2, closed: 0 })
  })

  it('are noted, snoozed, closed, reopened, kept for people and given back', async () => {
    const { ayla, write } = await openInbox()
    const { id } = await write('Merhaba')
    const does = (what: string, body?: object) => ayla.call('POST', `conversations/${id}/${what}`, body)
    const shown = () => ayla.call('GET', `conversations/${id}`)
    await does('notes', { text: 'Depoyu aradım' })
    await does('snooze', { until: NOON + 5 * MINUTE_MS, seenTurn: 1 })
    expect((await shown()).conversation).toMatchObject({ state: 'snoozed', snoozedUntil: NOON + 5 * MINUTE_MS })
    expect(await does('snooze', { until: NOON - 1 })).toMatchObject({ status: 400, code: 'snooze_until' })
    await does('close', {})
    expect((await shown()).conversation).toMatchObject({ state: 'closed' })
    await does('reopen')
    await does('hand-over')
    expect(await shown()).toMatchObject({
      conversation: { state: 'open', handedOverAt: NOON },
      handOverReason: 'member',
    })
    await does('give-back')
    const { entries, handOverReason } = await shown()
    expect(handOverReason).toBeNull()
    const events = entries?.filter(({ type }) => type === 'event').map(({ kind }) => kind)
    expect(events).toEqual(['given_back', 'handed_over', 'opened', 'closed', 'snoozed', 'note', 'opened'])
    expect(entries?.[1]).toMatchObject({ author: { kind: 'member', name: 'Ayla' } })
  })

  it('offer saved replies in the words of the contact, and members who may answer', async () => {
    const { tenantId, ayla, burak, write } = await openInbox()
    const { id } = await write('Kargo?')
    await inTenant(db, tenantId, (tx) =>
      saveReply(tx, { name: 'kargo', texts: { tr: 'Merhaba {{first_name|dostum}} & kargo yolda' } }, ownerAt(NOON)),
    )
    const { text } = await ayla.call('GET', `conversations/${id}/saved-replies/kargo`)
    expect(text).toMatch(/^Merhaba .+ & kargo yolda$/)
    expect(await ayla.call('GET', `conversations/${id}/saved-replies/yok`)).toMatchObject({ status: 404 })
    expect((await burak.call('GET', 'conversations/assignees')).items).toEqual([
      { id: ayla.id, name: 'Ayla', isMe: false },
      { id: burak.id, name: 'Burak', isMe: true },
    ])
  })
})

describe('drafts', () => {
  it('wait beside their conversation and in a list, as plain text, with what the checks found', async () => {
    const { ayla, write, draft } = await openInbox()
    const [one, two] = [await write('Ne kadar?'), await write('Fiyat?')]
    const [first, second] = [await draft(one), await draft(two, ['price'])]
    const page = await ayla.call('GET', 'drafts?limit=1')
    expect(page.items).toMatchObject([
      { id: second, text: 'VIP 99 TL & kargo', lastText: 'Fiyat?', isApprovable: false, findings: ['price'] },
    ])
    const next = await ayla.call('GET', `drafts?limit=1&cursor=${page.nextCursor}`)
    expect(next).toMatchObject({ items: [{ id: first, isApprovable: true }], nextCursor: null })
    expect((await ayla.call('GET', `conversations/${one.id}`)).draft).toMatchObject({ id: first, confidenceRatio: 0.4 })
    expect(await ayla.call('GET', `drafts/${first}`)).toMatchObject({ state: 'proposed' })
    expect(await ayla.call('GET', 'drafts?cursor=x')).toMatchObject({ status: 400, code: 'cursor_unreadable' })
  })

  it('are approved, corrected or rejected, each once', async () => {
    const { ayla, burak, write, draft } = await openInbox()
    const [one, two, three] = [await write('1'), await write('2'), await write('3')]
    const [approved, edited, rejected] = [await draft(one), await draft(two, ['price']), await draft(three)]
    const [a, b] = await Promise.all([
      ayla.call('POST', `drafts/${approved}/approve`, {}),
      burak.call('POST', `drafts/${approved}/approve`, {}),
    ])
    expect(new Set([a.status, b.status])).toEqual(new Set([200, 409]))
    expect(await ayla.call('POST', `drafts/${edited}/approve`, {})).toMatchObject({ code: 'draft_promises' })
    expect(await ayla.call('POST', `drafts/${edited}/edit`, { text: 'VIP 250 TL & <kargo>' })).toMatchObject({
      state: 'edited',
      editedText: 'VIP 250 TL & <kargo>',
    })
    expect(await ayla.call('POST', `drafts/${rejected}/reject`)).toMatchObject({ state: 'rejected', deliveryId: null })
    expect((await ayla.call('GET', `conversations/${three.id}`)).draft).toBeNull()
  })
})
