/**
 * Proves that the floors are guarded: builds a skeleton of the layout in a scratch directory, sees that it is clean,
 * then seeds one violation per rule and sees that the cruiser names each. A rule without a seed fails, too.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const ROOT = resolve(import.meta.dirname, '..')

/** A small tree that keeps every rule. */
const SKELETON: Readonly<Record<string, string>> = {
  'contract/words.ts': `export type Segment = 'NEW_USER'`,
  'contract/contacts.ts': `import { z } from 'zod'\nexport const contactView = z.object({})`,
  'server/app.ts': `export { fakeSender } from '#server/gateways/telegram/adapters/fake/sender.ts'`,
  'server/open-senders.ts': `export { fakeSender } from '#server/gateways/telegram/adapters/fake/sender.ts'`,
  'server/config.ts': `export const config = {}`,
  'server/demo.ts': `export { world } from '#simulator/world.ts'`,
  'server/base/clock.ts': `export type { Segment } from '#contract/words.ts'`,
  'server/db/tenant-scope.ts': `import pg from 'pg'\nexport const tx = pg`,
  'server/db/migrate.ts': `export const migrate = 1`,
  'server/gateways/telegram/sender.ts': `export interface Sender { readonly a: 1 }`,
  'server/gateways/telegram/adapters/fake/sender.ts': `import type { Sender } from '../../sender.ts'\nexport const fakeSender: Sender = { a: 1 }`,
  'server/gateways/llm/model.ts': `export const model = 1`,
  'server/modules/contacts/index.ts': `export { touchContact } from './touch-contact.ts'`,
  'server/modules/contacts/touch-contact.ts': `import { upsert } from './contact.store.ts'\nexport const touchContact = upsert`,
  'server/modules/contacts/contact.store.ts': `import { tx } from '#server/db/tenant-scope.ts'\nexport const upsert = tx`,
  'server/modules/segments/index.ts': `export { assignSegments } from './assign-segments.ts'`,
  'server/modules/segments/assign-segments.ts': `import { touchContact } from '#server/modules/contacts/index.ts'\nexport const assignSegments = touchContact`,
  'server/modules/delivery/plan/plan.rules.ts': `export const plan = 1`,
  'server/modules/delivery/guard/guard.rules.ts': `export const decide = 1`,
  'server/modules/delivery/send/send-delivery.ts': `export type { Sender } from '#server/gateways/telegram/sender.ts'\nexport { decide } from '../guard/guard.rules.ts'`,
  'server/modules/delivery/outcome/record-outcome.ts': `export const recordOutcome = 1`,
  'server/doors/http/contacts.ts': `export { touchContact } from '#server/modules/contacts/index.ts'\nexport { contactView } from '#contract/contacts.ts'`,
  'server/doors/cli/contacts.ts': `export { touchContact } from '#server/modules/contacts/index.ts'`,
  'server/testing/db.ts': `export const testDb = 1`,
  'server/base/clock.test.ts': `import { testDb } from '#server/testing/db.ts'\nexport const t = testDb`,
  'web/ui/rows.ts': `export const rows = 1`,
  'web/features/contacts/contacts.ts': `export { rows } from '../../ui/rows.ts'\nexport { contactView } from '#contract/contacts.ts'`,
  'web/features/inbox/inbox.ts': `export { rows } from '../../ui/rows.ts'`,
  'web/dashboard/main.ts': `export { rows } from '../features/contacts/contacts.ts'`,
  'simulator/world.ts': `export const world = 1`,
  'bench/blast.ts': `export { testDb } from '#server/testing/db.ts'`,
  'scripts/tool.ts': `export const tool = 1`,
  'e2e/loop.test.ts': `export const loop = 1`,
}

interface Seed {
  readonly rule: string
  readonly file: string
  readonly source: string
}

const seed = (rule: string, file: string, source: string): Seed => ({ rule, file, source })

