import { createHash } from 'node:crypto'

import type { OwnSegment } from '#server/modules/segments/index.ts'
import type { Template } from '#server/modules/templates/index.ts'

import type { CampaignSettings } from './campaign.rules.ts'

/** Nothing where there is nothing, so that the marks of campaigns without own segments stay what they were. */
const ownPart = <T>(own: readonly T[]): readonly (readonly T[])[] => (own.length === 0 ? [] : [own])

/** A mark of what a campaign is set to: any other setting, its name too, gives another mark. The same on every machine. */
export const settingsVersion = (settings: CampaignSettings): string => {
  const { name, kind, accountId, audience, steps, startsAt, endsAt, holdoutRatio, goal } = settings
  const { pins, bestChats, takesLateJoiners } = settings
  const lists = [audience.segments, audience.tags, audience.chats, ...ownPart(audience.own)]
  const wanted = steps.map(({ templateId, afterHours, stopOn }) => [templateId, afterHours, stopOn ?? null])
  const aim = goal === null ? null : [goal.kind, goal.target, goal.stops]
  const rest = [name, kind, accountId, startsAt, endsAt, holdoutRatio, pins, bestChats, takesLateJoiners]
  return createHash('sha256')
    .update(JSON.stringify([rest, lists, wanted, aim]))
    .digest('hex')
    .slice(0, 32)
}

/**
 * What an approval holds for: everything people would get and who they are. Another wording, another audience, other
 * conditions of one of its own segments or another end gives another version; a new name does not. The same on every machine.
 */
export const campaignVersion = (
  settings: CampaignSettings,
  templates: readonly Template[],
  ownSegments: readonly Pick<OwnSegment, 'id' | 'conditions'>[],
): string => {
  const wordings = settings.steps.map(({ templateId }) => {
    const template = templates.find(({ id }) => id === templateId)
    const variants = (template?.variants ?? []).toSorted((a, b) =>
      `${a.name}/${a.locale}` < `${b.name}/${b.locale}` ? -1 : 1,
    )
    return [
      template?.messageClass,
      variants.map(({ name, locale, text, media, buttons, weight }) => [name, locale, text, media, buttons, weight]),
    ]
  })
  const { segments, tags, chats } = settings.audience
  const own = ownSegments.toSorted((a, b) => a.id - b.id).map(({ id, conditions }) => [id, conditions])
  const audience = [segments.toSorted(), tags.toSorted(), chats.toSorted((a, b) => a - b), ...ownPart(own)]
  const steps = settings.steps.map(({ templateId, afterHours, stopOn }) => [templateId, afterHours, stopOn ?? null])
  const { kind, accountId, startsAt, endsAt, holdoutRatio, goal, pins, bestChats, takesLateJoiners } = settings
  const aim = goal === null ? null : [goal.kind, goal.target, goal.stops]
  const rest = [kind, accountId, startsAt, endsAt, holdoutRatio, aim, pins, bestChats, takesLateJoiners]
  return createHash('sha256')
    .update(JSON.stringify([rest, audience, steps, wordings]))
    .digest('hex')
}
