import { describe, expect, it } from 'vitest'

import { NOON } from '#server/testing/factories.ts'

import { explainSegments, findSegments, setManualSegment } from './index.ts'
import { usePeople } from './people.suite.ts'

const { inside, createHot } = usePeople()

describe('explainSegments', () => {
  it('shows for all twelve rules what was read, and agrees with what is stored', async () => {
    const id = await createHot()
    await inside((tx) => setManualSegment(tx, { contactId: id, segment: 'LURKER', by: 'member:7', now: NOON }))
    const explanation = await inside((tx) => explainSegments(tx, id, NOON))
    expect(explanation.segments).toHaveLength(12)
    const [assignment] = await inside((tx) => findSegments(tx, [id]))
    const explained = explanation.segments.flatMap(({ segment, source, heldConfidence }) =>
      source === null ? [] : [{ segment, source, confidence: heldConfidence, since: NOON }],
    )
    expect(explained).toEqual(assignment?.holdings)
    expect(explanation.primary).toMatchObject({ segment: 'HOT_LEAD', confidenceMin: 60 })
    expect(explanation.primary.considered.map((c) => [c.segment, c.priority])).toEqual([
      ['HOT_LEAD', 10],
      ['ENGAGED', 8],
      ['LURKER', 3],
    ])
    const cold = explanation.segments.find((s) => s.segment === 'COLD_LEAD')
    expect(cold?.conditions.map((c) => c.passed)).toEqual([false, false, false, true])
    expect(explanation.inputs.interactions).toBe(14)
  })

  it('says that a contact is unknown', async () => {
    await expect(inside((tx) => explainSegments(tx, 999_999_999, NOON))).rejects.toMatchObject({ kind: 'not_found' })
  })
})
