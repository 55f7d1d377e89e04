import { existsSync } from 'node:fs'
import path from 'node:path'

import helmet from '@fastify/helmet'
import statics from '@fastify/static'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'

import { AppError } from '#server/base/errors.ts'

import { isHttps } from './request.ts'

export interface WebFilesDeps {
  /** The folder of the built panel, and that of the Mini App. */
  readonly folder: string
  readonly miniFolder: string
  readonly publicUrl: string | null
}

/**
 * The web panel under `/app/` and the Mini App under `/mini/`: their files, and their page for every address below that is
 * no file. Nothing is loaded from elsewhere; Telegram's own pages alone may frame them. Errors: `unavailable/web_not_built`.
 */
export const webFiles =
  ({ folder, miniFolder, publicUrl }: WebFilesDeps): FastifyPluginAsync =>
  async (app) => {
    await app.register(helmet, {
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'self'"],
          // The components set sizes and colours as inline styles.
          styleSrc: ["'self'", "'unsafe-inline'"],
          imgSrc: ["'self'", 'data:', 'blob:'],
          objectSrc: ["'none'"],
          baseUri: ["'none'"],
          formAction: ["'self'"],
          frameAncestors: ["'self'", 'https://web.telegram.org'],
        },
      },
      xFrameOptions: false,
      strictTransportSecurity: isHttps(publicUrl),
      referrerPolicy: { policy: 'same-origin' },
    })
    app.get('/', (_request, reply) => reply.redirect('/app/'))
    await servePage(app, '/app/', folder)
    await servePage(app, '/mini/', miniFolder)
  }

/** One page under `prefix`, with the files beside it. */
const servePage = async (app: FastifyInstance, prefix: string, folder: string): Promise<void> => {
  if (existsSync(path.join(folder, 'assets')))
    await app.register(statics, {
      root: path.join(folder, 'assets'),
      prefix: `${prefix}assets/`,
      // Their names change with what is in them.
      immutable: true,
      maxAge: '1y',
      // The build packs them.
      preCompressed: true,
      decorateReply: !app.hasReplyDecorator('sendFile'),
    })
  app.get<{ Params: { '*': string } }>(`${prefix}*`, async (request, reply) => {
    const name = request.params['*']
    const isFile = /^[\w.-]+[.](?:svg|png|webmanifest|js)$/.test(name) && existsSync(path.join(folder, name))
    if (!existsSync(path.join(folder, 'index.html'))) throw new AppError('unavailable', 'web_not_built')
    return reply.header('cache-control', 'no-cache').sendFile(isFile ? name : 'index.html', folder)
  })
}
