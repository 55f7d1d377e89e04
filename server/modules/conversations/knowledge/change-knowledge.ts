import type { Locale } from '#contract/words.ts'
import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { lockSubscription } from '#server/modules/billing/index.ts'
import { type ActingPerson, getOwnTenant, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { lockVoice } from '../account-setting.store.ts'
import { findPersona } from '../persona.store.ts'
import {
  type KnowledgeFile,
  checkKnowledgeText,
  kindOfFile,
  readKnowledgeText,
  requireKnowledgeRoom,
} from './knowledge.rules.ts'
import {
  deleteKnowledge,
  insertKnowledge,
  selectKnowledge,
  selectKnowledgeText,
  selectKnowledgeVersions,
} from './knowledge.store.ts'
import { splitKnowledge } from './split-knowledge.rules.ts'

export interface KnowledgeInput {
  readonly accountId: number
  /** With its ending, which says what it is: `iade.md`. A file of this name is replaced. */
  readonly name: string
  /** UTF-8. */
  readonly bytes: Uint8Array
  /** Whose dictionary it is searched with; the persona's, or the tenant's, when left out. */
  readonly language?: Locale
}

/**
 * Takes a file into what the persona knows, or replaces the one of that name as a new version; the same text again
 * changes nothing. Locks the subscription, then the account's voice. Errors: `forbidden/not_allowed`, `not_found`,
 * those of `kindOfFile`, `readKnowledgeText`, `checkKnowledgeText`, `splitKnowledge` and `requireKnowledgeRoom`.
 */
export const addKnowledge = async (
  tx: TenantTx,
  { accountId, name, bytes, language: given }: KnowledgeInput,
  { by, access, at }: ActingPerson,
): Promise<KnowledgeFile> => {
  requireCan(access, 'personas.edit')
  await getAccount(tx, accountId)
  const kind = kindOfFile(name)
  const { package: packageName } = await lockSubscription(tx)
  await lockVoice(tx, accountId)
  const held = (await selectKnowledge(tx, accountId)).filter((file) => file.name !== name)
  // Sizes are looked at before anything is read.
  requireKnowledgeRoom(packageName, bytes.byteLength, {
    files: held.length,
    bytes: held.reduce((sum, { byteCount }) => sum + byteCount, 0),
  })
  const content = readKnowledgeText(bytes)
  checkKnowledgeText(content)
  const passages = splitKnowledge(kind, content)
  const language = given ?? (await findPersona(tx, accountId))?.language ?? (await getOwnTenant(tx)).locale
  const [before] = await selectKnowledgeVersions(tx, accountId, name)
  if (before?.language === language && (await selectKnowledgeText(tx, before.id)) === content) return before
  const version = (before?.version ?? 0) + 1
  const file = {
    accountId,
    name,
    version,
    kind,
    language,
    content,
    byteCount: bytes.byteLength,
    addedBy: by,
    addedAt: at,
  }
  await insertKnowledge(tx, file, passages)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: version === 1 ? 'knowledge.added' : 'knowledge.replaced',
    target: `account:${accountId}`,
    detail: { name, version, bytes: bytes.byteLength, passages: passages.length },
    at,
  })
  const [added] = await selectKnowledgeVersions(tx, accountId, name)
  if (!added) throw new Error('a file that was just added is gone')
  return added
}

/**
 * Forgets a file, with all its versions. Locks the account's voice. Errors: `forbidden/not_allowed`, `not_found`.
 */
export const removeKnowledge = async (
  tx: TenantTx,
  { accountId, name }: { readonly accountId: number; readonly name: string },
  { by, access, at }: ActingPerson,
): Promise<void> => {
  requireCan(access, 'personas.edit')
  await lockVoice(tx, accountId)
  if (!(await deleteKnowledge(tx, accountId, name))) throw notFound('knowledge', name)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'knowledge.removed',
    target: `account:${accountId}`,
    detail: { name },
    at,
  })
}