/** Each adds one file that breaks one rule. */
const SEEDS: readonly Seed[] = [
  seed('contract-is-leaf', 'contract/seed-a.ts', `export type { Segment } from '#server/base/clock.ts'`),
  seed('contract-needs-zod-only', 'contract/seed-b.ts', `import pg from 'pg'\nexport const x = pg`),
  seed('base-is-bottom', 'server/base/seed-a.ts', `export type { tx } from '#server/db/tenant-scope.ts'`),
  seed('base-is-bottom', 'server/base/seed-b.ts', `export { contactView } from '#contract/contacts.ts'`),
  seed('db-knows-base-only', 'server/db/seed.ts', `export type { Sender } from '#server/gateways/telegram/sender.ts'`),
  seed(
    'gateways-know-base-only',
    'server/gateways/telegram/seed-a.ts',
    `export { tx } from '#server/db/tenant-scope.ts'`,
  ),
  seed('gateways-apart', 'server/gateways/telegram/seed-b.ts', `export { model } from '#server/gateways/llm/model.ts'`),
  seed(
    'modules-never-see-doors',
    'server/modules/contacts/seed-a.ts',
    `export { contactView } from '#server/doors/http/contacts.ts'`,
  ),
  seed('modules-never-see-doors', 'server/modules/contacts/seed-b.ts', `export { config } from '#server/config.ts'`),
  seed(
    'modules-never-see-wire',
    'server/modules/contacts/seed-c.ts',
    `export type { contactView } from '#contract/contacts.ts'`,
  ),
  seed(
    'module-front-door',
    'server/modules/segments/seed-a.ts',
    `export { upsert } from '#server/modules/contacts/contact.store.ts'`,
  ),
  seed(
    'front-door-from-outside',
    'server/doors/http/seed-a.ts',
    `export { touchContact } from '#server/modules/contacts/touch-contact.ts'`,
  ),
  seed('rules-are-pure', 'server/modules/delivery/guard/seed-a.rules.ts', `export { x } from './facts.store.ts'`),
  seed(
    'rules-are-pure',
    'server/modules/delivery/plan/seed-b.rules.ts',
    `import { readFileSync } from 'node:fs'\nexport const r = readFileSync`,
  ),
  seed(
    'rules-are-pure',
    'server/modules/delivery/plan/seed-c.rules.ts',
    `import type { Sql } from 'kysely'\nexport type R = Sql`,
  ),
  seed(
    'store-only-db',
    'server/modules/contacts/seed.store.ts',
    `export type { model } from '#server/gateways/llm/model.ts'`,
  ),
  seed('sql-lives-in-stores', 'server/modules/contacts/seed-d.ts', `import pg from 'pg'\nexport const x = pg`),
  seed(
    'doors-do-not-share',
    'server/doors/cli/seed-a.ts',
    `export { contactView } from '#server/doors/http/contacts.ts'`,
  ),
  seed('doors-hold-no-sql', 'server/doors/cli/seed-b.ts', `export { migrate } from '#server/db/migrate.ts'`),
  seed('doors-hold-no-sql', 'server/doors/cli/seed-c.ts', `import { sql } from 'kysely'\nexport const x = sql`),
  seed('doors-stay-below-root', 'server/doors/cli/seed-d.ts', `export { config } from '#server/config.ts'`),
  seed(
    'adapters-only-in-root',
    'server/modules/delivery/send/seed-a.ts',
    `export { fakeSender } from '#server/gateways/telegram/adapters/fake/sender.ts'`,
  ),
  seed(
    'adapters-only-in-root',
    'server/doors/http/seed-f.ts',
    `export { fakeSender } from '#server/gateways/telegram/adapters/fake/sender.ts'`,
  ),
  seed(
    'one-way-out',
    'server/modules/contacts/seed-e.ts',
    `export type { Sender } from '#server/gateways/telegram/sender.ts'`,
  ),
  seed(
    'one-way-out',
    'server/doors/http/seed-b.ts',
    `export type { Sender } from '#server/gateways/telegram/sender.ts'`,
  ),
  seed('simulator-stands-alone', 'simulator/seed.ts', `export type { Segment } from '#server/base/clock.ts'`),
  seed('simulator-seen-by-demo-only', 'server/seed.ts', `export { world } from '#simulator/world.ts'`),
  seed(
    'web-sees-contract-only',
    'web/features/contacts/seed-a.ts',
    `export type { Segment } from '#server/base/clock.ts'`,
  ),
  seed('web-shared-is-bottom', 'web/ui/seed.ts', `export { rows } from '../features/contacts/contacts.ts'`),
  seed('web-features-apart', 'web/features/contacts/seed-b.ts', `export { rows } from '../inbox/inbox.ts'`),
  seed('web-features-apart', 'web/features/contacts/seed-c.ts', `export { rows } from '../../dashboard/main.ts'`),
  seed('tests-stay-tests', 'server/base/seed-c.ts', `export { testDb } from '#server/testing/db.ts'`),
  seed('tools-stay-tools', 'server/base/seed-d.ts', `export { tool } from '../../scripts/tool.ts'`),
  seed('no-cycles', 'server/base/seed-e.ts', `export type { F } from './seed-f.ts'\nexport type E = 1`),
  seed('no-unresolved', 'server/doors/http/seed-c.ts', `export { nothing } from './nowhere.ts'`),
  seed('no-undeclared-package', 'server/doors/http/seed-d.ts', `import acorn from 'acorn'\nexport const x = acorn`),
  seed(
    'no-dev-package-at-run-time',
    'server/doors/http/seed-e.ts',
    `import { fc } from 'fast-check'\nexport const x = fc`,
  ),
  ...(
    [
      ['tenancy', 'billing'],
      ['billing', 'accounts'],
      ['accounts', 'webhooks'],
      ['webhooks', 'contacts'],
      ['contacts', 'llm'],
      ['llm', 'groups'],
      ['groups', 'segments'],
      ['segments', 'templates'],
      ['templates', 'campaigns'],
      ['campaigns', 'delivery'],
      ['delivery', 'invites'],
      ['invites', 'conversations'],
      ['conversations', 'posts'],
      ['posts', 'sales'],
      ['sales', 'automations'],
      ['automations', 'onboarding'],
      ['onboarding', 'analytics'],
      ['analytics', 'error-tracking'],
      ['error-tracking', 'admin'],
    ] as const
  ).map(([low, high]) =>
    seed(
      `module-order-${low}`,
      `server/modules/${low}/seed-up.ts`,
      `export type { x } from '#server/modules/${high}/index.ts'`,
    ),
  ),
  ...(
    [
      ['strategy', 'plan'],
      ['plan', 'guard'],
      ['guard', 'send'],
      ['outcome', 'send'],
      ['send', 'plan'],
      ['learn', 'guard'],
    ] as const
  ).map(([step, sibling]) =>
    seed(
      `delivery-step-${step}`,
      `server/modules/delivery/${step}/seed-side.ts`,
      `export type { x } from '../${sibling}/target.ts'`,
    ),
  ),
]

