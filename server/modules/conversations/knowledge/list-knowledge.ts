import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { type Access, requireCan } from '#server/modules/tenancy/index.ts'

import type { KnowledgeFile } from './knowledge.rules.ts'
import { selectKnowledge, selectKnowledgeVersions, selectPassages } from './knowledge.store.ts'
import type { Passage } from './split-knowledge.rules.ts'

/** The files an account's persona knows, by name. Errors: `forbidden/not_allowed`, `not_found` for the account. */
export const listKnowledge = async (
  tx: TenantTx,
  accountId: number,
  access: Access,
): Promise<readonly KnowledgeFile[]> => {
  requireCan(access, 'personas.view')
  await getAccount(tx, accountId)
  return selectKnowledge(tx, accountId)
}

export interface KnowledgeView {
  readonly file: KnowledgeFile
  /** Kept versions, newest first. */
  readonly versions: readonly KnowledgeFile[]
  readonly passages: readonly Passage[]
}

/** One file with its passages and versions. Errors: `forbidden/not_allowed`, `not_found`. */
export const getKnowledge = async (
  tx: TenantTx,
  { accountId, name }: { readonly accountId: number; readonly name: string },
  access: Access,
): Promise<KnowledgeView> => {
  requireCan(access, 'personas.view')
  const versions = await selectKnowledgeVersions(tx, accountId, name)
  const [file] = versions
  if (!file) throw notFound('knowledge', name)
  return { file, versions, passages: await selectPassages(tx, file.id) }
}
