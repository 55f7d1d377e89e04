/**
 * A setup file of the mutation check: with GUARD_MUTANT=`rule:<name>` or `cap:<reason>` in the environment, the guard
 * of this test process lacks that rule or cap. The product never loads it.
 */
import { vi } from 'vitest'

const [kind, name] = (process.env['GUARD_MUTANT'] ?? '').split(':')

vi.mock(import('#server/modules/delivery/guard/caps.rules.ts'), async (load) => {
  const real = await load()
  const [kind, name] = (process.env['GUARD_MUTANT'] ?? '').split(':')
  if (kind !== 'cap') return real
  return { ...real, capsFor: (inputs) => real.capsFor(inputs).filter((cap) => cap.reason !== name) }
})

if (kind === 'rule') {
  const { GUARD_RULES } = await import('#server/modules/delivery/guard/guard.rules.ts')
  const place = GUARD_RULES.findIndex((rule) => rule.name === name)
  if (place < 0) throw new Error(`no guard rule is named ${name}`)
  GUARD_RULES.splice(place, 1)
}
