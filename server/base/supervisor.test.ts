import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ManualClock } from './clock.ts'
import { silentLogger } from './logger.ts'
import { DEFAULT_RESTART_POLICY, decideRestart, dependentsOf, orderParts } from './part.rules.ts'
import { seededRandom } from './random.ts'
import { type Part, createSupervisor, isHealthy } from './supervisor.ts'

interface Recorded extends Part {
  fail: (error: Error) => void
  startsToFail: number
}

/** Parts that write what happens to them into one journal. */
const createWorld = (nodes: readonly { readonly name: string; readonly dependsOn?: readonly string[] }[]) => {
  const journal: string[] = []
  const clock = new ManualClock(0)
  const unhealthy: string[] = []
  const parts = nodes.map((node): Recorded => {
    const part: Recorded = {
      ...node,
      startsToFail: 0,
      fail: () => {},
      async start(failed) {
        if (part.startsToFail > 0) {
          part.startsToFail -= 1
          throw new Error(`${node.name} refuses`)
        }
        part.fail = failed
        journal.push(`+${node.name}`)
      },
      async stop() {
        journal.push(`-${node.name}`)
      },
    }
    return part
  })
  const supervisor = createSupervisor({
    parts,
    clock,
    random: seededRandom(1),
    log: silentLogger,
    onUnhealthy: (name) => void unhealthy.push(name),
  })
  return {
    journal,
    clock,
    supervisor,
    unhealthy,
    part: (name: string) => parts.find((p) => p.name === name) as Recorded,
  }
}

