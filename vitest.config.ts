import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['server', 'simulator', 'contract', 'e2e', 'scripts'].map((room) => `${room}/**/*.test.ts`),
    globalSetup: ['server/testing/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
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
