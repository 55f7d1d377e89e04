/** A call as the simulator recorded it. */
export interface CallRecord {
  readonly at: number
  readonly botId: number
  readonly chatId: number | null
  readonly method: string
  readonly retryAfter: number | null
}

export interface CallVerdict {
  readonly calls: number
  /** 429 answers. */
  readonly waits: number
  /** Calls to a chat before the wait announced for it was over. */
  readonly prematureOfChat: number
  /** Calls of an account before its wait was over, those that were under way when it was announced apart. */
  readonly prematureOfAccount: number
  /** Over all accounts the median of: time taken ÷ time that pace and waits need at least. */
  readonly slownessMedian: number
}

interface JudgeOptions {
  readonly perSecond: number
  /** A call that left before the account heard of its wait arrives within this time. */
  readonly underWayMs: number
}

interface Wait {
  readonly chatId: number | null
  readonly from: number
  readonly until: number
}

const judgeAccount = (calls: readonly CallRecord[], { perSecond, underWayMs }: JudgeOptions) => {
  const waits: Wait[] = []
  let prematureOfChat = 0
  let prematureOfAccount = 0
  let waitedMs = 0
  for (const { at, chatId, retryAfter } of calls) {
    const open = waits.filter((w) => w.until > at)
    if (open.some((w) => w.chatId === chatId)) prematureOfChat += 1
    else if (open.some((w) => at > w.from + underWayMs)) prematureOfAccount += 1
    if (retryAfter === null) continue
    const until = at + retryAfter * 1_000
    const coveredUntil = Math.max(at, ...waits.map((w) => w.until))
    waitedMs += Math.max(0, until - coveredUntil)
    waits.push({ chatId, from: at, until })
  }
  const takenMs = (calls.at(-1)?.at ?? 0) - (calls[0]?.at ?? 0)
  const neededMs = ((calls.length - 1) * 1_000) / perSecond + waitedMs
  return { waits: waits.length, prematureOfChat, prematureOfAccount, slowness: takenMs / neededMs }
}

/** Judges calls in order of arrival by the waits that were announced to them. */
export const judgeCalls = (calls: readonly CallRecord[], options: JudgeOptions): CallVerdict => {
  const sends = calls.filter((call) => call.method === 'sendMessage')
  const accounts = [...Map.groupBy(sends, (call) => call.botId).values()].map((own) => judgeAccount(own, options))
  const total = (of: 'waits' | 'prematureOfChat' | 'prematureOfAccount') => accounts.reduce((sum, a) => sum + a[of], 0)
  const slowness = accounts.map((a) => a.slowness).sort((a, b) => a - b)
  return {
    calls: sends.length,
    waits: total('waits'),
    prematureOfChat: total('prematureOfChat'),
    prematureOfAccount: total('prematureOfAccount'),
    slownessMedian: slowness[Math.floor(slowness.length / 2)] ?? 0,
  }
}
