import { AppError } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type Template, getTemplate, listTemplates, writeTemplate } from '#server/modules/templates/index.ts'
import { type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'

import { campaignReport } from './report-campaign.ts'
import { findWinner } from './winner.rules.ts'

const NAME_MAX = 100
const LISTED = 500

type Content = Pick<Template, 'messageClass' | 'slotBriefs' | 'variants'>

/** What people would get of it, whatever it is called. */
const contentOf = ({ messageClass, slotBriefs, variants }: Content): string =>
  JSON.stringify([
    messageClass,
    slotBriefs,
    variants
      .toSorted((a, b) => (a.locale < b.locale ? -1 : 1))
      .map(({ name, locale, text, media, buttons }) => [name, locale, text, media, buttons]),
  ])

/**
 * The message with nothing but the wording that won a campaign, in all its languages as they stand now: one that says exactly
 * that already, else a new draft. Audited. Errors: `forbidden/not_allowed` without the right to write messages, `not_found`,
 * `conflict/campaign_no_winner` where none is proven, `conflict/campaign_winner_gone` where the message lost that wording, and
 * those of `createTemplate`.
 */
export const takeWinner = async (tx: TenantTx, campaignId: number, actor: ActingPerson): Promise<Template> => {
  requireCan(actor.access, 'templates.edit')
  const winner = findWinner((await campaignReport(tx, campaignId, actor.at)).byVariant)
  if (winner === null) throw new AppError('conflict', 'campaign_no_winner', { campaign: campaignId })
  const { name, messageClass, style, slotBriefs, variants } = await getTemplate(tx, winner.templateId)
  const won = variants.filter((wording) => wording.name === winner.variant)
  if (won.length === 0)
    throw new AppError('conflict', 'campaign_winner_gone', { campaign: campaignId, variant: winner.variant })
  const wanted = { messageClass, slotBriefs, variants: won.map((wording) => ({ ...wording, weight: 1 })) }
  const others = await listTemplates(tx, { limit: LISTED })
  const same = others.find((template) => template.state !== 'archived' && contentOf(template) === contentOf(wanted))
  if (same) return same
  const taken = new Set(others.map((template) => template.name))
  const nameAt = (n: number): string => {
    const end = ` · ${winner.variant}${n === 1 ? '' : ` ${n}`}`
    return `${name.slice(0, NAME_MAX - end.length)}${end}`
  }
  let n = 1
  while (taken.has(nameAt(n))) n += 1
  return writeTemplate(tx, { ...wanted, name: nameAt(n), style }, actor)
}
