import type { Clock } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { createPhraseReader } from '#server/modules/contacts/index.ts'

import { countInterests } from './interest.rules.ts'
import { type UnreadPerson, forgetInterests, listOwnTexts, listUnread, saveReadings } from './interest.store.ts'
import { getInterests } from './set-interests.ts'

export interface RefreshDeps {
  readonly db: Db
  readonly clock: Clock
}

/** Looking who may be read costs a walk over everybody, reading them does not. */
const LOOK = 5_000
const BATCH = 200
/** Of one person; whoever writes more than this in 90 days is known well enough by the newest. */
const TEXTS_EACH = 500

/**
 * Reads what people who allowed marketing wrote since they were read last, and keeps how often they spoke of each
 * interest; texts are not copied, and what is known of who withdrew goes. A batch is one transaction, and doing it again
 * changes nothing. Returns how many people were read.
 */
export const refreshInterests = async (
  { db, clock }: RefreshDeps,
  tenantId: number,
  signal?: AbortSignal,
): Promise<number> => {
  const at = clock.now()
  const { version, groups } = await inTenant(db, tenantId, async (tx) => {
    await forgetInterests(tx, at)
    return getInterests(tx)
  })
  const read = createPhraseReader(groups)
  for (let total = 0; ;) {
    const people = await inTenant(db, tenantId, (tx) => listUnread(tx, { version, at, limit: LOOK }))
    for (let i = 0; i < people.length; i += BATCH) {
      if (signal?.aborted === true) return total
      const batch = people.slice(i, i + BATCH)
      await inTenant(db, tenantId, (tx) => readPeople(tx, batch, read, { version, at }))
      total += batch.length
    }
    if (people.length < LOOK) return total
  }
}

const readPeople = async (
  tx: TenantTx,
  people: readonly UnreadPerson[],
  read: (text: string) => readonly string[],
  { version, at }: { readonly version: number; readonly at: number },
): Promise<void> => {
  const ids = people.map((person) => person.contactId)
  const texts = Map.groupBy(await listOwnTexts(tx, ids, { at, each: TEXTS_EACH }), (message) => message.contactId)
  const readings = people.map((person) => ({
    ...person,
    counts: countInterests(read, texts.get(person.contactId) ?? []),
  }))
  await saveReadings(tx, readings, { version, at })
}
