// The generator draws its files with the compiler's API, which TypeScript 7 does not have: it is given the one that has.
import { registerHooks } from 'node:module'

registerHooks({ resolve: (name, context, next) => next(name === 'typescript' ? 'typescript6' : name, context) })
