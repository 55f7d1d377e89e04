// The floors of docs/architecture.md, one rule per sentence; scripts/check-floors-catch.ts seeds a violation of each.
// `parser: 'swc'` is needed while TypeScript is 7.x: without it type-only edges are missed without an error.

/** Low to high. A module imports only modules of earlier rows; rooms in one row do not import each other. */
const MODULES = [
  ['tenancy'],
  ['billing'],
  ['accounts'],
  ['webhooks'],
  ['contacts'],
  ['llm'],
  ['groups'],
  ['segments'],
  ['templates'],
  ['campaigns'],
  ['delivery'],
  ['invites', 'conversations', 'posts'],
  ['sales', 'automations'],
  ['onboarding'],
  ['analytics', 'error-tracking'],
  ['admin'],
]

/** Steps of delivery and the siblings each may import; files directly in delivery/ are their common vocabulary. */
const STEPS = {
  strategy: [],
  plan: ['strategy'],
  guard: [],
  outcome: [],
  send: ['guard', 'outcome'],
  learn: ['strategy', 'outcome'],
}

const TEST = '([.](test|suite)[.]tsx?$|^server/testing/|^e2e/)'
const TEST_OR_TOOL = `(${TEST}|^bench/|^scripts/)`
const ROOT = '^server/[a-z-]+[.]ts$'

const forbid = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to })
const room = (...names) => `^server/modules/(${names.join('|')})/`

const moduleOrder = MODULES.flatMap((row, i) =>
  row.flatMap((module) => {
    const barred = [...row.filter((other) => other !== module), ...MODULES.slice(i + 1).flat()]
    if (barred.length === 0) return []
    const comment = `${module} imports lower modules only; a higher one is reached by an event or a job`
    return [forbid(`module-order-${module}`, { path: room(module), pathNot: TEST }, { path: room(...barred) }, comment)]
  }),
)

const deliverySteps = Object.entries(STEPS).map(([step, may]) => {
  const barred = Object.keys(STEPS).filter((other) => other !== step && !may.includes(other))
  return forbid(
    `delivery-step-${step}`,
    { path: `^server/modules/delivery/${step}/`, pathNot: TEST },
    { path: `^server/modules/delivery/(${barred.join('|')})/` },
    `${step} imports ${may.length > 0 ? may.join(', ') : 'no sibling step'}`,
  )
})

/** Ports that are nothing but vocabulary: how calls end, what follows, what is kept. Rules and stores may speak it. */
const PURE_PORTS = '^server/gateways/telegram/(failures|call-result|login|user-session)[.]ts$'

