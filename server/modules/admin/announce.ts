import { AppError, invalid, notFound } from '#server/base/errors.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import {
  type Announcement,
  type Audience,
  insertAnnouncement,
  lockAnnouncement,
  saveConfirmation,
  selectAnnouncement,
  selectOwners,
} from './announcement.store.ts'
import { noticePerson } from './record-notices.ts'

const TEXT_MAX = 3_000

export interface AnnouncementDraft {
  readonly announcement: Announcement
  readonly audience: Audience
}

/**
 * Writes what is to be told to the owners of one tenant, or of all (null), without telling it yet: its author looks at it
 * first. Idempotent by reference. Errors: `forbidden/not_allowed`, `invalid/text_length` (1–3000),
 * `invalid/announcement_nobody` when nobody can be reached.
 */
export const draftAnnouncement = async (
  tx: OperatorTx,
  input: {
    readonly tenantId: number | null
    readonly text: string
    readonly authorId: number
    readonly reference: string
  },
  { access, at }: ActingPerson,
): Promise<AnnouncementDraft> => {
  requireCan(access, 'installation.message')
  const text = input.text.trim()
  if (text.length === 0 || text.length > TEXT_MAX)
    throw invalid('text_length', 'text', { min: 1, max: TEXT_MAX, length: text.length })
  const audience = await selectOwners(tx, input.tenantId)
  if (audience.recipients.length === 0)
    throw invalid('announcement_nobody', 'tenant', { unreachable: audience.unreachable, muted: audience.muted })
  const { tenantId, authorId: createdBy, reference } = input
  return {
    announcement: await insertAnnouncement(tx, { tenantId, text, createdBy, createdAt: at, reference }),
    audience,
  }
}

/**
 * Tells a draft to everybody it is for, through notices; a second confirmation, also of somebody else at the same time,
 * tells nobody again. Audited without the text. Errors: `forbidden/not_allowed`, `not_found`.
 */
export const confirmAnnouncement = async (
  tx: OperatorTx,
  id: number,
  { by, access, at }: ActingPerson,
): Promise<{ readonly announcement: Announcement; readonly told: number }> => {
  requireCan(access, 'installation.message')
  const draft = await lockAnnouncement(tx, id)
  if (!draft) throw notFound('announcement', id)
  if (draft.confirmedAt !== null) return { announcement: draft, told: 0 }
  if (draft.text === null) throw new AppError('conflict', 'announcement_old', { id })
  const { recipients } = await selectOwners(tx, draft.tenantId)
  for (const recipient of recipients) {
    const told = { kind: 'announcement', dedupeKey: `announcement:${id}`, groupKey: `announcement:${id}` } as const
    await noticePerson(tx, recipient, { ...told, params: { announcement: id } }, at)
  }
  await saveConfirmation(tx, id, recipients.length, at)
  await recordAudit(tx, {
    tenantId: draft.tenantId,
    actor: by,
    action: 'announcement.sent',
    target: `announcement:${id}`,
    detail: { recipients: recipients.length },
    at,
  })
  return { announcement: { ...draft, confirmedAt: at, recipients: recipients.length }, told: recipients.length }
}

/** An announcement's text for the notice that brings it; null when there is none any more. */
export const findAnnouncementText = async (tx: OperatorTx, id: number): Promise<string | null> =>
  (await selectAnnouncement(tx, id))?.text ?? null
