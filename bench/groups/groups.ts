import { systemClock } from '#server/base/clock.ts'
import { MINUTE_MS } from '#server/base/duration.ts'
import { translatorsOf } from '#server/base/translate.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { applyUpdates } from '#server/doors/updates/apply-updates.ts'
import type { InboxUpdate } from '#server/modules/accounts/index.ts'
import { type GroupMessage, detectSpam } from '#server/modules/groups/index.ts'

import { type Bench, Bounds } from '../bench.ts'
import {
  type BenchDatabase,
  createBenchBot,
  createBenchTenant,
  startBenchDatabase,
  startSimulatorProcess,
} from '../rig/rig.ts'

const BATCH = 100
const PEOPLE = 60
const GROUP = -1_001_000_000_777
const WARM_UP = 10

const updateOf = (n: number, at: number): InboxUpdate => {
  const id = 5_000_000 + (n % PEOPLE)
  const text = n % 7 === 0 ? `Bakın https://ornek.example/${n}` : `Bugün saat ${n} gibi buluşalım mı, ne dersiniz?`
  const payload = {
    update_id: n,
    message: {
      message_id: n,
      date: Math.floor(at / 1_000),
      from: { id, is_bot: false, first_name: `Kişi ${id}`, language_code: 'tr' },
      chat: { id: GROUP, type: 'supergroup', title: 'Meydan' },
      text,
    },
  }
  return { updateId: n, queueKey: `group:${GROUP}`, kind: 'message', payload, attempts: 0, receivedAt: at }
}

/** The middle batch: how long it takes to be applied, and how long its messages take to be looked at, once more. */
const measure = async ({ db }: BenchDatabase, tenantId: number, accountId: number, batches: number) => {
  const translator = translatorsOf('bot')
  const [whole, watch]: [number[], number[]] = [[], []]
  let serial = 0
  for (let n = 0; n < batches + WARM_UP; n++) {
    // A lively group, not a flood: a batch a minute.
    const now = systemClock.now() - (batches + WARM_UP - n) * MINUTE_MS
    const updates = Array.from({ length: BATCH }, () => updateOf((serial += 1), now))
    const begun = performance.now()
    await inTenant(db, tenantId, (tx) => applyUpdates(tx, updates, { accountId, now, translator }))
    const wholeMs = performance.now() - begun
    const rows = await db
      .selectFrom('contact')
      .select(['id', 'telegram_id'])
      .where('tenant_id', '=', tenantId)
      .execute()
    const contacts = new Map(rows.map((row) => [row.telegram_id, row.id]))
    const messages = updates.map(({ updateId, payload }): GroupMessage => {
      const { message } = payload as {
        readonly message: { readonly from: { readonly id: number }; readonly text: string }
      }
      const contactId = contacts.get(message.from.id) ?? 0
      const hasLink = message.text.includes('https://')
      return { contactId, chatTelegramId: GROUP, messageId: updateId, updateId, at: now, text: message.text, hasLink }
    })
    const watchMs = await inTenant(db, tenantId, async (tx) => {
      const from = performance.now()
      await detectSpam(tx, accountId, messages)
      return performance.now() - from
    })
    if (n < WARM_UP) continue
    whole.push(wholeMs)
    watch.push(watchMs)
  }
  const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
  return { batchMs: middle(whole), watchMs: middle(watch) }
}

/** `--batches 20` for a look. */
const run: Bench['run'] = async ({ numbers, onProgress }) => {
  const simulator = await startSimulatorProcess({ limits: false })
  const database = await startBenchDatabase()
  try {
    const tenantId = await createBenchTenant(database.db)
    const { accountId } = await createBenchBot(database.db, tenantId, simulator, 1)
    const { batchMs, watchMs } = await measure(database, tenantId, accountId, numbers['batches'] ?? 100)
    onProgress(`${BATCH} messages of a group: ${batchMs.toFixed(1)} ms, watched in ${watchMs.toFixed(1)} ms`)
    const bounds = new Bounds()
    bounds.hold('watching / the rest of the path', watchMs / (batchMs - watchMs), '<=', 0.15)
    return bounds.result('groups', { batchMs, watchMs, messagesPerSecond: (BATCH * 1_000) / batchMs })
  } finally {
    await database.stop()
    await simulator.stop()
  }
}

export const bench: Bench = {
  name: 'groups',
  does: 'messages of groups applied in batches, and what watching for spam adds to them',
  run,
}
