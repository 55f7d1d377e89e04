import { invalid } from '#server/base/errors.ts'

import {
  type ExportChat,
  type ExportEntry,
  fieldOf,
  isChatPlace,
  readChat,
  readEntry,
  readOwner,
  readSavedPerson,
  visitExport,
} from './export-format.rules.ts'
import { isPlausibleInstant } from './import.rules.ts'
import { readJsonElements } from './json-elements.ts'
import { type SourceFile, readBytes } from './text-file.ts'

/** What an export holds, in the order of the file. */
export type ExportItem =
  | { readonly type: 'owner'; readonly userId: number }
  | { readonly type: 'person'; readonly person: NonNullable<ReturnType<typeof readSavedPerson>> }
  | { readonly type: 'chat'; readonly chat: ExportChat }
  | { readonly type: 'entry'; readonly entry: ExportEntry }
  | { readonly type: 'chatEnd' }
  /** A message that cannot be read: no JSON, no id, no date, or a date at which there was no Telegram. */
  | { readonly type: 'unreadable' }

/** How to read: now (epoch ms), and the zone of dates that name none. */
export interface ExportFacts {
  readonly now: number
  readonly timeZone: string
}

/**
 * The items of a Telegram Desktop export. Errors: those of {@link readJsonElements}, and
 * `invalid/import_no_telegram_export` when the file is JSON, but has no chat.
 */
export async function* readExport(
  source: SourceFile,
  facts: ExportFacts,
  onRead?: (done: number) => void,
): AsyncGenerator<ExportItem> {
  let fields: Record<string, unknown> = {}
  let inChat = false
  let found = false
  // JSON, but a list: an export is an object.
  if (/^\uFEFF?\s*\[/.test(source.sample.toString('utf8'))) throw notAnExport(source)
  for await (const element of readJsonElements(readBytes(source, onRead), visitExport)) {
    const field = fieldOf(element.place)
    if (element.kind === 'end') {
      if (element.place.endsWith('list') || element.place === 'chats') found = true
      if (isChatPlace(element.place)) {
        if (inChat) yield { type: 'chatEnd' }
        inChat = false
        fields = {}
      }
    } else if (field === 'messages.[]') {
      if (!inChat) {
        const chat = readChat(fields)
        if (!chat) throw notAnExport(source)
        inChat = true
        found = true
        yield { type: 'chat', chat }
      }
      const item = element.kind === 'value' ? itemOf(element.value, facts) : ({ type: 'unreadable' } as const)
      if (item) yield item
    } else if (element.kind === 'unreadable') throw invalid('import_json_broken', 'file', { byte: element.byte })
    else if (field === 'personal_information') {
      const userId = readOwner(element.value)
      if (userId !== null) yield { type: 'owner', userId }
    } else if (field === 'contacts.list.[]') {
      const person = readSavedPerson(element.value)
      if (person) yield { type: 'person', person }
    } else fields[field] = element.value
  }
  if (!found) throw notAnExport(source)
}

const notAnExport = (source: SourceFile) => invalid('import_no_telegram_export', 'file', { file: source.name })

const itemOf = (value: unknown, facts: ExportFacts): ExportItem | null => {
  const entry = readEntry(value, facts.timeZone)
  if (entry === null) return null
  return entry === 'broken' || !isPlausibleInstant(entry.at, facts.now)
    ? { type: 'unreadable' }
    : { type: 'entry', entry }
}
