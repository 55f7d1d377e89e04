import type { MessageStyle } from '#contract/words.ts'
import type { Random } from '#server/base/random.ts'
import type { Template } from '#server/modules/templates/index.ts'

/** One wording a planner may choose: a variant of a template, in all its languages. */
export interface Arm {
  /** `<template id>:<variant>`: what the learner compares. */
  readonly key: string
  readonly templateId: number
  readonly variant: string
  readonly weight: number
}

/** An arm with the chance it had among those that were eligible: what off-policy evaluation needs. */
export interface ChosenArm extends Arm {
  readonly propensity: number
}

/** The arms of one template with a weight above 0. */
export const armsOf = (template: Pick<Template, 'id' | 'variants'>): readonly Arm[] => {
  const arms = new Map<string, Arm>()
  for (const { name, weight } of template.variants) {
    if (weight === 0 || arms.has(name)) continue
    arms.set(name, { key: `${template.id}:${name}`, templateId: template.id, variant: name, weight })
  }
  return [...arms.values()]
}

/** The arms of the templates that may be sent unasked, by style. */
export const armsByStyle = (templates: readonly Template[]): ReadonlyMap<MessageStyle, readonly Arm[]> => {
  const byStyle = new Map<MessageStyle, Arm[]>()
  for (const template of templates) {
    if (template.state !== 'approved' || template.messageClass !== 'commercial' || template.style === null) continue
    byStyle.set(template.style, [...(byStyle.get(template.style) ?? []), ...armsOf(template)])
  }
  return byStyle
}

/** One of `arms` by weight, leaving out what the contact was told lately; null when nothing fresh is left. */
export const chooseArm = (arms: readonly Arm[], stale: ReadonlySet<string>, random: Random): ChosenArm | null => {
  const fresh = arms.filter((arm) => !stale.has(arm.key))
  const total = fresh.reduce((sum, arm) => sum + arm.weight, 0)
  if (total === 0) return null
  let rest = random.next() * total
  for (const arm of fresh) {
    rest -= arm.weight
    if (rest < 0) return { ...arm, propensity: arm.weight / total }
  }
  const last = fresh.at(-1)
  return last ? { ...last, propensity: last.weight / total } : null
}