/** What seeds point at and the skeleton does not have. */
const TARGETS: Readonly<Record<string, string>> = {
  'server/base/seed-f.ts': `export type { E } from './seed-e.ts'\nexport type F = 1`,
  'server/modules/delivery/guard/facts.store.ts': `export const x = 1`,
  ...Object.fromEntries(
    [
      'billing',
      'accounts',
      'webhooks',
      'groups',
      'templates',
      'campaigns',
      'delivery',
      'invites',
      'conversations',
      'llm',
      'posts',
      'sales',
      'automations',
      'onboarding',
      'analytics',
      'error-tracking',
      'admin',
    ].map((module) => [`server/modules/${module}/index.ts`, `export const x = 1`]),
  ),
  ...Object.fromEntries(
    ['plan', 'guard', 'send'].map((step) => [`server/modules/delivery/${step}/target.ts`, `export const x = 1`]),
  ),
}

interface Violation {
  readonly from: string
  readonly rule: { readonly name: string }
}

const write = (root: string, files: Readonly<Record<string, string>>) => {
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), `${source}\n`)
  }
}

const cruise = (root: string): readonly Violation[] => {
  const args = [
    '--config',
    '.dependency-cruiser.mjs',
    '--output-type',
    'json',
    'server',
    'web',
    'contract',
    'simulator',
    'bench',
    'e2e',
    'scripts',
  ]
  const bin = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')
  const { stdout } = spawnSync(process.execPath, [bin, ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  return (JSON.parse(stdout) as { readonly summary: { readonly violations: readonly Violation[] } }).summary.violations
}

const ruleNames = async (): Promise<readonly string[]> => {
  const config = (await import(pathToFileURL(join(ROOT, '.dependency-cruiser.mjs')).href)) as {
    readonly default: { readonly forbidden: readonly { readonly name: string }[] }
  }
  return config.default.forbidden.map((rule) => rule.name)
}

const checkFloors = async (root: string): Promise<readonly string[]> => {
  for (const file of ['.dependency-cruiser.mjs', 'package.json']) copyFileSync(join(ROOT, file), join(root, file))
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  write(root, SKELETON)
  const atRest = cruise(root).map((found) => `the clean skeleton breaks ${found.rule.name}: ${found.from}`)

  write(root, TARGETS)
  write(root, Object.fromEntries(SEEDS.map(({ file, source }) => [file, source])))
  const found = new Set(cruise(root).map((violation) => `${violation.rule.name} ${violation.from}`))
  const missed = SEEDS.filter(({ rule, file }) => !found.has(`${rule} ${file}`)).map(
    ({ rule, file }) => `${rule} does not catch ${file}`,
  )
  const seeded = new Set(SEEDS.map(({ rule }) => rule))
  const unseeded = (await ruleNames())
    .filter((name) => !seeded.has(name))
    .map((name) => `${name} has no seeded violation`)
  return [...atRest, ...missed, ...unseeded]
}

const scratch = mkdtempSync(join(tmpdir(), 'gavatcore-floors-'))
try {
  const faults = await checkFloors(scratch)
  for (const fault of faults) console.error(fault)
  console.log(`floors: ${SEEDS.length} seeded violations, ${faults.length} faults`)
  process.exitCode = faults.length > 0 ? 1 : 0
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
