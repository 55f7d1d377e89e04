import { hash32 } from '#simulator/random.ts'

/**
 * Every message a bot got accepted, in order: the truth a crash benchmark compares the application's ledger with.
 * 36 bytes a row in flat arrays, so 100 000 rows cost less than 5 MB; texts are kept as a 64-bit hash only.
 */
export type MessageLog = {
  readonly append: (row: LogRow) => void
  /** Rows that match, oldest first. */
  readonly select: (filter: LogFilter, limit: number) => readonly LogEntry[]
  readonly count: (filter: LogFilter) => number
  /** Messages of the same text to the same chat by the same bot, accepted more than once. */
  readonly duplicates: (filter: LogFilter) => readonly DuplicateEntry[]
  readonly length: () => number
}

export type LogRow = {
  /** Epoch ms. */
  readonly at: number
  readonly botId: number
  readonly chatId: number
  readonly messageId: number
  readonly content: string
}

export type LogFilter = {
  readonly botId?: number | undefined
  readonly chatId?: number | undefined
  /** The exact text or caption, after entities are taken out. */
  readonly text?: string | undefined
  readonly sinceAt?: number | undefined
  readonly untilAt?: number | undefined
}

export type LogEntry = {
  readonly at: number
  readonly botId: number
  readonly chatId: number
  readonly messageId: number
  readonly contentHash: string
}

export type DuplicateEntry = {
  readonly botId: number
  readonly chatId: number
  readonly contentHash: string
  readonly count: number
  readonly messageIds: readonly number[]
}

const SECOND_BASIS = 0x1b873593
const ROW_DOUBLES = 3
const ROW_WORDS = 3

/** Creates an empty log. */
export function createMessageLog(): MessageLog {
  let capacity = 1024
  let length = 0
  let doubles = new Float64Array(capacity * ROW_DOUBLES)
  let words = new Uint32Array(capacity * ROW_WORDS)

  function grow(): void {
    capacity *= 2
    const moreDoubles = new Float64Array(capacity * ROW_DOUBLES)
    moreDoubles.set(doubles)
    doubles = moreDoubles
    const moreWords = new Uint32Array(capacity * ROW_WORDS)
    moreWords.set(words)
    words = moreWords
  }

  function entry(row: number): LogEntry {
    return {
      at: doubles[row * ROW_DOUBLES] ?? 0,
      botId: doubles[row * ROW_DOUBLES + 1] ?? 0,
      chatId: doubles[row * ROW_DOUBLES + 2] ?? 0,
      messageId: words[row * ROW_WORDS] ?? 0,
      contentHash: hex(words[row * ROW_WORDS + 1] ?? 0) + hex(words[row * ROW_WORDS + 2] ?? 0),
    }
  }

  function visit(filter: LogFilter, see: (row: number) => boolean): void {
    const low = filter.text === undefined ? 0 : hash32(filter.text)
    const high = filter.text === undefined ? 0 : hash32(filter.text, SECOND_BASIS)
    for (let row = 0; row < length; row++) {
      const at = doubles[row * ROW_DOUBLES] ?? 0
      if (filter.sinceAt !== undefined && at < filter.sinceAt) continue
      if (filter.untilAt !== undefined && at >= filter.untilAt) continue
      if (filter.botId !== undefined && doubles[row * ROW_DOUBLES + 1] !== filter.botId) continue
      if (filter.chatId !== undefined && doubles[row * ROW_DOUBLES + 2] !== filter.chatId) continue
      if (filter.text !== undefined && (words[row * ROW_WORDS + 1] !== low || words[row * ROW_WORDS + 2] !== high)) {
        continue
      }
      if (!see(row)) return
    }
  }

  return {
    length: () => length,
    append(row) {
      if (length === capacity) grow()
      doubles[length * ROW_DOUBLES] = row.at
      doubles[length * ROW_DOUBLES + 1] = row.botId
      doubles[length * ROW_DOUBLES + 2] = row.chatId
      words[length * ROW_WORDS] = row.messageId
      words[length * ROW_WORDS + 1] = hash32(row.content)
      words[length * ROW_WORDS + 2] = hash32(row.content, SECOND_BASIS)
      length += 1
    },
    select(filter, limit) {
      const found: LogEntry[] = []
      visit(filter, (row) => found.push(entry(row)) < limit)
      return found
    },
    count(filter) {
      let count = 0
      visit(filter, () => {
        count += 1
        return true
      })
      return count
    },
    duplicates(filter) {
      const groups = new Map<string, number[]>()
      visit(filter, (row) => {
        const { botId, chatId, contentHash } = entry(row)
        const key = `${botId}/${chatId}/${contentHash}`
        const rows = groups.get(key)
        if (rows) rows.push(row)
        else groups.set(key, [row])
        return true
      })
      return [...groups.values()]
        .filter((rows) => rows.length > 1)
        .map((rows) => {
          const { botId, chatId, contentHash } = entry(rows[0] ?? 0)
          const messageIds = rows.map((row) => words[row * ROW_WORDS] ?? 0)
          return { botId, chatId, contentHash, count: rows.length, messageIds }
        })
    },
  }
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0')
}
