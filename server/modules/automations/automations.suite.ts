import type { Db } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { upsertInbound } from '#server/modules/conversations/index.ts'
import { getOwnTenant } from '#server/modules/tenancy/index.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

import { addRule } from './change-rule.ts'
import { type RuleEvent, fireRules } from './fire-rules.ts'

export type RuleWorld = Awaited<ReturnType<typeof createRuleWorld>>

export const owner = { by: 'member:1', access: { kind: 'member', role: 'owner' }, at: NOON } as const

/** A rule that answers the word with the text, in Turkish. */
export const keywordRule = (word: string, text: string, more: object = {}) => ({
  name: word,
  trigger: { kind: 'keyword', words: [word] },
  actions: [{ kind: 'reply', texts: [{ locale: 'tr', text }] }],
  ...more,
})

let update = 0

/** A tenant's account with rules, and people who write to it. */
export const createRuleWorld = async (db: Db) => {
  const tenantId = await createTenant(db)
  const accountId = await createAccount(db, tenantId)
  const contactId = await createContact(db, tenantId, { accountId, telegramId: 4_000_000 + accountId })
  const within = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
  const add = async (given: object) => (await within((tx) => addRule(tx, { accountId, given }, owner))).rule

  const happen = (over: Partial<RuleEvent> = {}) =>
    within(async (tx) => {
      const at = over.at ?? NOON
      const who = over.contactId ?? contactId
      const isPrivate = (over.place ?? 'private') === 'private'
      const conversation = isPrivate
        ? await upsertInbound(tx, { accountId, contactId: who, messageId: null, at })
        : null
      return fireRules(tx, {
        tenant: await getOwnTenant(tx),
        accountId,
        contactId: who,
        chatId: isPrivate ? 4_000_000 + accountId : -100,
        updateId: (update += 1),
        conversation,
        kind: 'words',
        place: 'private',
        text: '',
        isAddressed: isPrivate,
        isFirst: false,
        at,
        now: at,
        ...over,
      })
    })
  /** Words as `happen` tells of them, of a conversation that nothing is written to. */
  const words = (text: string) => ({
    accountId,
    contactId,
    chatId: 4_000_000 + accountId,
    conversation: null,
    kind: 'words' as const,
    place: 'private' as const,
    text,
    isAddressed: true,
    isFirst: false,
    at: NOON,
    now: NOON,
  })
  const say = (text: string, over: Partial<RuleEvent> = {}) => happen({ text, ...over })

  const answers = async () => {
    const rows = await db
      .selectFrom('delivery')
      .select(['content', 'contact_id', 'chat_id'])
      .where('tenant_id', '=', tenantId)
      .where('source', '=', 'rule')
      .orderBy('id')
      .execute()
    return rows.map(({ content }) => (content as { text: string }).text)
  }
  return { tenantId, accountId, contactId, within, add, happen, words, say, answers }
}
