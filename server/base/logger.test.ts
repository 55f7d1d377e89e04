import { mkdtempSync, readFileSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { AppError } from './errors.ts'
import { openLogs } from './logger.ts'

const TOKEN = '7000000001:AAHf3kd93jfkdl39fjdk39fjdkslA93kdk3'

const filesUnder = (dir: string): readonly string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))

const contentUnder = (dir: string): string =>
  filesUnder(dir)
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')

const openInFolder = async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'logs-'))
  return { dir, logs: await openLogs({ dir, level: 'debug', console: 'none' }) }
}

describe('openLogs', () => {
  it('writes each category to its own folder and copies errors to errors/', async () => {
    const { dir, logs } = await openInFolder()
    logs.of('segmentation').info({ count: 3 }, 'assigned')
    logs.of('segmentation').error({ err: new Error('boom') }, 'assignment failed')
    await logs.close()
    const segmentation = contentUnder(path.join(dir, 'segmentation'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string })
    expect(segmentation.map((line) => line.msg)).toEqual(['assigned', 'assignment failed'])
    expect(JSON.parse(contentUnder(path.join(dir, 'errors')))).toMatchObject({
      category: 'segmentation',
      level: 'error',
      err: { message: 'boom' },
    })
    expect(filesUnder(path.join(dir, 'segmentation'))[0]).toMatch(/segmentation\.\d{4}-\d\d-\d\d\.1\.log$/)
  })

  it('keeps a token out of every file, wherever it hides', async () => {
    const { dir, logs } = await openInFolder()
    const failure = new AppError(
      'unavailable',
      'x',
      { field: TOKEN },
      { cause: new Error(`POST /bot${TOKEN}/sendMessage`) },
    )
    logs.of('app').error(
      {
        err: failure,
        token: TOKEN,
        url: `https://api.telegram.org/bot${TOKEN}/getMe`,
        deep: { list: [{ at: TOKEN }] },
      },
      `bot${TOKEN} failed`,
    )
    logs.of('audit').warn({ url: 'postgres://gavat:hunter2@db/x' }, 'Bearer abcdefghijkl')
    await logs.close()
    expect(contentUnder(dir)).not.toContain(TOKEN)
    expect(contentUnder(dir)).not.toContain(TOKEN.slice(11))
    expect(contentUnder(dir)).not.toContain('hunter2')
    expect(contentUnder(dir)).not.toContain('abcdefghijkl')
  })

  it('keeps texts, names and phones out of every file, at any depth and in errors that carry their call', async () => {
    const { dir, logs } = await openInFolder()
    const failure = Object.assign(new Error('call failed'), {
      payload: { chat_id: 1, text: 'gizli mektup' },
      detail: 'Key (text)=(gizli mektup)',
    })
    logs
      .of('app')
      .error(
        { err: failure, update: { message: { text: 'gizli mektup' } }, message: { from: { first_name: 'Ayşe' } } },
        'failed',
      )
    logs.of('sessions').info({ firstName: 'Ayşe', phone: '+905321234567', note: 'call +90 532 123 45 67 now' }, 'seen')
    await logs.close()
    expect(contentUnder(dir)).not.toMatch(/gizli mektup|Ayşe|532/)
  })

  it('writes any fields without failing and without the text they hold', async () => {
    const { dir, logs } = await openInFolder()
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.anything({ withBigInt: true, withDate: true, withMap: true })),
        (fields) => {
          logs.of('app').info({ ...fields, nested: { text: 'gizli mektup' } }, 'any')
        },
      ),
      { numRuns: 200 },
    )
    await logs.close()
    expect(contentUnder(dir)).not.toContain('gizli mektup')
    expect(contentUnder(path.join(dir, 'app')).trim().split('\n')).toHaveLength(200)
  })

  it('writes short lines for a terminal and JSON for a machine', async () => {
    const lines: string[] = []
    const human = await openLogs({ dir: null, level: 'info', console: 'human', write: (line) => void lines.push(line) })
    human.of('app').info({ port: 3000 }, 'listening')
    human.of('app').debug({}, 'hidden')
    const machine = await openLogs({
      dir: null,
      level: 'info',
      console: 'json',
      write: (line) => void lines.push(line),
    })
    machine.of('audit').warn({}, 'changed')
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d info {2}listening {2}port=3000\n$/)
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ level: 'warn', category: 'audit', msg: 'changed' })
    expect(lines).toHaveLength(2)
  })
})
