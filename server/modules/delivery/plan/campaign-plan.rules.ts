import type { CampaignKind, MessageClass } from '#contract/words.ts'
import { HOUR_MS } from '#server/base/duration.ts'
import { AppError } from '#server/base/errors.ts'
import type { Campaign } from '#server/modules/campaigns/index.ts'
import type { Template } from '#server/modules/templates/index.ts'

import { armsOf } from './arm.rules.ts'

/** One wording of one step with the stretch of [0, 1) that chooses it: the stretch is as long as its chance. */
export interface StepArm {
  readonly step: number
  /** Epoch ms. */
  readonly dueAt: number
  readonly templateId: number
  readonly messageClass: MessageClass
  readonly variant: string
  readonly arm: string
  readonly propensity: number
  readonly from: number
  readonly to: number
}

/** Place in the queue among outreach, 1–100: what people wait for goes before what we would like them to hear. */
export const campaignPriority = (kind: CampaignKind, messageClass: MessageClass): number => {
  if (messageClass === 'transactional') return 90
  return { announcement: 70, drip: 65, promo: 60, broadcast: 50 }[kind]
}

/** The instant steps are counted from. */
export const campaignStart = (campaign: Pick<Campaign, 'startsAt' | 'startedAt'>, now: number): number =>
  Math.max(campaign.startsAt ?? Number.NEGATIVE_INFINITY, campaign.startedAt ?? now)

/**
 * The arms of every step, or of those given. Errors: `conflict/template_not_approved` naming the template that is missing or not approved.
 */
export const stepArms = (
  campaign: Campaign,
  templates: readonly Template[],
  now: number,
  wanted?: ReadonlySet<number>,
): readonly StepArm[] => {
  const byId = new Map(templates.map((template) => [template.id, template]))
  const startAt = campaignStart(campaign, now)
  return campaign.steps.flatMap(({ templateId, afterHours }, step) => {
    if (wanted && !wanted.has(step)) return []
    const template = byId.get(templateId)
    const arms = template?.state === 'approved' ? armsOf(template) : []
    if (!template || arms.length === 0) {
      throw new AppError('conflict', 'template_not_approved', {
        field: `steps[${step}].templateId`,
        template: templateId,
      })
    }
    const total = arms.reduce((sum, arm) => sum + arm.weight, 0)
    let before = 0
    return arms.map((arm, i): StepArm => {
      const from = before / total
      before += arm.weight
      return {
        step,
        dueAt: startAt + afterHours * HOUR_MS,
        templateId,
        messageClass: template.messageClass,
        variant: arm.variant,
        arm: arm.key,
        propensity: arm.weight / total,
        from,
        to: i === arms.length - 1 ? 1 : before / total,
      }
    })
  })
}
