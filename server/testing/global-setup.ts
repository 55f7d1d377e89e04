import type { TestProject } from 'vitest/node'

import { prepareTemplate, startTestServer } from './test-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly testServerUrl: string
    /** What follows `create database <name>` to clone the template. */
    readonly testCloneClause: string
  }
}

/** Once per run: a PostgreSQL, and in it a migrated template that each test file clones. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const server = await startTestServer(process.env['TEST_DATABASE_URL'])
  try {
    project.provide('testServerUrl', server.url)
    const template = await prepareTemplate(server.url)
    project.provide('testCloneClause', `template ${template} ${server.cloneStrategy}`)
  } catch (error) {
    await server.stop()
    throw error
  }
  return () => server.stop()
}
