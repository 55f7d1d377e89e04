import type { Trigger } from './funnel.rules.ts'

import { type FunnelEffect, type FunnelPosition, advance, startPosition } from './advance.rules.ts'
import { type BuyingWish, findBuyingWish } from './buying-intent.rules.ts'
import type { FunnelDefinition } from './funnel.rules.ts'

export interface PreviewStep {
  readonly text: string
  readonly wish: BuyingWish | null
  /** The stages passed, the one before first. */
  readonly stages: readonly string[]
  readonly whys: readonly Trigger[]
  readonly does: readonly FunnelEffect['does'][]
}

/** What would come of these words, one after the other, said by somebody new. Nothing is kept and nothing is said. */
export const previewFunnel = (
  definition: FunnelDefinition,
  texts: readonly string[],
  { catalogue, at }: { readonly catalogue: readonly string[]; readonly at: number },
): readonly PreviewStep[] => {
  let position: FunnelPosition = startPosition(definition, at)
  return texts.map((text) => {
    const wish = findBuyingWish(text, catalogue)
    const product = wish?.products[0] ?? null
    const person = { segments: [], tags: [] }
    const next = advance(definition, position, { kind: 'words', intent: wish?.intent ?? null, product, person, at })
    const before = position.stage
    ;({ position } = next)
    return {
      text,
      wish,
      stages: [before, ...next.steps.map(({ to }) => to)],
      whys: next.steps.map(({ why }) => why),
      does: next.effects.map(({ does }) => does),
    }
  })
}
