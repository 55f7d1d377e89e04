import type { Random } from '#server/base/random.ts'
import type { RawCallback } from '#server/gateways/payments/payment-provider.ts'

/** Callbacks as a network delivers them: some lost, some repeated up to three times, in any order. */
export const deliverBadly = (callbacks: readonly RawCallback[], random: Random): readonly RawCallback[] => {
  const out = callbacks.flatMap((callback) => Array.from({ length: Math.floor(random.next() * 4) }, () => callback))
  for (let i = out.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random.next() * (i + 1))
    const [a, b] = [out[i], out[j]]
    if (a && b) [out[i], out[j]] = [b, a]
  }
  return out
}
