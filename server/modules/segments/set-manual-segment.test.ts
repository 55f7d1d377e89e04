import { describe, expect, it } from 'vitest'

import type { Segment } from '#contract/words.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { NOON } from '#server/testing/factories.ts'

import {
  assignSegments,
  findSegments,
  listSegmentHistory,
  recomputeSegments,
  removeManualSegment,
  setManualSegment,
} from './index.ts'
import { usePeople } from './people.suite.ts'

const { world, inside, createHot, createLurker, held } = usePeople()

describe('setManualSegment', () => {
  const pin = (contactId: number) =>
    inside((tx) =>
      setManualSegment(tx, {
        contactId,
        segment: 'LOYAL_CUSTOMER',
        by: 'member:7',
        note: 'buys in the shop',
        now: world.clock.now(),
      }),
    )

  it('holds with confidence 100 and source manual, whatever the rules say, until taken back', async () => {
    const id = await createLurker()
    await pin(id)
    await world.clock.advance(DAY_MS)
    await recomputeSegments(world.deps, world.tenantId)
    const [assignment] = await inside((tx) => findSegments(tx, [id]))
    expect(assignment?.primarySegment).toBe('LOYAL_CUSTOMER')
    expect(assignment?.holdings).toContainEqual({
      segment: 'LOYAL_CUSTOMER',
      source: 'manual',
      confidence: 100,
      since: NOON,
    })
    const history = await inside((tx) => listSegmentHistory(tx, id, NOON))
    expect(history.find((stay) => stay.segment === 'LOYAL_CUSTOMER')?.reasons).toEqual({
      kind: 'manual',
      pinnedBy: 'member:7',
      note: 'buys in the shop',
    })

    const input = { contactId: id, segment: 'LOYAL_CUSTOMER', now: world.clock.now() } as const
    expect(await inside((tx) => removeManualSegment(tx, input))).toBe(true)
    expect(await inside((tx) => removeManualSegment(tx, input))).toBe(false)
    expect(await held(id)).toEqual(['LURKER'])
    expect((await inside((tx) => listSegmentHistory(tx, id, NOON))).map((s) => [s.segment, s.source, s.until])).toEqual(
      [
        ['LURKER', 'rule', null],
        ['LOYAL_CUSTOMER', 'manual', NOON + DAY_MS],
      ],
    )
  })

  it('begins a new stay when a hand takes over from the rule', async () => {
    const id = await createHot()
    await assignSegments(world.deps, world.tenantId, [id])
    await world.clock.advance(HOUR_MS)
    await inside((tx) =>
      setManualSegment(tx, { contactId: id, segment: 'HOT_LEAD', by: 'member:7', now: world.clock.now() }),
    )
    const stays = (await inside((tx) => listSegmentHistory(tx, id, NOON))).filter((s) => s.segment === 'HOT_LEAD')
    expect(stays.map((s) => [s.source, s.since, s.until])).toEqual([
      ['manual', NOON + HOUR_MS, null],
      ['rule', NOON, NOON + HOUR_MS],
    ])
  })

  it('refuses unknown segments, unknown contacts and endless notes', async () => {
    const id = await createHot()
    const input = { contactId: id, segment: 'HOT_LEAD', by: 'member:7', now: NOON } as const
    await expect(inside((tx) => setManualSegment(tx, { ...input, segment: 'RICH' as Segment }))).rejects.toMatchObject({
      code: 'segment_unknown',
    })
    await expect(inside((tx) => setManualSegment(tx, { ...input, contactId: 999_999_999 }))).rejects.toMatchObject({
      kind: 'not_found',
    })
    await expect(inside((tx) => setManualSegment(tx, { ...input, note: 'x'.repeat(501) }))).rejects.toMatchObject({
      code: 'segment_note_too_long',
    })
  })
})
