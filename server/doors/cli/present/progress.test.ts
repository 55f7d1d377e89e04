import { PassThrough } from 'node:stream'

import { describe, expect, it } from 'vitest'

import { secondsLeft, showProgress } from './progress.ts'

const t = (key: string, params: Readonly<Record<string, string | number>> = {}) => `${key} ${params['seconds']}`

/** A progress on a clock that the test moves. */
const begin = (isLive: boolean) => {
  const err = new PassThrough()
  const clock = { at: 1_000 }
  const terminal = { out: new PassThrough(), err, isInteractive: false, hasColor: false, isLive, columns: 80 }
  const progress = showProgress(terminal, t, { label: 'Reading', show: 'counts', now: () => clock.at })
  const written = () => String(err.read() ?? '')
  return { progress, clock, written }
}

describe('showProgress', () => {
  it('says nothing about what is done within two seconds', () => {
    const { progress, clock, written } = begin(false)
    clock.at += 1_999
    progress.update(5, 10)
    progress.end()
    expect(written()).toBe('')
  })

  it('writes a line with percentage, counts and time left, and the next after five seconds', () => {
    const { progress, clock, written } = begin(false)
    clock.at += 2_000
    progress.update(5, 10)
    expect(written()).toBe('Reading 50% (5/10) progress.left 2\n')
    clock.at += 4_999
    progress.update(6, 10)
    expect(written()).toBe('')
    clock.at += 1
    progress.update(7, 10)
    expect(written()).toContain('70%')
  })

  it('overwrites its line on a live terminal and clears it at the end', () => {
    const { progress, clock, written } = begin(true)
    clock.at += 3_000
    progress.update(5, null)
    progress.end()
    expect(written()).toBe('\r\u001b[KReading (5)\r\u001b[K')
  })
})

describe('secondsLeft', () => {
  it('goes by what was done so far', () => {
    expect(secondsLeft(25, 100, 10_000)).toBe(30)
    expect(secondsLeft(100, 100, 10_000)).toBe(0)
  })

  it('does not guess before anything is done or where the end is not known', () => {
    expect(secondsLeft(0, 100, 10_000)).toBeNull()
    expect(secondsLeft(5, null, 10_000)).toBeNull()
  })
})
