import { describe, expect, it } from 'vitest'

import { nameField } from '#web/lib/name-field.ts'

describe('nameField', () => {
  it('calls a field by its name where it is meant, and nowhere else', () => {
    const said = (detail: string, field: string) => nameField(detail, field, 'Fiyat').replaceAll(/[\u2068\u2069]/g, '')
    expect(said('facts.catalogue[0].priceMinor: 0 ile', 'facts.catalogue[0].priceMinor')).toBe('Fiyat: 0 ile')
    expect(said('model eksik: modeliniz için model adı', 'model')).toBe('Fiyat eksik: modeliniz için model adı')
    expect(said('kendi modeliniz eksik', 'model')).toBe('kendi modeliniz eksik')
    expect(said('doNots[10] uzun', 'doNots[1]')).toBe('doNots[10] uzun')
    expect(said('menu[0].text boş', 'menu[0]')).toBe('menu[0].text boş')
  })
})
