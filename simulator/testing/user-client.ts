import { MemoryStorage, networkMiddlewares, TelegramClient } from '@mtcute/node'
import { addPublicKey, NodeCryptoProvider } from '@mtcute/node/utils.js'
import type { ITelegramStorageProvider } from '@mtcute/core'
import type { Simulator } from '#simulator/index.ts'

export type UserClientOptions = {
  readonly storage?: ITelegramStorageProvider
  /** Listens to pushed updates; off by default. */
  readonly isListening?: boolean
}

/** An unmodified mtcute client of the simulated Telegram. Destroy it when done. */
export async function createUserClient(
  simulator: Simulator,
  { storage = new MemoryStorage(), isListening = false }: UserClientOptions = {},
): Promise<TelegramClient> {
  const face = simulator.mtproto
  if (!face) throw new Error('start the simulator with mtproto: true')
  const crypto = new NodeCryptoProvider()
  await crypto.initialize()
  addPublicKey(crypto, face.publicKey)
  const dc = { id: 2, ipAddress: face.host, port: face.port }
  return new TelegramClient({
    apiId: 1,
    apiHash: 'hash',
    logLevel: 0,
    storage,
    crypto,
    disableUpdates: !isListening,
    defaultDcs: { main: dc, media: dc },
    network: {
      middlewares: networkMiddlewares.basic({
        floodWaiter: { maxWait: 0, maxRetries: 0, store: false },
        internalErrors: { maxRetries: 1, waitTime: 0, exceptErrors: ['RANDOM_ID_DUPLICATE'] },
      }),
    },
  })
}
