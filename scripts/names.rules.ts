/** Words that say nothing about what is behind them. */
const EMPTY_WORDS = new Set([
  'util',
  'utils',
  'helper',
  'helpers',
  'common',
  'manager',
  'managers',
  'data',
  'info',
  'misc',
])
const EMPTY_VERB = /^export (?:async )?(?:function|const) ((?:handle|process|manage|do)[A-Z]\w*)/gm

const MODULE_FILE =
  /^server\/modules\/[a-z-]+\/(?:[a-z-]+\/)?(?:index|[a-z0-9-]+[.](?:rules|store|suite|generated)|[a-z0-9-]+)(?:(?:[.][a-z]+)?[.]test)?[.]ts$/
const KEBAB = /^[.]?[a-z0-9]+(?:-[a-z0-9]+)*(?:[.][a-z0-9]+(?:-[a-z0-9]+)*)*$/

const wordFaults = (path: string): readonly string[] =>
  path
    .split('/')
    .flatMap((segment) => segment.replace(/[.][a-z]+$/, '').split(/[-.]/))
    .filter((word) => EMPTY_WORDS.has(word))
    .map((word) => `${path}: "${word}" says nothing; name what is in it`)

const shapeFaults = (path: string): readonly string[] => {
  const faults: string[] = []
  if (!path.split('/').every((segment) => KEBAB.test(segment))) faults.push(`${path}: names are kebab-case`)
  if (path.startsWith('server/modules/') && path.endsWith('.ts') && !MODULE_FILE.test(path)) {
    faults.push(`${path}: a module holds index, *.rules, *.store and use cases, at most one folder deep`)
  }
  return faults
}

const sourceFaults = (path: string, source: string): readonly string[] => {
  const faults = [...source.matchAll(EMPTY_VERB)].map(
    ([, name]) => `${path}: ${name} begins with a verb that says nothing`,
  )
  if (/^server\/modules\/[a-z-]+\/index[.]ts$/.test(path)) {
    if (/^export [*]/m.test(source)) faults.push(`${path}: a front door names what it shows; no export *`)
    if (/^(?:export )?(?:async )?(?:function|const|class|let) /m.test(source))
      faults.push(`${path}: a front door only re-exports`)
  }
  return faults
}

/** What is wrong with the name of `path` and the names in its `source`; empty when nothing is. */
export const nameFaults = (path: string, source: string): readonly string[] => [
  ...wordFaults(path),
  ...shapeFaults(path),
  ...sourceFaults(path, source),
]
