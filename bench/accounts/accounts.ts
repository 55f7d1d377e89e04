import { type Bench, Bounds } from '../bench.ts'
import { measureBots } from './bots.ts'
import { measureUsers } from './users.ts'

const BOT_KIB_MAX = 20
const BOTS_TOLD = 400
const USER_KIB_MAX = 1.5 * 1_024
/** Statements a second that an account at rest may add: its share of its tenant's duties, and no asking by itself. */
const STATEMENTS_EACH_MAX = 0.5

/** What each beyond the first adds. */
const eachBeyond = (one: number, all: number, count: number): number => (all - one) / Math.max(1, count - 1)

/** `--bots 50 --updates 500 --rounds 1 --users 5 --settle 2 --samples 3` for a look. */
const run: Bench['run'] = async ({ numbers, onProgress }) => {
  const bots = numbers['bots'] ?? 500
  const users = numbers['users'] ?? 50
  const settleSeconds = numbers['settle'] ?? 10
  const samples = numbers['samples'] ?? 9
  const updates = numbers['updates'] ?? 5_000
  const rounds = numbers['rounds'] ?? 2
  const b = await measureBots({ bots, updates, rounds, settleSeconds, samples }, onProgress)
  const u = await measureUsers({ users, settleSeconds, samples }, onProgress)
  const bounds = new Bounds()
  const metrics = {
    botKib: eachBeyond(b.one.rssKib, b.all.rssKib, bots),
    botWorkedKib: eachBeyond(b.one.workedRssKib, b.all.workedRssKib, bots),
    botHeapKib: eachBeyond(b.one.heapKib, b.all.heapKib, bots),
    updatesPerSecond: b.perSecond.all,
    oneBotPerSecond: b.perSecond.one,
    restStatementsPerSecond: b.all.statementsPerSecond,
    restStatementsOneBot: b.one.statementsPerSecond,
    restTransactionsPerSecond: b.all.transactionsPerSecond,
    userKib: eachBeyond(u.one.rssKib, u.all.rssKib, users),
    userHeapKib: eachBeyond(u.one.heapKib, u.all.heapKib, users),
    userStatementsPerSecond: u.all.statementsPerSecond,
    userStatementsOne: u.one.statementsPerSecond,
  }
  // Of a few bots, what the process does besides outweighs what they hold: only many can be told from noise.
  if (bots >= BOTS_TOLD) bounds.hold('KiB of a bot beyond the first', metrics.botKib, '<=', BOT_KIB_MAX)
  bounds.hold('updates of all bots / of one', metrics.updatesPerSecond / metrics.oneBotPerSecond, '>=', 0.5)
  const each = eachBeyond(b.one.statementsPerSecond, b.all.statementsPerSecond, bots)
  bounds.hold('statements a second of a bot at rest', each, '<=', STATEMENTS_EACH_MAX)
  bounds.hold('KiB of a user account beyond the first', metrics.userKib, '<=', USER_KIB_MAX)
  return bounds.result('accounts', metrics)
}

export const bench: Bench = {
  name: 'accounts',
  does: 'what each linked account costs a server: memory of bots and of people’s own accounts, updates, queries at rest',
  run,
}
