import { describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { createDb } from '#server/db/pool.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'

const db = createDb((await createTestDatabase()).pool)
const clock = new ManualClock(NOON)
const { addMember, signIn, callAs } = openTestApi(db, clock)

interface Answer {
  readonly status: number
  readonly widgets: readonly { readonly name: string; readonly isShown: boolean; readonly width: string }[]
  readonly version: number
  readonly hasReplaced?: boolean
  readonly field?: string
}

const URL = 'layouts/overview'
const ORDER = ['figures', 'warnings', 'next', 'today', 'trend', 'campaigns']
const namesOf = ({ widgets }: Answer) => widgets.map(({ name }) => name)
const NEXT_FIRST = { name: 'next', isShown: true, width: 'full' }
const NO_TREND = { name: 'trend', isShown: false, width: 'full' }

describe('layouts', () => {
  it('are the product’s own until somebody arranges theirs, which then holds on each of their devices', async () => {
    const tenantId = await createTenant(db)
    const { call, telegramId } = await addMember<Answer>(tenantId, 'owner')
    expect(await call('GET', URL)).toMatchObject({ status: 200, version: 0, updatedAt: null })
    expect(namesOf(await call('GET', URL))).toEqual(ORDER)
    const saved = await call('PUT', URL, { widgets: [NEXT_FIRST, NO_TREND], basedOn: 0 })
    expect(saved).toMatchObject({ status: 200, version: 1, updatedAt: NOON, hasReplaced: false })
    const elsewhere = await callAs<Answer>(await signIn(telegramId))('GET', URL)
    // What was left out is still there, after what was arranged.
    expect(namesOf(elsewhere)).toEqual(['next', 'trend', 'figures', 'warnings', 'today', 'campaigns'])
    expect(elsewhere.widgets.slice(0, 2)).toEqual([NEXT_FIRST, NO_TREND])
    expect(namesOf(await call('DELETE', URL))).toEqual(ORDER)
    expect(namesOf(await call('GET', URL))).toEqual(ORDER)
  })

  it('are each person’s own, within each tenant', async () => {
    const [tenantId, other] = [await createTenant(db), await createTenant(db)]
    const mine = await addMember<Answer>(tenantId, 'owner')
    const colleague = await addMember<Answer>(tenantId, 'agent')
    const stranger = await addMember<Answer>(other, 'owner')
    await mine.call('PUT', URL, { widgets: [NEXT_FIRST], basedOn: 0 })
    for (const { call } of [colleague, stranger]) expect(namesOf(await call('GET', URL))).toEqual(ORDER)
  })

  it('let the last one win and tell who replaced what they had not seen; a second press says nothing', async () => {
    const { call } = await addMember<Answer>(await createTenant(db), 'analyst')
    await call('PUT', URL, { widgets: [NEXT_FIRST], basedOn: 0 })
    const again = await call('PUT', URL, { widgets: [NEXT_FIRST], basedOn: 0 })
    expect(again).toMatchObject({ version: 1, hasReplaced: false })
    const stale = await call('PUT', URL, { widgets: [NO_TREND], basedOn: 0 })
    expect(stale).toMatchObject({ version: 2, hasReplaced: true })
    expect(namesOf(await call('GET', URL))[0]).toBe('trend')
    await call('DELETE', URL)
    expect(await call('PUT', URL, { widgets: [NEXT_FIRST], basedOn: 2 })).toMatchObject({ hasReplaced: true })
    expect(await call('PUT', URL, { widgets: [NO_TREND], basedOn: 4 })).toMatchObject({ hasReplaced: false })
  })

  it('refuse what is no widget, no width and no screen, and those who see no figures', async () => {
    const tenantId = await createTenant(db)
    const { call } = await addMember<Answer>(tenantId, 'owner')
    const put = (widget: object) => call('PUT', URL, { widgets: [widget], basedOn: 0 })
    expect(await put({ ...NEXT_FIRST, name: 'weather' })).toMatchObject({ status: 400, field: 'widgets[0].name' })
    expect(await put({ ...NEXT_FIRST, width: 'third' })).toMatchObject({ status: 400, field: 'widgets[0].width' })
    expect(await call('GET', 'layouts/contacts')).toMatchObject({ status: 400, field: 'screen' })
    const billing = await addMember<Answer>(tenantId, 'billing')
    expect(await billing.call('GET', URL)).toMatchObject({ status: 403 })
  })
})