export default {
  forbidden: [
    forbid(
      'contract-is-leaf',
      { path: '^contract/' },
      { path: '^(server|web|simulator|bench|e2e|scripts)/' },
      'the contract knows nobody',
    ),
    forbid(
      'contract-needs-zod-only',
      { path: '^contract/' },
      { path: '(^|/)node_modules/(?!zod/)', dependencyTypesNot: ['core'] },
      'the contract needs zod and nothing else',
    ),
    forbid(
      'base-is-bottom',
      { path: '^server/base/', pathNot: TEST },
      { path: '^(server/(?!base/)|contract/(?!(words|actions)[.]ts$))' },
      'base knows the vocabularies alone',
    ),
    forbid(
      'db-knows-base-only',
      { path: '^server/db/', pathNot: TEST },
      { path: '^(server/(?!base/|db/)|contract/(?!(words|actions)[.]ts$))' },
      'db stands on base',
    ),
    forbid(
      'gateways-know-base-only',
      { path: '^server/gateways/', pathNot: TEST },
      { path: '^(server/(?!base/|gateways/)|contract/(?!(words|actions)[.]ts$))' },
      'a gateway knows the outside world, not ours',
    ),
    forbid(
      'gateways-apart',
      { path: '^server/gateways/([^/]+)/', pathNot: TEST },
      { path: '^server/gateways/([^/]+)/', pathNot: '^server/gateways/$1/' },
      'one outside service does not know another',
    ),
    forbid(
      'modules-never-see-doors',
      { path: '^server/modules/', pathNot: TEST },
      { path: `(^server/doors/|${ROOT})` },
      'a use case does not know who called it',
    ),
    forbid(
      'modules-never-see-wire',
      { path: '^server/modules/', pathNot: TEST },
      { path: '^contract/(?!(words|actions)[.]ts$)' },
      'doors translate between contract and domain; only the vocabularies of words.ts and actions.ts are common',
    ),
    forbid(
      'module-front-door',
      { path: '^server/modules/([^/]+)/', pathNot: TEST },
      { path: '^server/modules/([^/]+)/(?!index[.]ts$)', pathNot: '^server/modules/$1/' },
      'another module is reached through its index.ts',
    ),
    forbid(
      'front-door-from-outside',
      { path: '^(server/(?!modules/|testing/)|simulator/)', pathNot: TEST },
      { path: '^server/modules/[^/]+/(?!index[.]ts$)' },
      'a module is reached through its index.ts',
    ),
    forbid(
      'rules-are-pure',
      { path: '^server/modules/.*[.]rules[.]ts$' },
      {
        path: '([.]store[.]ts$|^server/(db|gateways)/|^(node:)?(fs|net|http|https|dgram|child_process|timers|worker_threads)(/|$)|(^|/)node_modules/(pg|kysely|undici|grammy|ioredis)/)',
        pathNot: PURE_PORTS,
      },
      'a decision takes facts and an instant, never a connection',
    ),
    forbid(
      'store-only-db',
      { path: '[.]store[.]ts$' },
      { path: '^server/(gateways|doors)/', pathNot: PURE_PORTS },
      'SQL does not call the outside world',
    ),
    forbid(
      'sql-lives-in-stores',
      { path: '^server/(modules|doors)/', pathNot: `([.]store[.]ts$|${TEST})` },
      { path: '(^|/)node_modules/pg/' },
      'only stores and the database floor speak to the driver',
    ),
    forbid(
      'doors-do-not-share',
      { path: '^server/doors/([^/]+)/', pathNot: TEST },
      { path: '^server/doors/([^/]+)/', pathNot: '^server/doors/$1/' },
      'a door does not open another door',
    ),
    forbid(
      'doors-hold-no-sql',
      { path: '^server/doors/', pathNot: TEST },
      { path: '(^server/db/(?!(tenant-scope|pool|lease|together)[.]ts$)|(^|/)node_modules/kysely/)' },
      'a door opens a transaction, proves its lease and calls a use case; it writes no query',
    ),
    forbid(
      'doors-stay-below-root',
      { path: '^server/(doors|db|gateways|base)/', pathNot: TEST },
      { path: ROOT },
      'the composition root hands things down; nothing reaches up for them',
    ),
    forbid(
      'adapters-only-in-root',
      // The root is every file that lies directly in server/: app.ts and what is split out of it.
      { path: '^server/(?!gateways/)[^/]+/', pathNot: TEST },
      { path: '^server/gateways/[^/]+/adapters/' },
      'only the composition root picks an adapter',
    ),
    forbid(
      'one-way-out',
      {
        path: '^server/[^/]+/',
        pathNot: `(^server/(gateways/|modules/delivery/send/|doors/panel-bot/)|${TEST})`,
      },
      { path: '^server/gateways/telegram/sender[.]ts$' },
      'every message to a contact leaves through delivery/send',
    ),
    forbid(
      'simulator-stands-alone',
      { path: '^simulator/', pathNot: TEST },
      { path: '^(server|contract|web|bench|scripts)/' },
      'the simulator is a Telegram: it knows nothing of ours',
    ),
    forbid(
      'simulator-seen-by-demo-only',
      { path: '^server/', pathNot: `(^server/demo[.]ts$|${TEST})` },
      { path: '^simulator/' },
      'the product never knows that Telegram is simulated; the demo and tests do',
    ),
    forbid(
      'web-sees-contract-only',
      { path: '^web/', pathNot: TEST },
      { path: '^(server|simulator|bench|scripts|e2e)/' },
      'what runs in a browser knows the server by its contract',
    ),
    forbid(
      'web-shared-is-bottom',
      { path: '^web/(ui|api|lib)/' },
      { path: '^web/(features|dashboard|miniapp)/' },
      'what all screens share knows no screen',
    ),
    forbid(
      'web-features-apart',
      { path: '^web/features/([^/]+)/' },
      { path: '^web/(dashboard|miniapp|features)/', pathNot: '^web/features/$1/' },
      'a screen knows neither another one nor the frame around it',
    ),
    ...moduleOrder,
    ...deliverySteps,
    forbid('tests-stay-tests', { pathNot: TEST_OR_TOOL }, { path: TEST }, 'the product does not import tests'),
    forbid(
      'tools-stay-tools',
      { pathNot: TEST_OR_TOOL },
      { path: '^(bench|scripts)/' },
      'the product does not import its tools',
    ),
    forbid('no-cycles', {}, { circular: true }, 'a circle has no bottom'),
    forbid('no-unresolved', {}, { couldNotResolve: true }, 'an import that resolves to nothing'),
    forbid(
      'no-undeclared-package',
      { path: '^(server|web|contract|simulator)/' },
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
      'a package that package.json does not name',
    ),
    forbid(
      'no-dev-package-at-run-time',
      { path: '^(server|contract|simulator)/', pathNot: TEST },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
      'what runs must be a dependency, not a development dependency',
    ),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
}
