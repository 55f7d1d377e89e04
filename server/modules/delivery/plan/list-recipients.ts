import { stringify } from 'csv-stringify/sync'

import { toDate } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { getCampaign } from '#server/modules/campaigns/index.ts'
import { type ActingPerson, maskContact, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { type CampaignRecipient, type RecipientFilter, selectRecipients } from './recipients.store.ts'

/**
 * A page of a campaign's recipients with state and reason, names as whoever asks may see them. Errors:
 * `forbidden/not_allowed`, `not_found`.
 */
export const listRecipients = async (
  tx: TenantTx,
  campaignId: number,
  filter: RecipientFilter,
  { access }: Pick<ActingPerson, 'access'>,
): Promise<readonly CampaignRecipient[]> => {
  requireCan(access, 'campaigns.view')
  await getCampaign(tx, campaignId)
  const recipients = await selectRecipients(tx, campaignId, filter)
  return recipients.map((recipient) => maskContact(access, recipient))
}

export const EXPORT_FORMATS = ['csv', 'json'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

const COLUMNS = [
  'deliveryId',
  'contactId',
  'telegramId',
  'username',
  'firstName',
  'lastName',
  'chatTitle',
  'step',
  'variant',
  'state',
  'reason',
  'isHoldout',
  'dueAt',
  'sentAt',
  'respondedAt',
  'clickedAt',
  'convertedAt',
  'attempts',
] as const satisfies readonly (keyof CampaignRecipient)[]

const PAGE = 1_000

/** So that spreadsheets read names in their own script. */
const BYTE_ORDER_MARK = '\uFEFF'

const isInstant = (column: string): boolean => column.endsWith('At')

/** Steps are numbered from 1 where people read them. */
const cellOf = (recipient: CampaignRecipient, column: (typeof COLUMNS)[number]): string => {
  const value = recipient[column]
  if (value === null) return ''
  if (column === 'step') return String(recipient.step + 1)
  return isInstant(column) && typeof value === 'number' ? toDate(value).toISOString() : String(value)
}

/** A name that begins like a formula does not become one in the spreadsheet that opens the file. */
const csvOf = (recipients: readonly CampaignRecipient[]): string =>
  stringify(
    recipients.map((recipient) => COLUMNS.map((column) => cellOf(recipient, column))),
    { escape_formulas: true },
  )

/** One object a line. */
const jsonOf = (recipients: readonly CampaignRecipient[]): string =>
  recipients
    .map((recipient) =>
      JSON.stringify(
        Object.fromEntries(
          COLUMNS.map((column) => [column, column === 'step' ? recipient.step + 1 : recipient[column]]),
        ),
      ),
    )
    .map((line) => `${line}\n`)
    .join('')

/**
 * All recipients of a campaign as text, in pieces of a thousand: CSV with a header, or one JSON object a line. Who took
 * them out is written down. Errors: `forbidden/not_allowed` without the right to export, `not_found`.
 */
export async function* exportRecipients(
  deps: { readonly db: Db },
  tenantId: number,
  campaignId: number,
  { format, filter = {} }: { readonly format: ExportFormat; readonly filter?: RecipientFilter },
  actor: ActingPerson,
): AsyncGenerator<string> {
  requireCan(actor.access, 'contacts.export')
  await inTenant(deps.db, tenantId, async (tx) => {
    await getCampaign(tx, campaignId)
    await recordAudit(tx, {
      tenantId,
      actor: actor.by,
      action: 'campaign.exported',
      target: `campaign:${campaignId}`,
      detail: { format },
      at: actor.at,
    })
  })
  if (format === 'csv') yield `${BYTE_ORDER_MARK}${COLUMNS.join(',')}\n`
  for (let afterId = 0; ;) {
    const page = await inTenant(deps.db, tenantId, (tx) =>
      listRecipients(tx, campaignId, { ...filter, afterId, limit: PAGE }, actor),
    )
    if (page.length > 0) yield format === 'csv' ? csvOf(page) : jsonOf(page)
    if (page.length < PAGE) return
    afterId = page.at(-1)?.deliveryId ?? Number.MAX_SAFE_INTEGER
  }
}
