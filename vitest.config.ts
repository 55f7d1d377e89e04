import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['server', 'simulator', 'contract', 'e2e', 'scripts', 'bench'].map((room) => `${room}/**/*.test.ts`),
    globalSetup: ['server/testing/global-setup.ts'],
    setupFiles: ['server/testing/drop-databases.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // A new process for each file spent more time on loading the same modules than on the tests. It costs no safety: time,
    // chance and settings are arguments, so no module keeps anything that one file could leave to the next.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['server/**/*.ts', 'simulator/**/*.ts', 'contract/**/*.ts'],
      exclude: ['**/*.test.ts', '**/*.suite.ts', 'server/testing/**', 'server/db/schema.generated.ts'],
      reporter: ['text-summary', 'json-summary', 'html'],
    },
  },
})
