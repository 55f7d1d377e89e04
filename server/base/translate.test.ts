import { describe, expect, it } from 'vitest'

import { createTranslator } from './translate.ts'

describe('createTranslator', () => {
  it('reads its own catalogue by bare keys and others by name', () => {
    const t = createTranslator('tr', 'cli')
    expect(t('column.segment')).toBe('Segment')
    expect(t('words:segment.NIGHT_OWL')).toBe('Gece kuşu')
  })

  it('chooses the plural form of its language', () => {
    const t = createTranslator('ru', 'cli')
    expect([1, 3, 5].map((count) => t('templates.length', { count }))).toEqual(['1 символ', '3 символа', '5 символов'])
  })

  it('puts values in as they are, even those that look like placeholders or markup', () => {
    const t = createTranslator('en', 'lint')
    expect(t('opt_out_missing', { fix: '{{opt_out}}' })).toContain('{{opt_out}}')
    expect(t('html_invalid', { message: '<b>' })).toContain('<b>')
  })

  it('leaves out a value that was not given', () => {
    expect(createTranslator('en', 'errors')('template_name_taken', {})).toBe('There is a template named "" already.')
  })

  it('gives back a key without text', () => {
    expect(createTranslator('en', 'cli')('nothing.here')).toBe('nothing.here')
  })
})
