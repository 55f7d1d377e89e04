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

/** Rows that live in two flat arrays which double when they are full. */
type Rows = { doubles: Float64Array; words: Uint32Array; length: number }

/** Creates an empty log. */
export function createMessageLog(): MessageLog {
  const rows: Rows = {
    doubles: new Float64Array(1024 * ROW_DOUBLES),
    words: new Uint32Array(1024 * ROW_WORDS),
    length: 0,
  }
  return {
    length: () => rows.length,
    append: (row) => append(rows, row),
    select(filter, limit) {
      const found: LogEntry[] = []
      visit(rows, filter, (row) => found.push(readEntry(rows, row)) < limit)
      return found
    },
    count(filter) {
      let count = 0
      visit(rows, filter, () => {
        count += 1
        return true
      })
      return count
    },
    duplicates: (filter) => findDuplicates(rows, filter),
  }
}

function append(rows: Rows, row: LogRow): void {
  if (rows.length * ROW_WORDS === rows.words.length) {
    const doubles = new Float64Array(rows.doubles.length * 2)
    doubles.set(rows.doubles)
    rows.doubles = doubles
    const words = new Uint32Array(rows.words.length * 2)
    words.set(rows.words)
    rows.words = words
  }
  const { doubles, words, length } = rows
  doubles[length * ROW_DOUBLES] = row.at
  doubles[length * ROW_DOUBLES + 1] = row.botId
  doubles[length * ROW_DOUBLES + 2] = row.chatId
  words[length * ROW_WORDS] = row.messageId
  words[length * ROW_WORDS + 1] = hash32(row.content)
  words[length * ROW_WORDS + 2] = hash32(row.content, SECOND_BASIS)
  rows.length += 1
}

function readEntry({ doubles, words }: Rows, row: number): LogEntry {
  return {
    at: doubles[row * ROW_DOUBLES] ?? 0,
    botId: doubles[row * ROW_DOUBLES + 1] ?? 0,
    chatId: doubles[row * ROW_DOUBLES + 2] ?? 0,
    messageId: words[row * ROW_WORDS] ?? 0,
    contentHash: hex(words[row * ROW_WORDS + 1] ?? 0) + hex(words[row * ROW_WORDS + 2] ?? 0),
  }
}

/** Shows the matching rows to `see`, in order, until it answers false. */
function visit({ doubles, words, length }: Rows, filter: LogFilter, see: (row: number) => boolean): void {
  const { botId, chatId, text, sinceAt = Number.NEGATIVE_INFINITY, untilAt = Number.POSITIVE_INFINITY } = filter
  const low = text === undefined ? 0 : hash32(text)
  const high = text === undefined ? 0 : hash32(text, SECOND_BASIS)
  for (let row = 0; row < length; row++) {
    const at = doubles[row * ROW_DOUBLES] ?? 0
    if (at < sinceAt || at >= untilAt) continue
    if (botId !== undefined && doubles[row * ROW_DOUBLES + 1] !== botId) continue
    if (chatId !== undefined && doubles[row * ROW_DOUBLES + 2] !== chatId) continue
    if (text !== undefined && (words[row * ROW_WORDS + 1] !== low || words[row * ROW_WORDS + 2] !== high)) continue
    if (!see(row)) return
  }
}

function findDuplicates(rows: Rows, filter: LogFilter): DuplicateEntry[] {
  const groups = new Map<string, LogEntry[]>()
  visit(rows, filter, (row) => {
    const entry = readEntry(rows, row)
    const key = `${entry.botId}/${entry.chatId}/${entry.contentHash}`
    const group = groups.get(key)
    if (group) group.push(entry)
    else groups.set(key, [entry])
    return true
  })
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first || group.length < 2) return []
    const { botId, chatId, contentHash } = first
    return [{ botId, chatId, contentHash, count: group.length, messageIds: group.map(({ messageId }) => messageId) }]
  })
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0')
}
