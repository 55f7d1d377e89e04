import { chmod, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { runScript } from '#server/testing/run-script.ts'

import { chooseRunner } from './choose-runner.ts'
import { layoutOf, prepareLayout } from './cluster-layout.ts'
import { createCluster } from './create-cluster.ts'
import { connectionStringFor } from './server-settings.ts'
import { servesOurCluster } from './ensure-database.ts'
import { findBinaries } from './find-binaries.ts'
import { launchServer } from './launch-server.ts'
import { findPostmaster, stopPostmaster } from './postmaster.ts'
import { readHostFacts } from './run-as.ts'

const isRoot = process.geteuid?.() === 0

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'gavatcore-runner-'))
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

describe.runIf(isRoot)('chooseRunner for root', () => {
  it('runs the server as another account where user namespaces are forbidden', async () => {
    await chmod(dataDir, 0o755)
    const layout = prepareLayout(dataDir)
    const facts = { ...readHostFacts(layout), namespaceAllowed: false }
    const runner = chooseRunner(findBinaries(), layout, facts)
    expect(runner.uid).not.toBe(0)
    const credentials = await createCluster(runner, layout, 'disposable')
    const address = await launchServer(runner, layout, 'disposable', () => undefined)
    const pid = findPostmaster(layout)?.pid ?? 0
    try {
      expect((await stat(`/proc/${pid}`)).uid).toBe(runner.uid)
      expect((await stat(layout.cluster)).uid).toBe(runner.uid)
      const url = connectionStringFor(address, 'postgres', credentials.superuserPassword, 'postgres')
      expect(await servesOurCluster(url, layout.cluster)).toBe(true)
    } finally {
      await stopPostmaster(pid, layout)
    }
  })

  it('copies the programs when the other account may not reach them', async () => {
    await chmod(dataDir, 0o755)
    const layout = prepareLayout(dataDir)
    const facts = { ...readHostFacts(layout), namespaceAllowed: false }
    const closed = { ...findBinaries(), postgres: '/root/closed/postgres' }
    const { binaries } = chooseRunner(closed, layout, facts)
    expect(binaries.postgres).toBe(join(layout.root, 'binaries-18', 'bin', 'postgres'))
    expect((await stat(binaries.postgres)).mode & 0o111).not.toBe(0)
    expect((await stat(join(layout.root, 'binaries-18', 'lib', 'libpq.so.5'))).isFile()).toBe(true)
  })

  it('says what to do when the other account may not enter the data folder', () => {
    const layout = prepareLayout(dataDir) // mkdtemp makes folders that their owner alone may enter
    const facts = { ...readHostFacts(layout), namespaceAllowed: false }
    expect(() => chooseRunner(findBinaries(), layout, facts)).toThrow(
      expect.objectContaining({ code: 'root_refused', message: expect.stringMatching(/DATABASE_URL/) as string }),
    )
  })

  it('tells an ordinary user which folder is closed to it', async () => {
    await chmod(dataDir, 0o755)
    const script = runScript(
      `import { startEmbedded } from '#server/db/embedded/start-embedded.ts'
       await startEmbedded({ dataDir: ${JSON.stringify(dataDir)} }).catch((error) => console.log(error.code, error.message))`,
      1,
    )
    expect(await script.firstLine).toMatch(/^not_writable .*gavatcore-runner-/)
  })
})

describe('layoutOf', () => {
  it('keeps everything of the server under one folder', () => {
    const { root, ...parts } = layoutOf(dataDir)
    for (const part of Object.values(parts)) expect(part.startsWith(`${root}/`)).toBe(true)
  })
})
