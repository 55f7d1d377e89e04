// Lets the Mini App be opened in a browser from the demo: its Telegram signs launches with a key of this process alone.
import { type KeyObject, generateKeyPairSync } from 'node:crypto'

import type { Config } from './config.ts'

/**
 * A pair that lives as long as the process. Nobody else has its private half, so a demo that others can reach lets in
 * nobody whom its own Telegram did not vouch for; real launches are checked with Telegram's key wherever there is no demo.
 */
export const makeLaunchKey = (): { readonly privateKey: KeyObject; readonly publicHex: string } => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const { x = '' } = publicKey.export({ format: 'jwk' })
  return { privateKey, publicHex: Buffer.from(x, 'base64url').toString('hex') }
}

/** The settings of a demo whose panel bot lives in its own Telegram; those of one with a real panel bot stay. */
export const withLaunchKey = (config: Config, publicHex: string): Config =>
  config.panelBotToken === null ? { ...config, telegramMiniAppKey: publicHex } : config
