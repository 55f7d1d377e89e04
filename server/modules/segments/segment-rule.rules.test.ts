import { describe, expect, it } from 'vitest'

import { DEFAULT_SEGMENT_RULES } from './default-segment.rules.ts'
import { parseSegmentRule } from './segment-rule.rules.ts'

const good = { feature: 'engagement', op: '>=', value: 70 }
const parse = (conditions: unknown, more: { baseConfidence?: unknown; enabled?: unknown } = {}) =>
  parseSegmentRule('HOT_LEAD', { conditions, baseConfidence: 90, ...more }, DEFAULT_SEGMENT_RULES)

describe('parseSegmentRule', () => {
  it('accepts every default rule as it is', () => {
    for (const rule of Object.values(DEFAULT_SEGMENT_RULES)) {
      const { conditions, baseConfidence, enabled } = parseSegmentRule(rule.segment, rule, DEFAULT_SEGMENT_RULES)
      expect({ conditions, baseConfidence, enabled }).toEqual({
        conditions: rule.conditions,
        baseConfidence: rule.baseConfidence,
        enabled: true,
      })
    }
  })

  it('keeps four decimals of a threshold', () => {
    expect(parse([{ feature: 'daysSinceSeen', op: '<', value: 1.234_567 }]).conditions).toEqual([
      { feature: 'daysSinceSeen', op: '<', value: 1.2346 },
    ])
  })

  const refused: readonly (readonly [string, unknown, string, string])[] = [
    ['no conditions', [], 'segment_rule_conditions', 'conditions'],
    ['conditions that are no list', 'engagement >= 70', 'segment_rule_conditions', 'conditions'],
    ['too many conditions', Array.from({ length: 13 }, () => good), 'segment_rule_conditions', 'conditions'],
    ['a condition that is no object', [good, 7], 'segment_rule_condition', 'conditions[1]'],
    ['an unknown feature', [good, { ...good, feature: 'charm' }], 'segment_rule_feature', 'conditions[1].feature'],
    ['a feature of the prototype', [{ ...good, feature: 'toString' }], 'segment_rule_feature', 'conditions[0].feature'],
    ['an unknown operator', [{ ...good, op: '~' }], 'segment_rule_operator', 'conditions[0].op'],
    ['equality of a score', [{ ...good, op: '=' }], 'segment_rule_operator', 'conditions[0].op'],
    [
      'an order of a flag',
      [{ feature: 'isPremium', op: '>=', value: true }],
      'segment_rule_operator',
      'conditions[0].op',
    ],
    [
      'a flag that is a number',
      [{ feature: 'isPremium', op: '=', value: 1 }],
      'segment_rule_flag',
      'conditions[0].value',
    ],
    ['a score above 100', [{ ...good, value: 101 }], 'segment_rule_threshold', 'conditions[0].value'],
    ['a negative count', [{ ...good, value: -1 }], 'segment_rule_threshold', 'conditions[0].value'],
    ['a threshold that is text', [{ ...good, value: '70' }], 'segment_rule_threshold', 'conditions[0].value'],
    [
      'a threshold that is no number',
      [{ ...good, value: Number.NaN }],
      'segment_rule_threshold',
      'conditions[0].value',
    ],
    [
      'ten years and a day',
      [{ feature: 'daysKnown', op: '>', value: 3_651 }],
      'segment_rule_threshold',
      'conditions[0].value',
    ],
    [
      'more chats than are kept',
      [{ feature: 'chatsActive30d', op: '>=', value: 9 }],
      'segment_rule_threshold',
      'conditions[0].value',
    ],
    [
      'half an order',
      [{ feature: 'orders', op: '>=', value: 1.5 }],
      'segment_rule_threshold_whole',
      'conditions[0].value',
    ],
    ['an unknown segment', [good, { without: 'RICH' }], 'segment_rule_segment', 'conditions[1].without'],
    ['nothing but exclusions', [{ without: 'ENGAGED' }], 'segment_rule_only_exclusions', 'conditions'],
    [
      'two bounds that exclude each other',
      [good, { ...good, op: '<=', value: 30 }],
      'segment_rule_contradiction',
      'conditions[1]',
    ],
    ['a bound at the very end', [{ ...good, op: '>', value: 100 }], 'segment_rule_contradiction', 'conditions[0]'],
    ['an exclusion of itself', [good, { without: 'HOT_LEAD' }], 'segment_rule_cycle', 'conditions[1].without'],
    ['an exclusion that comes back', [good, { without: 'WARM_LEAD' }], 'segment_rule_cycle', 'conditions[1].without'],
  ]
  it.each(refused)('refuses %s and names the field', (_, conditions, code, field) => {
    expect(() => parse(conditions)).toThrow(
      expect.objectContaining({ kind: 'invalid', code, params: expect.objectContaining({ field }) }),
    )
  })

  it.each([0, 101, 50.5, '90', null])('refuses the base confidence %j', (baseConfidence) => {
    expect(() => parse([good], { baseConfidence })).toThrow(
      expect.objectContaining({
        code: 'segment_rule_confidence',
        params: expect.objectContaining({ field: 'baseConfidence' }),
      }),
    )
  })

  it('refuses an "enabled" that is neither true nor false', () => {
    expect(() => parse([good], { enabled: 'yes' })).toThrow(expect.objectContaining({ code: 'segment_rule_enabled' }))
  })
})
