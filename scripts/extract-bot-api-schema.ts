/**
 * Writes the Bot API request schema the simulator checks calls against, out of the types of `@grammyjs/types`.
 *
 *   node scripts/extract-bot-api-schema.ts           rewrites simulator/bot-api/schema/methods.generated.json
 *   node scripts/extract-bot-api-schema.ts --check   exits 1 when the committed file differs
 *
 * TypeScript 7 has no compiler API, so this reads the types with the 6.0 one.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import ts from 'typescript6'

type Kind = 'number' | 'string' | 'boolean' | 'object' | 'array' | 'file'
/** What a value may be; `type` names an entry of the types table, `items` describes the elements of an array. */
type Spec = {
  readonly kinds: readonly Kind[]
  readonly type?: string
  readonly items?: Spec
}
type Field = Spec & { readonly required: boolean }
type Fields = Record<string, Field>
type Method = { readonly params: Fields; readonly returns: string }

const ROOT = path.resolve(import.meta.dirname, '..')
const TARGET = path.join(ROOT, 'simulator/bot-api/schema/methods.generated.json')
const ENTRY = path.join(ROOT, 'scripts/bot-api-schema-entry.ts')
/** Rich texts are arrays of themselves; nothing else nests arrays deeper than keyboards do. */
const MAX_ARRAY_DEPTH = 2
const FILE_ARGUMENT = '<{ readonly __file: true; }>'
const ENTRY_TEXT = `import type { ApiMethods } from '@grammyjs/types'
export type Methods = ApiMethods<{ readonly __file: true }>
`

function createChecker(): { readonly checker: ts.TypeChecker; readonly entry: ts.SourceFile } {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
    skipLibCheck: true,
    lib: ['lib.es2022.d.ts'],
  }
  const host = ts.createCompilerHost(options)
  const readFromDisk = host.getSourceFile.bind(host)
  // The entry exists in memory only, so a run leaves nothing behind.
  host.getSourceFile = (name, target) =>
    path.resolve(name) === ENTRY ? ts.createSourceFile(name, ENTRY_TEXT, target) : readFromDisk(name, target)
  const fileExists = host.fileExists.bind(host)
  host.fileExists = (name) => path.resolve(name) === ENTRY || fileExists(name)
  const program = ts.createProgram([ENTRY], options, host)
  const entry = program.getSourceFile(ENTRY)
  if (!entry) throw new Error(`cannot load ${ENTRY}`)
  return { checker: program.getTypeChecker(), entry }
}

/** A string, or a string with suggestions: an intersection with one. */
function isText(type: ts.Type): boolean {
  const members = type.isIntersection() ? type.types : [type]
  return members.some((member) => (member.flags & ts.TypeFlags.StringLike) !== 0)
}

/** Reads types into specs and collects the object types they mention. */
function createReader(checker: ts.TypeChecker, at: ts.Node) {
  const types: Record<string, Fields> = {}
  const partsOf = (type: ts.Type): readonly ts.Type[] => (type.isUnion() ? type.types : [type])

  function readSpec(parts: readonly ts.Type[], depth = 0): Spec {
    const kinds = new Set<Kind>()
    const objects: ts.Type[] = []
    const elements: ts.Type[] = []
    for (const part of parts) {
      // A field that one member of a union forbids.
      if (part.flags & ts.TypeFlags.Never) continue
      if (part.flags & ts.TypeFlags.NumberLike) kinds.add('number')
      else if (part.flags & ts.TypeFlags.BooleanLike) kinds.add('boolean')
      else if (isText(part)) kinds.add('string')
      else if (checker.isArrayType(part) || checker.isTupleType(part)) {
        kinds.add('array')
        elements.push(...checker.getTypeArguments(part as ts.TypeReference).flatMap(partsOf))
      } else if (part.getProperty('__file')) kinds.add('file')
      else {
        kinds.add('object')
        objects.push(part)
      }
    }
    return {
      kinds: [...kinds].toSorted(),
      ...(objects.length > 0 && { type: register(objects) }),
      ...(elements.length > 0 && depth < MAX_ARRAY_DEPTH && { items: readSpec(elements, depth + 1) }),
    }
  }

  /** A union of object types becomes one: a field is required when every member requires it. */
  function register(objects: readonly ts.Type[]): string {
    const name = [...new Set(objects.map((type) => checker.typeToString(type).replace(FILE_ARGUMENT, '')))]
      .toSorted()
      .join(' | ')
    if (types[name]) return name
    const fields: Fields = (types[name] = {})
    for (const key of new Set(objects.flatMap((type) => type.getProperties().map((property) => property.name)))) {
      const found = objects.map((type) => type.getProperty(key))
      const present = found.filter((property) => property !== undefined)
      fields[key] = {
        required: found.every((property) => property && !(property.flags & ts.SymbolFlags.Optional)),
        ...readSpec(present.flatMap(readParts)),
      }
    }
    return name
  }

  function readParts(symbol: ts.Symbol): readonly ts.Type[] {
    return partsOf(checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(symbol, at)))
  }

  function readFields(type: ts.Type): Fields {
    return Object.fromEntries(
      type
        .getProperties()
        .map((symbol) => [
          symbol.name,
          { required: !(symbol.flags & ts.SymbolFlags.Optional), ...readSpec(readParts(symbol)) },
        ]),
    )
  }

  return { types, readFields }
}

