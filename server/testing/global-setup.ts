import type { TestProject } from 'vitest/node'

import { prepareTemplate, startTestServer } from './test-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly testServerUrl: string
    readonly testTemplate: string
  }
}

/** Once per run: a PostgreSQL, and in it a migrated template that each test file clones. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const server = await startTestServer(process.env['TEST_DATABASE_URL'])
  try {
    project.provide('testServerUrl', server.url)
    project.provide('testTemplate', await prepareTemplate(server.url))
  } catch (error) {
    await server.stop()
    throw error
  }
  return () => server.stop()
}
