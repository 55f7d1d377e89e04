import { existsSync } from 'node:fs'
import path from 'node:path'

import react from '@vitejs/plugin-react'
import { type Plugin, defineConfig } from 'vite'

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

/** The pages: the web panel unless the mode says which. */
const PAGES = {
  panel: { root: 'web/dashboard', base: '/app/', outDir: '../../dist/web' },
  mini: { root: 'web/miniapp', base: '/mini/', outDir: '../../dist/mini' },
} as const

/** The web panel and the Mini App: built once at the first start, served by the server under /app/ and /mini/. */
export default defineConfig(({ mode }) => {
  const { root, base, outDir } = mode === 'mini' ? PAGES.mini : PAGES.panel
  return {
    root,
    base,
    plugins: [routesOnly(), stylesOfUsed(), react()],
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2022',
      reportCompressedSize: false,
      rolldownOptions: {
        output: {
          // What every page needs of libraries comes in one file and not in many.
          codeSplitting: {
            groups: [
              { name: 'base', test: /node_modules\/(?:react|react-dom|scheduler|i18next|react-i18next|@tanstack)\// },
            ],
          },
        },
      },
    },
    // A screen that is worked on asks the server that runs beside it.
    server: { proxy: { '/api': 'http://localhost:8080', '/enter': 'http://localhost:8080' } },
  }
})
