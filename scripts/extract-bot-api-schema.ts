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

type ParamKind = 'number' | 'string' | 'boolean' | 'object' | 'array' | 'file'
type Param = { readonly kinds: readonly ParamKind[]; readonly required: boolean; readonly values?: readonly string[] }
type Method = { readonly params: Readonly<Record<string, Param>>; readonly returns: string }

const ROOT = path.resolve(import.meta.dirname, '..')
const TARGET = path.join(ROOT, 'simulator/bot-api/schema/methods.generated.json')
const ENTRY = path.join(ROOT, 'scripts/bot-api-schema-entry.ts')
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

function kindsOf(checker: ts.TypeChecker, type: ts.Type): { kinds: Set<ParamKind>; values: Set<string> } {
  const kinds = new Set<ParamKind>()
  const values = new Set<string>()
  let isOpenString = false
  for (const part of type.isUnion() ? type.types : [type]) {
    if (part.flags & ts.TypeFlags.NumberLike) kinds.add('number')
    else if (part.flags & ts.TypeFlags.BooleanLike) kinds.add('boolean')
    else if (part.isStringLiteral()) {
      kinds.add('string')
      values.add(part.value)
    } else if (part.flags & ts.TypeFlags.StringLike) {
      kinds.add('string')
      isOpenString = true
    } else if (checker.isArrayType(part) || checker.isTupleType(part)) kinds.add('array')
    else if (part.getProperty('__file')) kinds.add('file')
    else kinds.add('object')
  }
  return { kinds, values: isOpenString ? new Set() : values }
}

function extractMethods(): Record<string, Method> {
  const { checker, entry } = createChecker()
  const alias = entry.statements.find(ts.isTypeAliasDeclaration)
  if (!alias) throw new Error('the entry declares no type alias')
  const methods: Record<string, Method> = {}
  for (const symbol of checker.getTypeAtLocation(alias).getProperties()) {
    const signature = checker.getTypeOfSymbolAtLocation(symbol, entry).getCallSignatures()[0]
    if (!signature) continue
    const params: Record<string, Param> = {}
    const argument = signature.getParameters()[0]
    const argumentType = argument && checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(argument, entry))
    for (const param of argumentType?.getProperties() ?? []) {
      const { kinds, values } = kindsOf(
        checker,
        checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(param, entry)),
      )
      params[param.name] = {
        kinds: [...kinds].toSorted(),
        required: !(param.flags & ts.SymbolFlags.Optional),
        ...(values.size > 0 && { values: [...values].toSorted() }),
      }
    }
    methods[symbol.name] = { params, returns: checker.typeToString(signature.getReturnType()) }
  }
  return methods
}

/** One line a parameter, so that a diff of two Bot API versions reads like a changelog. */
function render(version: string, methods: Readonly<Record<string, Method>>): string {
  const blocks = Object.keys(methods)
    .toSorted()
    .map((name) => {
      const method = methods[name]!
      const params = Object.entries(method.params).map(([key, param]) => `      "${key}": ${JSON.stringify(param)}`)
      const body = params.length > 0 ? `{\n${params.join(',\n')}\n    }` : '{}'
      return `    "${name}": { "returns": ${JSON.stringify(method.returns)}, "params": ${body} }`
    })
  return `{\n  "source": "@grammyjs/types ${version}",\n  "methods": {\n${blocks.join(',\n')}\n  }\n}\n`
}

const manifest = createRequire(import.meta.url).resolve('@grammyjs/types/package.json')
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }
const methods = extractMethods()
const text = render(version, methods)
const count = Object.keys(methods).length

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
