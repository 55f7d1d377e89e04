import { invalid } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getChat } from '#server/modules/groups/index.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { DEFAULT_INTERESTS, type InterestGroup, type InterestSet, checkInterests } from './interest.rules.ts'
import { findInterestSet, insertInterestSet, saveChatInterests } from './interest.store.ts'

/** The words in force: the tenant's own, or the product's. */
export const getInterests = async (tx: TenantTx): Promise<InterestSet> =>
  (await findInterestSet(tx)) ?? DEFAULT_INTERESTS

/**
 * Makes these groups the tenant's own, as a new version; messages are read anew by them. Audited. Errors:
 * `forbidden/not_allowed`, those of `checkInterests`.
 */
export const setInterests = async (
  tx: TenantTx,
  groups: readonly InterestGroup[],
  { by, access, at }: ActingPerson,
): Promise<InterestSet> => {
  requireCan(access, 'settings.edit')
  const checked = checkInterests(groups)
  const version = await insertInterestSet(tx, checked, by, at)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'interests.updated',
    target: `version:${version}`,
    detail: { groups: checked.map((group) => group.name).join(' ') },
    at,
  })
  return { version, groups: checked }
}

/**
 * Says which interests a chat is for; none takes it out of proposals. Audited. Errors: `forbidden/not_allowed`,
 * `not_found` (chat), `invalid/unknown_word` for an interest that no group has.
 */
export const setChatInterests = async (
  tx: TenantTx,
  input: { readonly chatId: number; readonly interests: readonly string[] },
  { by, access, at }: ActingPerson,
): Promise<void> => {
  requireCan(access, 'settings.edit')
  const chat = await getChat(tx, input.chatId)
  const names = (await getInterests(tx)).groups.map((group) => group.name)
  const unknown = input.interests.find((interest) => !names.includes(interest))
  if (unknown !== undefined) throw invalid('unknown_word', 'interests', { allowed: names.join(', ') })
  const interests = [...new Set(input.interests)]
  await saveChatInterests(tx, chat.id, interests, by, at)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'chat.interests_updated',
    target: `chat:${chat.id}`,
    detail: { interests: interests.join(' ') },
    at,
  })
}