const settle = async () => {
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** Part i may depend on parts before it in a random permutation: always acyclic. */
const dag = fc.array(fc.array(fc.nat()), { minLength: 1, maxLength: 12 }).chain((edges) =>
  fc.shuffledSubarray([...edges.keys()], { minLength: edges.length }).map((listing) => {
    const nodes = edges.map((targets, i) => ({
      name: `p${i}`,
      dependsOn: i === 0 ? [] : [...new Set(targets.map((t) => `p${t % i}`))],
    }))
    return listing.flatMap((i) => nodes[i] ?? [])
  }),
)

describe('orderParts', () => {
  it('puts every dependency before its dependents, whatever the listing', () => {
    fc.assert(
      fc.property(dag, (nodes) => {
        const order = orderParts(nodes).map((node) => node.name)
        expect(order.toSorted()).toEqual(nodes.map((n) => n.name).toSorted())
        for (const node of nodes)
          for (const d of node.dependsOn) expect(order.indexOf(d)).toBeLessThan(order.indexOf(node.name))
      }),
    )
  })

  it('refuses a cycle and names it', () => {
    const cycle = [
      { name: 'a', dependsOn: ['b'] },
      { name: 'b', dependsOn: ['c'] },
      { name: 'c', dependsOn: ['b'] },
    ]
    expect(() => orderParts(cycle)).toThrow('b → c → b')
    expect(() => orderParts([{ name: 'a', dependsOn: ['a'] }])).toThrow('a → a')
  })

  it('refuses unknown dependencies and two parts of one name', () => {
    expect(() => orderParts([{ name: 'a', dependsOn: ['ghost'] }])).toThrow('part_unknown_dependency')
    expect(() => orderParts([{ name: 'a' }, { name: 'a' }])).toThrow('part_duplicate')
  })
})

describe('dependentsOf', () => {
  it('follows dependencies through others', () => {
    expect([
      ...dependentsOf(
        [{ name: 'a' }, { name: 'b', dependsOn: ['a'] }, { name: 'c', dependsOn: ['b'] }, { name: 'd' }],
        'a',
      ),
    ]).toEqual(['b', 'c'])
  })
})

describe('decideRestart', () => {
  it('doubles the delay with each failure and stays between the first and the longest', () => {
    const delays = [1, 2, 3, 4].map((n) =>
      decideRestart(
        Array.from({ length: n }, () => 0),
        1,
        0,
        DEFAULT_RESTART_POLICY,
      ),
    )
    expect(delays.map((d) => d.delayMs)).toEqual([500, 1_000, 2_000, 4_000])
    expect(delays.some((d) => d.crashLoop)).toBe(false)
    expect(decideRestart([0, 0, 0, 0, 0], 1, 0, DEFAULT_RESTART_POLICY)).toEqual({ delayMs: 60_000, crashLoop: true })
  })

  it('forgets failures outside the window', () => {
    expect(decideRestart([0, 0, 0, 0, 0], 300_001, 0, DEFAULT_RESTART_POLICY).crashLoop).toBe(false)
  })
})

describe('createSupervisor', () => {
  const chain = [
    { name: 'api', dependsOn: ['jobs'] },
    { name: 'db' },
    { name: 'jobs', dependsOn: ['db'] },
    { name: 'files' },
  ]

  it('starts in dependency order and stops in reverse', async () => {
    const { journal, supervisor } = createWorld(chain)
    await supervisor.start()
    expect(isHealthy(await supervisor.health())).toBe(true)
    expect(await supervisor.stop(1_000)).toEqual([])
    expect(journal).toEqual(['+db', '+jobs', '+api', '+files', '-files', '-api', '-jobs', '-db'])
  })

  it('gives up a first start that fails, after stopping what had started', async () => {
    const { journal, supervisor, part } = createWorld(chain)
    part('api').startsToFail = 1
    await expect(supervisor.start()).rejects.toThrow('api refuses')
    expect(journal).toEqual(['+db', '+jobs', '-api', '-jobs', '-db'])
  })

  it('restarts a failed part with those that need it, and nothing else', async () => {
    const { journal, supervisor, part, clock } = createWorld(chain)
    await supervisor.start()
    journal.length = 0
    part('jobs').fail(new Error('connection lost'))
    await settle()
    expect(journal).toEqual(['-api', '-jobs'])
    expect((await supervisor.health()).find((p) => p.name === 'jobs')).toMatchObject({
      state: 'restarting',
      fault: 'restarting: connection lost',
    })
    await clock.advance(1_000)
    await settle()
    expect(journal).toEqual(['-api', '-jobs', '+jobs', '+api'])
    expect(isHealthy(await supervisor.health())).toBe(true)
  })

  it('reports a crash loop once, and still heals when the cause goes away', async () => {
    const { supervisor, part, clock, unhealthy } = createWorld(chain)
    await supervisor.start()
    part('jobs').startsToFail = 7
    part('jobs').fail(new Error('gone'))
    for (let i = 0; i < 60 && unhealthy.length === 0; i += 1) {
      await clock.advance(1_000)
      await settle()
    }
    expect(unhealthy).toEqual(['jobs'])
    expect((await supervisor.health()).map((p) => p.state)).toEqual(['running', 'unhealthy', 'restarting', 'running'])
    for (let i = 0; i < 10; i += 1) {
      await clock.advance(76_000)
      await settle()
    }
    expect(unhealthy).toEqual(['jobs'])
    expect(isHealthy(await supervisor.health())).toBe(true)
  })

  it('names a part that does not stop in time and goes on stopping the others', async () => {
    const journal: string[] = []
    const parts: Part[] = [
      {
        name: 'db',
        async start() {},
        async stop() {
          journal.push('-db')
        },
      },
      { name: 'stuck', dependsOn: ['db'], async start() {}, stop: () => new Promise(() => {}) },
    ]
    const supervisor = createSupervisor({
      parts,
      clock: new ManualClock(0),
      random: seededRandom(1),
      log: silentLogger,
    })
    await supervisor.start()
    expect(await supervisor.stop(20)).toEqual(['stuck'])
    expect(journal).toEqual(['-db'])
  })

  it('has every part running in the end, after any failures of any parts', async () => {
    await fc.assert(
      fc.asyncProperty(
        dag,
        fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.nat(2_000)), { maxLength: 6 }),
        async (nodes, failures) => {
          const { supervisor, part, clock, journal } = createWorld(nodes)
          await supervisor.start()
          for (const [index, startsToFail, pauseMs] of failures) {
            const victim = part(nodes[index % nodes.length]?.name ?? '')
            victim.startsToFail = startsToFail
            victim.fail(new Error('chance'))
            await clock.advance(pauseMs)
            await settle()
          }
          for (let i = 0; i < 40 && !isHealthy(await supervisor.health()); i += 1) {
            await clock.advance(80_000)
            await settle()
          }
          expect(await supervisor.health()).toEqual(
            nodes.map(() => expect.objectContaining({ state: 'running', fault: null })),
          )
          expectSoundJournal(journal, nodes)
          expect(await supervisor.stop(1_000)).toEqual([])
        },
      ),
      { numRuns: 60 },
    )
  })
})

/** At every instant, a running part's dependencies were running. */
const expectSoundJournal = (
  journal: readonly string[],
  nodes: readonly { readonly name: string; readonly dependsOn: readonly string[] }[],
) => {
  const running = new Set<string>()
  for (const entry of journal) {
    const name = entry.slice(1)
    if (entry.startsWith('+')) {
      for (const dependency of nodes.find((n) => n.name === name)?.dependsOn ?? [])
        expect(running).toContain(dependency)
      running.add(name)
    } else running.delete(name)
  }
}
