import { describe, expect, it } from 'vitest'

import { nameFaults } from './names.rules.ts'

describe('nameFaults', () => {
  it('accepts the four kinds of file of a module and their tests', () => {
    for (const file of [
      'index.ts',
      'contact.rules.ts',
      'contact.store.ts',
      'touch-contact.ts',
      'touch-contact.test.ts',
      'touch-contact.race.test.ts',
      'guard/guard.rules.ts',
    ]) {
      expect(nameFaults(`server/modules/contacts/${file}`, '')).toEqual([])
    }
  })

  it.each([
    ['server/base/string-utils.ts', 'utils'],
    ['server/modules/contacts/contact-manager.ts', 'manager'],
    ['simulator/helpers/clock.ts', 'helpers'],
  ])('refuses %s for the word "%s"', (path, word) => {
    expect(nameFaults(path, '').join()).toContain(`"${word}"`)
  })

  it('refuses file names that are not kebab-case', () => {
    expect(nameFaults('server/base/localTime.ts', '')).toHaveLength(1)
  })

  it('refuses a module folder inside a step', () => {
    expect(nameFaults('server/modules/delivery/guard/deep/caps.ts', '')).toHaveLength(1)
  })

  it('refuses exported functions that only handle, process, manage or do something', () => {
    expect(
      nameFaults('server/base/a.ts', 'export const handleUpdate = 1\nexport async function doSend() {}\n'),
    ).toHaveLength(2)
    expect(nameFaults('server/base/a.ts', 'export const domainOf = 1\nexport const processor = 1\n')).toEqual([])
  })

  it('refuses a front door that holds code or exports everything', () => {
    expect(nameFaults('server/modules/contacts/index.ts', `export * from './x.ts'\nconst a = 1\n`)).toHaveLength(2)
  })
})
