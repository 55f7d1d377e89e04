import type { Locale } from '#contract/words.ts'
import { AppError, invalid, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { auditCampaign, getCampaign } from '#server/modules/campaigns/index.ts'
import {
  type Template,
  type TemplateVariant,
  assertLintsClean,
  findVariant,
  getTemplate,
  renderVariant,
} from '#server/modules/templates/index.ts'
import { type ActingPerson, getOwnTenant, listMembers, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { createReply } from './reply.store.ts'
import { type TestRecipient, findTestRecipient } from './test-recipient.store.ts'

export interface TestSend {
  readonly campaignId: number
  /** From 0; the first when not given. */
  readonly step?: number
  /** Name of a variant; the first with a weight when not given. */
  readonly variant?: string
}

export interface TemplateTestSend {
  readonly templateId: number
  readonly accountId: number
  /** Name of a variant; the first with a weight when not given. */
  readonly variant?: string
  /** The language of the wording; the member's own when not given. */
  readonly locale?: Locale
}

/** So that nobody takes a trial for the real thing. */
const LABEL = '[TEST] '

/** The acting member as the account knows them. Errors: as {@link testSendCampaign}. */
const findMe = async (tx: TenantTx, accountId: number, actor: ActingPerson) => {
  const member = (await listMembers(tx)).find(({ id }) => `member:${id}` === actor.by)
  if (!member) throw invalid('test_send_no_member', '--member')
  const account = await getAccount(tx, accountId)
  const recipient = await findTestRecipient(tx, accountId, member.telegramId)
  if (!recipient || !recipient.hasStarted) {
    const link = account.username === null ? account.displayName : `https://t.me/${account.username}`
    throw new AppError('conflict', 'test_send_not_started', { field: 'member', account: accountId, link })
  }
  if (recipient.reachability !== 'reachable')
    throw new AppError('conflict', 'test_send_blocked', { field: 'member', reachability: recipient.reachability })
  return { member, recipient }
}

const chooseVariant = async (
  tx: TenantTx,
  template: Template,
  { variant: wanted, locale }: Pick<TemplateTestSend, 'variant' | 'locale'>,
  languageCode: string | null,
): Promise<TemplateVariant> => {
  const name = wanted ?? template.variants.find(({ weight }) => weight > 0)?.name ?? ''
  const variant = findVariant(template, name, locale ?? languageCode, (await getOwnTenant(tx)).locale)
  if (!variant) throw notFound('variant', name)
  return variant
}

interface Trial {
  readonly accountId: number
  readonly telegramId: number
  readonly recipient: TestRecipient
  readonly variant: TemplateVariant
  readonly dedupeKey: string
  readonly at: number
}

/** The delivery's id; null when the very same was sent in the same instant. */
const sendTrial = async (tx: TenantTx, trial: Trial): Promise<number | null> => {
  const { accountId, recipient, variant, telegramId, dedupeKey, at } = trial
  const { senderName } = await getOwnTenant(tx)
  const message = renderVariant(variant, recipient, { senderName })
  return createReply(tx, {
    accountId,
    contactId: recipient.contactId,
    chatId: telegramId,
    text: `${LABEL}${message.text}`,
    buttons: message.buttons,
    ...(message.media && { media: message.media }),
    source: 'system',
    messageClass: 'transactional',
    isHuman: false,
    dedupeKey,
    at,
  })
}

/**
 * Sends a campaign's message to whoever asks, and to nobody else: the acting member's own Telegram account, if they have
 * started the bot. It goes through the guard as a service message, is labelled, and counts neither for the campaign nor
 * as advertising. Returns the delivery's id. Audited. Errors: `forbidden/not_allowed`, `not_found`,
 * `invalid/test_send_no_member` for anybody but a member, `conflict/test_send_not_started`, `conflict/test_send_blocked`.
 */
export const testSendCampaign = async (tx: TenantTx, input: TestSend, actor: ActingPerson): Promise<number> => {
  requireCan(actor.access, 'campaigns.edit')
  const { id: campaign, accountId, steps } = await getCampaign(tx, input.campaignId)
  const { member, recipient } = await findMe(tx, accountId, actor)
  const step = steps[input.step ?? 0]
  if (!step) throw invalid('whole_number_expected', 'step', { given: String(input.step), min: 1, max: steps.length })
  const template = await getTemplate(tx, step.templateId)
  const variant = await chooseVariant(tx, template, input, recipient.languageCode)
  const id = await sendTrial(tx, {
    accountId,
    telegramId: member.telegramId,
    recipient,
    variant,
    dedupeKey: `campaign.test:${campaign}:${input.step ?? 0}:${variant.name}:${member.id}:${actor.at}`,
    at: actor.at,
  })
  await auditCampaign(tx, 'campaign.tested', campaign, actor, { step: (input.step ?? 0) + 1, variant: variant.name })
  if (id === null) throw new AppError('conflict', 'campaign_test_repeated', { field: 'campaign', campaign })
  return id
}

/**
 * Sends a template as it is saved, approved or not, to the acting member alone, as {@link testSendCampaign} does. Returns
 * the delivery's id. Audited. Errors: those of {@link testSendCampaign}, `conflict/template_test_repeated`,
 * `invalid/template_lint` while its wording is at fault.
 */
export const testSendTemplate = async (tx: TenantTx, input: TemplateTestSend, actor: ActingPerson): Promise<number> => {
  requireCan(actor.access, 'templates.edit')
  const { accountId } = input
  const { member, recipient } = await findMe(tx, accountId, actor)
  const template = await getTemplate(tx, input.templateId)
  assertLintsClean(template, (await getOwnTenant(tx)).senderName)
  const variant = await chooseVariant(tx, template, input, recipient.languageCode)
  const key = `${template.id}:${variant.name}:${variant.locale}:${member.id}:${actor.at}`
  const id = await sendTrial(tx, {
    accountId,
    telegramId: member.telegramId,
    recipient,
    variant,
    dedupeKey: `template.test:${key}`,
    at: actor.at,
  })
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: actor.by,
    action: 'template.tested',
    target: `template:${template.id}`,
    detail: { variant: variant.name, locale: variant.locale },
    at: actor.at,
  })
  if (id === null) throw new AppError('conflict', 'template_test_repeated', { field: 'id', template: template.id })
  return id
}
