import { type Kysely, sql } from 'kysely'

import { systemClock, toDate } from '#server/base/clock.ts'
import type { SecretBox } from '#server/base/secret.ts'
import type { DB } from '#server/db/schema.generated.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { addRule } from '#server/modules/automations/index.ts'
import { createPersonaFromPackage, setReplyMode } from '#server/modules/conversations/index.ts'
import { setModel } from '#server/modules/llm/index.ts'

const RULES: readonly (readonly [string, string])[] = [
  ['adres', 'Mağazamız Kadıköy Moda Caddesi üzerindedir.'],
  ['saat', 'Her gün dokuzdan altıya kadar buradayız.'],
  ['iade', 'İadeleri on dört gün içinde alıyoruz.'],
]

/** Accounts that answer by rules, by their persona's commands and by a model; everybody agreed to the model. */
export const prepareChat = async (
  db: Kysely<DB>,
  tenantId: number,
  accountIds: readonly number[],
  box: SecretBox,
): Promise<void> => {
  const at = systemClock.now()
  const actor = { by: 'bench', access: { kind: 'member', role: 'owner' }, at } as const
  await inTenant(db, tenantId, async (tx) => {
    for (const accountId of accountIds) {
      const account = { accountId, package: 'custom', locale: 'tr', displayName: 'Ölçüm' } as const
      await createPersonaFromPackage(tx, account, at)
      await setReplyMode(tx, { accountId, mode: 'ai' }, actor)
      for (const [word, text] of RULES) {
        const given = {
          name: word,
          trigger: { kind: 'keyword', words: [word] },
          actions: [{ kind: 'reply', texts: [{ locale: 'tr', text }] }],
        }
        await addRule(tx, { accountId, given }, actor)
      }
    }
    const deps = { box, hasInstallation: true, arePrivateAllowed: true }
    await setModel(
      tx,
      deps,
      { mode: 'installation', tokensPerMonth: 1_000_000_000_000, perMinuteMax: 100_000 },
      { ...actor },
    )
  })
  await sql`
    with proof as (
      insert into consent_ledger (tenant_id, contact_id, purpose, granted, text_version, source, at, recorded_at)
      select tenant_id, id, 'ai_processing', true, 'bench', 'bench', ${toDate(at)}, ${toDate(at)}
      from contact where tenant_id = ${tenantId}
      returning id, contact_id
    )
    insert into contact_consent (tenant_id, contact_id, purpose, granted, ledger_id, changed_at)
    select ${tenantId}, contact_id, 'ai_processing', true, id, ${toDate(at)} from proof`.execute(db)
}
