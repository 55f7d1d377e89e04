import { describe, expect, it } from 'vitest'

import { AppError } from '#server/base/errors.ts'

import { checkFunnel } from './check-funnel.rules.ts'
import { standardFunnel } from './funnel.rules.ts'

const offered = { name: 'offered', kind: 'offered', transitions: [{ on: 'silence', hours: 24, to: 'lost' }] }
const lost = { name: 'lost', kind: 'lost', transitions: [] }
const begin = (...transitions: readonly object[]) => ({ name: 'begin', kind: 'none', transitions })
const intent = { on: 'intent', to: 'offered', does: 'offer' }
const funnel = (...stages: readonly object[]) => ({ start: 'begin', stages })
const said = (text: string) => funnel(begin({ ...intent, text: { tr: text } }), offered, lost)

const codeOf = (given: unknown): string => {
  try {
    checkFunnel(given)
    return 'kept'
  } catch (error) {
    if (error instanceof AppError) return `${error.code} ${error.params['field'] ?? ''}`
    throw error
  }
}

describe('checkFunnel', () => {
  it('keeps the standard funnel, and one with a text that names price and product', () => {
    expect(checkFunnel(standardFunnel)).toEqual(standardFunnel)
    expect(codeOf(said('{{name}}, {{product}} bugün {{price}}. 24 saat içinde yanıtlarız.'))).toBe('kept')
  })

  it.each([
    ['no stages', { start: 'begin', stages: [] }, 'funnel_shape stages'],
    [
      'a word it does not know',
      funnel(begin({ ...intent, on: 'dream' }), offered, lost),
      'funnel_shape stages.0.transitions.0.on',
    ],
    [
      'a start that is not there',
      { ...funnel(begin(intent), offered, lost), start: 'x' },
      'funnel_stage_unknown start',
    ],
    [
      'a way to nowhere',
      funnel(begin({ ...intent, to: 'moon' }), offered, lost),
      'funnel_stage_unknown stages.0.transitions.0.to',
    ],
    ['a stage twice', funnel(begin(intent), offered, offered, lost), 'funnel_stage_twice stages.2.name'],
    [
      'a stage nobody reaches',
      funnel(begin(intent), offered, lost, { ...lost, name: 'island' }),
      'funnel_unreachable stages',
    ],
    [
      'no end',
      funnel(begin(intent), { ...offered, transitions: [{ on: 'words', to: 'begin' }] }),
      'funnel_no_end stages',
    ],
    [
      'a circle without a wait',
      funnel(
        begin({ on: 'always', to: 'offered' }),
        {
          ...offered,
          transitions: [...offered.transitions, { on: 'always', to: 'begin' }],
        },
        lost,
      ),
      'funnel_circle stages',
    ],
    [
      'a stage that hurries to itself',
      funnel(begin(intent, { on: 'always', to: 'begin' }), offered, lost),
      'funnel_circle stages',
    ],
    [
      'silence without hours',
      funnel(begin(intent, { on: 'silence', to: 'lost' }), offered, lost),
      'funnel_hours stages.0.transitions.1.hours',
    ],
    [
      'an offer out of silence',
      funnel(begin(intent, { on: 'silence', hours: 2, to: 'offered', does: 'offer' }), offered, lost),
      'funnel_speaks_unasked stages.0.transitions.1.does',
    ],
    [
      'a reminder without silence',
      funnel(begin({ ...intent, does: 'remind' }), offered, lost),
      'funnel_speaks_unasked stages.0.transitions.0.does',
    ],
    [
      'nothing to say',
      funnel(begin({ ...intent, does: 'say' }), offered, lost),
      'funnel_say_text stages.0.transitions.0.text',
    ],
    [
      'paid without a payment',
      funnel(
        begin(intent),
        { ...offered, transitions: [{ on: 'words', to: 'paid' }, ...offered.transitions] },
        { name: 'paid', kind: 'paid', transitions: [{ on: 'refunded', to: 'lost' }] },
        lost,
      ),
      'funnel_kind_entry stages.1.transitions.0.on',
    ],
    ['a price of its own', said('Sadece 99 TL!'), 'funnel_text_price stages.0.transitions.0.text.tr'],
    ['a price with its sign first', said('Bugün $9.99'), 'funnel_text_price stages.0.transitions.0.text.tr'],
    ['a discount', said('Size özel %20 indirim'), 'funnel_text_price stages.0.transitions.0.text.tr'],
    ['a price in Stars', said('yalnız 50 yıldız'), 'funnel_text_price stages.0.transitions.0.text.tr'],
    ['an unknown variable', said('{{discount}}'), 'funnel_text_variable stages.0.transitions.0.text.tr'],
    [
      'a claim to be a person',
      said('Ben bir robot değilim, gerçek bir insanım'),
      'funnel_text_use stages.0.transitions.0.text.tr',
    ],
  ])('refuses %s', (_, given, code) => {
    expect(codeOf(given)).toBe(code)
  })
})