type Schema = { readonly methods: Readonly<Record<string, Method>>; readonly types: Readonly<Record<string, Fields>> }

function extractSchema(): Schema {
  const { checker, entry } = createChecker()
  const alias = entry.statements.find(ts.isTypeAliasDeclaration)
  if (!alias) throw new Error('the entry declares no type alias')
  const { types, readFields } = createReader(checker, entry)
  const methods: Record<string, Method> = {}
  for (const symbol of checker.getTypeAtLocation(alias).getProperties()) {
    const signature = checker.getTypeOfSymbolAtLocation(symbol, entry).getCallSignatures()[0]
    if (!signature) continue
    const argument = signature.getParameters()[0]
    const argumentType = argument && checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(argument, entry))
    methods[symbol.name] = {
      returns: checker.typeToString(signature.getReturnType()),
      params: argumentType ? readFields(argumentType) : {},
    }
  }
  return { methods, types }
}

/** One line a field, so that a diff of two Bot API versions reads like a changelog. */
function renderFields(fields: Fields, indent: string): string {
  const lines = Object.entries(fields).map(([key, field]) => `${indent}  "${key}": ${JSON.stringify(field)}`)
  return lines.length > 0 ? `{\n${lines.join(',\n')}\n${indent}}` : '{}'
}

function render(version: string, { methods, types }: Schema): string {
  const names = (record: object): readonly string[] => Object.keys(record).toSorted()
  const methodBlocks = names(methods).map((name) => {
    const { returns, params } = methods[name]!
    return `    "${name}": { "returns": ${JSON.stringify(returns)}, "params": ${renderFields(params, '    ')} }`
  })
  const typeBlocks = names(types).map((name) => `    ${JSON.stringify(name)}: ${renderFields(types[name]!, '    ')}`)
  const body = [`  "source": "@grammyjs/types ${version}"`]
  body.push(`  "methods": {\n${methodBlocks.join(',\n')}\n  }`, `  "types": {\n${typeBlocks.join(',\n')}\n  }`)
  return `{\n${body.join(',\n')}\n}\n`
}

const manifest = createRequire(import.meta.url).resolve('@grammyjs/types/package.json')
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }
const schema = extractSchema()
const text = render(version, schema)
const count = Object.keys(schema.methods).length

if (process.argv.includes('--check')) {
  if (readFileSync(TARGET, 'utf8') !== text) {
    console.error(`${path.relative(ROOT, TARGET)} is out of date: run node scripts/extract-bot-api-schema.ts`)
    process.exit(1)
  }
  console.log(`${path.relative(ROOT, TARGET)} is current: ${count} methods of @grammyjs/types ${version}`)
} else {
  writeFileSync(TARGET, text)
  console.log(`wrote ${path.relative(ROOT, TARGET)}: ${count} methods of @grammyjs/types ${version}`)
}
