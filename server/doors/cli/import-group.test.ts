import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { Segment } from '#contract/words.ts'
import { createDb } from '#server/db/pool.ts'
import { type CliRunner, createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON } from '#server/testing/factories.ts'
import { makeGroupExport } from '#server/testing/group-export.ts'

const made = makeGroupExport(NOON)
let runner: CliRunner
let folder: string

beforeAll(async () => {
  runner = createCliRunner(createDb((await createTestDatabase()).pool))
  folder = await mkdtemp(join(tmpdir(), 'gavatcore-group-'))
  await writeFile(join(folder, 'result.json'), made.text)
  await runner.run(['tenants', 'create', 'carsi', '--time-zone', 'Europe/Istanbul'])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const membersOf = (habit: string) => made.members.filter((member) => member.habit === habit)
const namesIn = async (segment: Segment) => {
  const { contacts } = (await runner.json(['contacts', 'list', '--segment', segment, '--limit', '100'])) as {
    readonly contacts: readonly { readonly firstName: string }[]
  }
  return contacts.map(({ firstName }) => firstName).toSorted()
}
const names = (members: readonly { readonly name: string }[]) => members.map(({ name }) => name).toSorted()

describe('the export of a group of sixty', () => {
  it('makes its members contacts, with everything they said and did, once', async () => {
    const file = join(folder, 'result.json')
    const first = await runner.json(['contacts', 'import', file])
    expect(first).toMatchObject({ people: 60, created: 60, newMessages: made.messages, joins: 60, unreadable: 0 })
    expect((first as { moved: number }).moved).toBeGreaterThan(30)
    expect(await runner.json(['contacts', 'import', file])).toMatchObject({ created: 0, newMessages: 0, moved: 0 })
  })

  it('puts each kind of member into its segment, with no server running', async () => {
    expect(await namesIn('NIGHT_OWL')).toEqual(names(membersOf('night')))
    expect(await namesIn('NEW_USER')).toEqual(names(membersOf('newcomer')))
    expect(await namesIn('COLD_LEAD')).toEqual(expect.arrayContaining(names(membersOf('gone'))))
    expect(await namesIn('LURKER')).toEqual(expect.arrayContaining(names(membersOf('reader'))))
    expect(await namesIn('PRICE_SENSITIVE')).toEqual(expect.arrayContaining(names(membersOf('bargain').slice(0, 4))))
  })

  it('shows a member with hours and a frequency inside the strategy of the primary segment', async () => {
    const [owl] = membersOf('night')
    const { profile } = (await runner.json(['contacts', 'show', `tg:${owl?.telegramId}`])) as {
      profile: { bestHours: number[]; frequency: { everyHours: number; maxPerDay: number } }
    }
    expect([22, 23, 0, 1]).toEqual(expect.arrayContaining(profile.bestHours))
    expect(profile.frequency.everyHours).toBeGreaterThanOrEqual(24)
    const [regular] = membersOf('core')
    const { out } = await runner.run(['contacts', 'show', `tg:${regular?.telegramId}`])
    expect(out).toContain('Çarşı Sohbet 💬 (190)')
    expect(out).toMatch(/· (reacted|joined a group)/)
  })

  it('gives nobody consent', async () => {
    expect(await runner.json(['contacts', 'list', '--consent', 'marketing'])).toMatchObject({ contacts: [] })
  })
})
