import { describe, expect, it } from 'vitest'

import { DAY_MS } from '#server/base/duration.ts'
import { NOON, createContact } from '#server/testing/factories.ts'

import { assignSegments, listSegmentContacts, listSegmentCounts, recomputeSegments } from './index.ts'
import { usePeople } from './people.suite.ts'

const { world, inside, setFeatures, createHot, createLurker } = usePeople()

describe('listSegmentCounts', () => {
  it('counts holders and primaries, and who has neither', async () => {
    await createHot()
    await createLurker()
    await createLurker()
    await createContact(world.db, world.tenantId, { at: NOON - 8 * DAY_MS })
    await recomputeSegments(world.deps, world.tenantId)
    const counts = await inside((tx) => listSegmentCounts(tx))
    expect(counts).toMatchObject({ contacts: 4, withoutSegment: 1, withoutPrimary: 1 })
    expect(counts.segments.LURKER).toEqual({ held: 2, primary: 2 })
    expect(counts.segments.ENGAGED).toEqual({ held: 1, primary: 0 })
    expect(counts.segments.COLD_LEAD).toEqual({ held: 0, primary: 0 })
  })
})

describe('listSegmentContacts', () => {
  it('turns pages over every holder exactly once, whatever else they hold', async () => {
    const hot: number[] = []
    const engagedOnly: number[] = []
    for (let n = 0; n < 5; n++) hot.push(await createHot())
    for (let n = 0; n < 4; n++) {
      const id = await createHot()
      await setFeatures(id, { price_intent_at: [], click_count: 0, response_count: 0 })
      engagedOnly.push(id)
    }
    await createLurker()
    await recomputeSegments(world.deps, world.tenantId)
    const pages = async (query: object): Promise<number[]> => {
      const seen: number[] = []
      let after: number | null = null
      do {
        const page = await inside((tx) => listSegmentContacts(tx, { segment: 'ENGAGED', limit: 2, after, ...query }))
        seen.push(...page.contacts.map((c) => c.contactId))
        after = page.next
      } while (after !== null)
      return seen
    }
    expect(await pages({})).toEqual([...hot, ...engagedOnly].sort((a, b) => a - b))
    expect(await pages({ primaryOnly: true })).toEqual(engagedOnly)
    expect(await pages({ segment: 'COLD_LEAD' })).toEqual([])
  })

  it('shows confidence, source and beginning', async () => {
    const id = await createLurker()
    await assignSegments(world.deps, world.tenantId, [id])
    const page = await inside((tx) => listSegmentContacts(tx, { segment: 'LURKER' }))
    expect(page).toEqual({
      contacts: [
        { contactId: id, primarySegment: 'LURKER', confidence: expect.any(Number), source: 'rule', since: NOON },
      ],
      next: null,
    })
  })

  it('refuses pages nobody needs', async () => {
    for (const limit of [0, 1_001, 1.5]) {
      await expect(inside((tx) => listSegmentContacts(tx, { segment: 'LURKER', limit }))).rejects.toMatchObject({
        code: 'page_limit',
      })
    }
  })
})
