import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMessageLog, type LogRow } from '#simulator/world/message-log.ts'

const row = fc.record({
  at: fc.integer({ min: 0, max: 100 }),
  botId: fc.constantFrom(1, 2),
  chatId: fc.constantFrom(-1_002_000_000_001, 5, 6),
  messageId: fc.nat(1_000_000),
  content: fc.constantFrom('a', 'b', ''),
})

const keyOf = ({ botId, chatId, content }: LogRow): string => `${botId}/${chatId}/${content}`

describe('createMessageLog', () => {
  it('answers counts, rows and duplicates as a plain list would', () => {
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 60 }),
        fc.constantFrom('a', 'b', undefined),
        fc.constantFrom(5, undefined),
        (rows, text, chatId) => {
          const log = createMessageLog()
          for (const entry of rows) log.append(entry)
          const matching = rows.filter(
            (entry) =>
              (text === undefined || entry.content === text) && (chatId === undefined || entry.chatId === chatId),
          )
          expect(log.count({ text, chatId })).toBe(matching.length)
          expect(log.select({ text, chatId }, 1000).map(({ messageId }) => messageId)).toEqual(
            matching.map(({ messageId }) => messageId),
          )
          const groups = Map.groupBy(rows, keyOf)
          const doubled = [...groups.values()].filter((group) => group.length > 1)
          expect(log.duplicates({}).map(({ messageIds }) => messageIds)).toEqual(
            doubled.map((group) => group.map(({ messageId }) => messageId)),
          )
        },
      ),
    )
  })

  it('keeps a hundred thousand rows in a few megabytes and tells their texts apart', () => {
    const log = createMessageLog()
    for (let index = 0; index < 100_000; index++) {
      log.append({ at: index, botId: 1, chatId: index, messageId: index, content: `Merhaba ${index}` })
    }
    expect(log.length()).toBe(100_000)
    expect(new Set(log.select({}, 100_000).map(({ contentHash }) => contentHash)).size).toBe(100_000)
    expect(log.count({ text: 'Merhaba 77777' })).toBe(1)
  })

  it('selects by time, end excluded', () => {
    const log = createMessageLog()
    for (const at of [10, 20, 30]) log.append({ at, botId: 1, chatId: 1, messageId: at, content: '' })
    expect(log.select({ sinceAt: 20, untilAt: 30 }, 10).map(({ at }) => at)).toEqual([20])
  })
})
