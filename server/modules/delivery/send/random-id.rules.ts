import { createHmac } from 'node:crypto'

import type { NumberSend } from '../guard/reserve-slots.ts'

/**
 * Numbers the sends of user accounts: the second in which the send begins in the upper half, as Telegram asks
 * (RANDOM_ID_EXPIRED), and below it 32 bits that nobody without `key` can tell.
 */
export const numberSends =
  (key: Uint8Array): NumberSend =>
  (deliveryId, at) => {
    const digest = createHmac('sha256', key).update(`${deliveryId}:${at}`).digest()
    return BigInt.asIntN(64, (BigInt(Math.floor(at / 1_000)) << 32n) | BigInt(digest.readUInt32BE(0)))
  }
