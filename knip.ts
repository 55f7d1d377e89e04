import type { KnipConfig } from 'knip'

/** Dead code: files nobody reaches, exports nobody imports, packages nobody uses. */
const config: KnipConfig = {
  entry: [
    'server/main.ts',
    'server/cli.ts',
    'web/{dashboard,miniapp}/main.{ts,tsx}',
    'scripts/*.{ts,mjs}',
    'bench/run.ts',
    'bench/*/*.ts',
    'simulator/main.ts',
    'simulator/index.ts',
    '**/*.test.ts',
  ],
  project: ['{server,contract,simulator,web,bench,e2e,scripts,bin}/**/*.{ts,tsx,mjs}'],
  // A type that names a parameter or a result belongs to its function's signature, imported or not.
  ignoreExportsUsedInFile: { interface: true, type: true },
  ignoreIssues: { 'server/modules/*/index.ts': ['types'], 'server/doors/*/index.ts': ['types'] },
  // The parser dependency-cruiser is told to use.
  ignoreDependencies: ['@swc/core'],
  // A test starts a server of its own where the machine has one.
  ignoreBinaries: ['redis-server'],
}

export default config
