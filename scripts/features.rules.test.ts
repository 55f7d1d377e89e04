import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { describe, expect, it } from 'vitest'

import { featureFaults } from './features.rules.ts'

const LIST = readFileSync(resolve(import.meta.dirname, '../docs/features.md'), 'utf8')
const row = (id: string) => new RegExp(`^\\| ${id} \\|.*\\|$`, 'm')

describe('featureFaults', () => {
  it('finds nothing wrong with the list of this repository', () => {
    expect(featureFaults(LIST)).toEqual([])
  })

  it('names a missing id, a repeated id and an unknown id', () => {
    expect(featureFaults(LIST.replace(row('B7'), ''))).toEqual(['B7: missing'])
    expect(featureFaults(`${LIST}\n| B7 | Again | not built | |\n`)).toEqual(['B7: stands 2 times'])
    expect(featureFaults(`${LIST}\n| B99 | More | not built | |\n`)).toEqual(['B99: unknown'])
  })

  it('asks for evidence wherever something is said to work, and refuses unknown states', () => {
    expect(featureFaults(LIST.replace(row('A1'), '| A1 | Profiles | built | |'))).toEqual([
      'A1: built, but no evidence',
    ])
    expect(featureFaults(LIST.replace(row('A1'), '| A1 | Profiles | done | x |'))).toEqual(['A1: unknown state "done"'])
  })
})
