import type { TenantTx } from '#server/db/tenant-scope.ts'

import { assertLintsClean } from './approve-template.ts'
import { SEED_TEMPLATES } from './seed-templates.rules.ts'
import { checkTemplate } from './template-input.rules.ts'
import { insertTemplate, readSenderName, setTemplateState } from './template.store.ts'

/**
 * Gives a tenant one approved template per style, so that every strategy has something to say from the first day.
 * A name the tenant already uses is left alone: seeding twice changes nothing. Returns how many were made. `at` is
 * epoch ms.
 */
export const seedTemplates = async (tx: TenantTx, at: number): Promise<number> => {
  const { senderName } = await readSenderName(tx)
  let made = 0
  for (const input of SEED_TEMPLATES) {
    const content = checkTemplate(input)
    assertLintsClean(content, senderName)
    const id = await insertTemplate(tx, content, at, 'seed')
    if (id === null) continue
    await setTemplateState(tx, id, 'approved', at)
    made += 1
  }
  return made
}
