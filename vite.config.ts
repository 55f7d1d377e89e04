import { existsSync } from 'node:fs'
import path from 'node:path'

import react from '@vitejs/plugin-react'
import { type IndexHtmlTransformContext, type Plugin, type Rolldown, defineConfig } from 'vite'

import { api } from './contract/api.ts'

/** A browser needs methods and paths of the contract; its schemas, and the library that makes them, stay on the server. */
const routesOnly = (): Plugin => ({
  name: 'routes-only',
  enforce: 'pre',
  load: (id) => {
    if (!id.endsWith('/contract/api.ts')) return null
    const rooms = Object.entries(api).map(([room, routes]) => [
      room,
      Object.fromEntries(Object.entries(routes).map(([name, { method, path }]) => [name, { method, path }])),
    ])
    return `export const api = ${JSON.stringify(Object.fromEntries(rooms))}`
  },
})

/** A component of the library brings its own styles along, so that a screen loads those of what it shows and no others. */
const stylesOfUsed = (): Plugin => ({
  name: 'styles-of-used',
  enforce: 'pre',
  transform: (code, id) => {
    const name = /\/@mantine\/core\/esm\/.*\/([\w-]+)\.module\.mjs$/.exec(id)?.[1]
    const file = path.resolve('node_modules', '@mantine', 'core', 'styles', `${name}.css`)
    return name !== undefined && existsSync(file) ? `import '@mantine/core/styles/${name}.css'\n${code}` : null
  },
})

type OutputBundle = NonNullable<IndexHtmlTransformContext['bundle']>

const stylesOf = (chunk: OutputBundle[string] | undefined): readonly string[] =>
  chunk?.type === 'chunk' ? [...(chunk.viteMetadata?.importedCss ?? [])] : []

/** A chunk with all that it needs at once. */
const withImports = (bundle: OutputBundle, fileName: string, seen = new Set<string>()): ReadonlySet<string> => {
  const chunk = bundle[fileName]
  if (chunk?.type !== 'chunk' || seen.has(fileName)) return seen
  seen.add(fileName)
  for (const imported of chunk.imports) withImports(bundle, imported, seen)
  return seen
}

/**
 * The page names what its first script will import, and its styles, so that the browser fetches them in the same moment.
 * The import waits for the styles; what the page itself shows until then does not.
 */
const nameFirstLook = (module: string): Plugin => ({
  name: 'name-first-look',
  transformIndexHtml: {
    order: 'post',
    handler: (html, { bundle = {} }) => {
      const drawn = Object.values(bundle).find(
        (chunk) => chunk.type === 'chunk' && chunk.moduleIds.some((id) => id.endsWith(module)),
      )
      if (!drawn) return html
      const chunks = [...withImports(bundle, drawn.fileName)]
      const styles = new Set(chunks.flatMap((name) => stylesOf(bundle[name])))
      const tags = [
        ...chunks.map((name) => ({ rel: 'modulepreload', href: `/app/${name}` })),
        ...[...styles].map((name) => ({ rel: 'preload', as: 'style', href: `/app/${name}` })),
      ]
        .filter(({ href }) => !html.includes(href))
        .map((link) => ({ tag: 'link', attrs: { ...link, crossorigin: true }, injectTo: 'head' as const }))
      // What asks for everything else comes before what only draws it.
      return { html: html.replace('<script type="module"', '$& fetchpriority="high"'), tags }
    },
  },
})

/** What every page needs of libraries comes in one file and not in many. */
const LIBRARIES = {
  name: 'base',
  test: /node_modules\/(?:react|react-dom|scheduler|i18next|react-i18next|@tanstack)\//,
} as const

/** The pages: the web panel unless the mode says which. */
const PAGES = {
  panel: { root: 'web/dashboard', base: '/app/', outDir: '../../dist/web' },
  mini: { root: 'web/miniapp', base: '/mini/', outDir: '../../dist/mini' },
} as const

/** A file costs a phone a way there and back where a server speaks HTTP/1.1: few, of what is always needed together. */
const GROUPS: Readonly<Record<keyof typeof PAGES, Rolldown.CodeSplittingGroup[]>> = {
  panel: [
    { name: 'first', tags: ['$initial'], priority: 4 },
    { ...LIBRARIES, priority: 3 },
    { name: 'panel', test: /web\/dashboard\/draw\.tsx$/, priority: 2 },
    { name: 'home', test: /web\/(?:dashboard\/home|features\/contacts\/contacts)\.tsx$/, priority: 1 },
  ],
  mini: [LIBRARIES],
}

/** The web panel and the Mini App: built once at the first start, served by the server under /app/ and /mini/. */
export default defineConfig(({ mode }) => {
  const page = mode === 'mini' ? 'mini' : 'panel'
  const { root, base, outDir } = PAGES[page]
  return {
    root,
    base,
    plugins: [routesOnly(), stylesOfUsed(), react(), nameFirstLook('/dashboard/draw.tsx')],
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2022',
      reportCompressedSize: false,
      rolldownOptions: {
        output: {
          codeSplitting: { groups: GROUPS[page] },
        },
      },
    },
    // A screen that is worked on asks the server that runs beside it.
    server: { proxy: { '/api': 'http://localhost:8080', '/enter': 'http://localhost:8080' } },
  }
})
