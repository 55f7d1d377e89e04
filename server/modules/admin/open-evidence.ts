import { AppError, notFound } from '#server/base/errors.ts'
import { type FileType, fileTypeOf } from '#server/base/file-type.ts'
import type { SecretBox } from '#server/base/secret.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import type { TelegramFiles } from '#server/gateways/telegram/files.ts'
import { findPanelAccount, openAccount } from '#server/modules/accounts/index.ts'
import { getPayment } from '#server/modules/billing/index.ts'
import { type Access, requireCan } from '#server/modules/tenancy/index.ts'

export interface EvidenceDeps {
  readonly db: Db
  readonly box: SecretBox
  /** Null where Telegram's files cannot be fetched. */
  readonly files: TelegramFiles | null
}

export interface Evidence {
  readonly type: FileType
  readonly bytes: Uint8Array
}

/** A photo of a receipt has far less; nothing larger is held in memory for one look. */
const EVIDENCE_BYTES_MAX = 10 * 1024 * 1024

/**
 * The photo or file that a claim was made with, fetched from Telegram by the panel bot, which was given it. What it is
 * is read from its first bytes. Errors: `forbidden/not_allowed`, `not_found` (payment, evidence),
 * `unavailable/evidence_unreadable`, `conflict` with `evidence_size` or `evidence_type`.
 */
export const openEvidence = async (
  { db, box, files }: EvidenceDeps,
  paymentId: number,
  access: Access,
): Promise<Evidence> => {
  requireCan(access, 'payments.view')
  const { payment, panel } = await asOperator(db, 'evidence of a claim', async (tx) => ({
    payment: await getPayment(tx, { id: paymentId }),
    panel: await findPanelAccount(tx),
  }))
  const { evidenceFileId, reference } = payment
  if (evidenceFileId === null) throw notFound('evidence', reference)
  const unreadable = new AppError('unavailable', 'evidence_unreadable', { reference })
  if (files === null || panel === null) throw unreadable
  const file = await files.download(await openAccount({ db, box }, panel.id), evidenceFileId, EVIDENCE_BYTES_MAX)
  if (file.kind !== 'done') throw unreadable
  const bytes = file.value
  if (bytes === null) throw new AppError('conflict', 'evidence_size', { max: EVIDENCE_BYTES_MAX / 1024 / 1024 })
  const type = fileTypeOf(bytes)
  if (type === null) throw new AppError('conflict', 'evidence_type', { reference })
  return { type, bytes }
}
