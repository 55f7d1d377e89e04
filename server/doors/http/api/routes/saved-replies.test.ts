import { describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { createDb } from '#server/db/pool.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'

const db = createDb((await createTestDatabase()).pool)
const { addMember } = openTestApi(db, new ManualClock(NOON))

interface Answer {
  readonly id?: number
  readonly version?: string
  readonly items?: readonly { readonly name: string; readonly texts: object }[]
  readonly [more: string]: unknown
}

const tenantId = await createTenant(db)
const agent = await addMember<Answer>(tenantId, 'agent', { name: 'Ayla' })
const ask = agent.call
const KARGO = { name: 'kargo', texts: { tr: 'Merhaba {{first_name|dostum}}, yolda.', ar: 'في الطريق' } }

describe('savedReplies', () => {
  it('are made, listed with their languages, rewritten under another name, and removed, all of it audited', async () => {
    const made = await ask('POST', 'saved-replies', KARGO)
    expect(made).toMatchObject({ status: 200, ...KARGO })
    const saat = { name: 'çalışma-saatleri', texts: { tr: '9–18' } }
    await ask('POST', 'saved-replies', saat)
    expect((await ask('GET', 'saved-replies')).items).toMatchObject([KARGO, saat])
    const change = { name: 'kargo-durumu', texts: { tr: 'Yolda.' }, expectedVersion: made.version }
    const changed = await ask('PUT', 'saved-replies/kargo', change)
    expect(changed).toMatchObject({ status: 200, id: made.id, name: 'kargo-durumu', texts: { tr: 'Yolda.' } })
    expect(changed['texts']).not.toHaveProperty('ar')
    const path = `saved-replies/${encodeURIComponent(saat.name)}`
    expect(await ask('DELETE', path)).toMatchObject({ status: 200 })
    expect(await ask('DELETE', path)).toMatchObject({ status: 404 })
    expect((await ask('GET', 'saved-replies')).items?.map(({ name }) => name)).toEqual(['kargo-durumu'])
    const audit = await db
      .selectFrom('audit_log')
      .select(['action', 'actor'])
      .where('tenant_id', '=', tenantId)
      .where('target', 'like', 'saved_reply:%')
      .orderBy('id')
      .execute()
    expect(audit.map(({ action }) => action)).toEqual([
      'saved_reply.saved',
      'saved_reply.saved',
      'saved_reply.saved',
      'saved_reply.removed',
    ])
    expect(new Set(audit.map(({ actor }) => actor))).toEqual(new Set([`member:${agent.id}`]))
  })

  it('say which field is wrong, and take nothing from whoever saw an older text', async () => {
    for (const [over, field, code] of [
      [{ name: 'İki Kelime' }, 'name', 'saved_reply_name'],
      [{ texts: {} }, 'texts', 'saved_reply_texts'],
      [{ texts: { tr: 'Selam {{adi}}' } }, 'texts.tr', 'saved_reply_variable'],
      [{ texts: { xx: 'x' } }, 'texts', 'saved_reply_texts'],
    ] as const)
      expect(await ask('POST', 'saved-replies', { ...KARGO, name: 'yeni', ...over })).toMatchObject({
        status: 400,
        field,
        code,
      })
    const first = await ask('POST', 'saved-replies', { name: 'iade', texts: { tr: 'bir' } })
    expect(await ask('POST', 'saved-replies', { name: 'iade', texts: { tr: 'iki' } })).toMatchObject({
      status: 409,
      code: 'saved_reply_name_taken',
      field: 'name',
    })
    const rewrite = (text: string, name = 'iade') =>
      ask('PUT', 'saved-replies/iade', { name, texts: { tr: text }, expectedVersion: first.version })
    await ask('POST', 'saved-replies', { name: 'dolu', texts: { tr: 'x' } })
    expect(await rewrite('iki', 'dolu')).toMatchObject({ status: 409, code: 'saved_reply_name_taken' })
    expect(await rewrite('iki')).toMatchObject({ status: 200 })
    expect(await rewrite('üç')).toMatchObject({ status: 409, code: 'saved_reply_moved_on' })
    expect((await ask('GET', 'saved-replies')).items).toContainEqual(
      expect.objectContaining({ name: 'iade', texts: { tr: 'iki' } }),
    )
  })

  it('are those of one tenant, for those who answer', async () => {
    const other = await addMember<Answer>(await createTenant(db), 'owner')
    await other.call('POST', 'saved-replies', { name: 'gizli', texts: { tr: 'x' } })
    expect((await ask('GET', 'saved-replies')).items?.map(({ name }) => name)).not.toContain('gizli')
    expect(await ask('DELETE', 'saved-replies/gizli')).toMatchObject({ status: 404 })
    const analyst = await addMember<Answer>(tenantId, 'analyst')
    expect(await analyst.call('GET', 'saved-replies')).toMatchObject({ status: 403 })
    expect(await analyst.call('POST', 'saved-replies', KARGO)).toMatchObject({ status: 403 })
  })
})
