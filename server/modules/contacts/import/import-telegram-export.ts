import { invalid } from '#server/base/errors.ts'
import { isTimeZone } from '#server/base/local-time.ts'
import { inTenant } from '#server/db/tenant-scope.ts'

import type { ContactActivity } from '../contact.rules.ts'
import type { MessageRow } from '../message.rules.ts'
import { type Cast, meaningOf } from './export-activities.rules.ts'
import type { ExportChat } from './export-format.rules.ts'
import { findOwnAccounts } from './export-history.store.ts'
import type { ImportDeps } from './import-deps.ts'
import { type ExportFacts, readExport } from './read-export.ts'
import { type SavedPerson, writeHistory } from './write-history.ts'
import { type ExportSurvey, surveyExport } from './survey-export.ts'
import { refreshStatistics } from './statistics.store.ts'
import { findTenantZone } from './tenant-zone.store.ts'
import { type SourceFile, checkUnchanged, chooseEncoding, openSource } from './text-file.ts'
import { createWriteAhead } from './write-ahead.ts'

export interface TelegramImportOptions {
  /** Whose export this is, where the file does not tell: their messages are outbound, they are no contact. */
  readonly ownTelegramId?: number
  /** Zone of the computer that made an export from before 2022; the tenant's unless told otherwise. */
  readonly timeZone?: string
  /** Checks and counts, writes nothing. */
  readonly dryRun?: boolean
}

/** Instants are epoch ms. */
export interface TelegramImportResult {
  readonly file: string
  readonly dryRun: boolean
  readonly chats: number
  /** People in the file besides its owner. */
  readonly people: number
  readonly messages: number
  readonly firstAt: number | null
  readonly lastAt: number | null
  /** What was new: contacts, messages of any direction, joins, leaves, reactions. */
  readonly created: number
  readonly newMessages: number
  readonly joins: number
  readonly leaves: number
  readonly reactions: number
  /** Messages of bots, left out. */
  readonly skippedBots: number
  /** Entries without id or date, or not readable at all. */
  readonly unreadable: number
  /** Joins and leaves of people the file names too vaguely. */
  readonly unnamed: number
}

/** Activities to a transaction. */
const BATCH = 500

interface Counts {
  created: number
  newMessages: number
  joins: number
  leaves: number
  reactions: number
  skippedBots: number
  unnamed: number
}

/**
 * Imports a Telegram Desktop export (`result.json`, one chat or a whole account) of any size: people, messages, joins,
 * leaves and reactions, with the features they make. The file is read through once to check it whole and to learn who
 * is who, then written in transactions of {@link BATCH}; a run that is cut off is completed by running it again, for
 * nothing is counted twice. Memory grows with the number of people. The owner becomes no contact; nobody gets consent
 * or becomes reachable. Errors: those of {@link openSource} and {@link readExport}, `invalid/import_binary_file`,
 * `conflict/import_file_changed`, `invalid/time_zone_unknown`.
 */
export const importTelegramExport = async (
  deps: ImportDeps,
  tenantId: number,
  path: string,
  options: TelegramImportOptions = {},
): Promise<TelegramImportResult> => {
  const source = await openSource(path)
  chooseEncoding(source)
  const timeZone = options.timeZone ?? (await inTenant(deps.db, tenantId, findTenantZone))
  if (!isTimeZone(timeZone)) throw invalid('time_zone_unknown', 'timeZone', { value: timeZone.slice(0, 60) })
  const facts: ExportFacts = { now: deps.clock.now(), timeZone }
  const progress = (phase: 'checking' | 'writing') => (done: number) =>
    deps.onProgress?.({ phase, done, total: source.size })
  const survey = await surveyExport(readExport(source, facts, progress('checking')))
  await checkUnchanged(source)
  const counts: Counts = { created: 0, newMessages: 0, joins: 0, leaves: 0, reactions: 0, skippedBots: 0, unnamed: 0 }
  if (!options.dryRun) {
    await writeExport({ deps, tenantId, source, facts, survey, options, counts, batches: 0 }, progress('writing'))
    await checkUnchanged(source)
  }
  const { chats, people, messages, firstAt, lastAt, unreadable } = survey
  return {
    file: source.name,
    dryRun: options.dryRun ?? false,
    chats,
    people,
    messages,
    firstAt,
    lastAt,
    ...counts,
    unreadable,
  }
}

interface Run {
  readonly deps: ImportDeps
  readonly tenantId: number
  readonly source: SourceFile
  readonly facts: ExportFacts
  readonly survey: ExportSurvey
  readonly options: TelegramImportOptions
  readonly counts: Counts
  batches: number
}

interface Batch {
  readonly chat: ExportChat
  readonly activities: ContactActivity[]
  readonly rows: Omit<MessageRow, 'contactId'>[]
  /** To the partner of the private chat. */
  readonly sent: Omit<MessageRow, 'contactId'>[]
  readonly saved: SavedPerson[]
}

const isEmpty = (batch: Batch): boolean =>
  batch.activities.length + batch.rows.length + batch.sent.length + batch.saved.length === 0

const emptyBatch = (chat: ExportChat): Batch => ({ chat, activities: [], rows: [], sent: [], saved: [] })

const writeExport = async (run: Run, onRead: (done: number) => void): Promise<void> => {
  const { survey, counts } = run
  const ownerId = survey.ownerId ?? run.options.ownTelegramId ?? null
  const accounts = await inTenant(run.deps.db, run.tenantId, findOwnAccounts)
  const ownerIds = new Set([...accounts.keys(), ...(ownerId === null ? [] : [ownerId])])
  const accountId = ownerId === null ? null : (accounts.get(ownerId) ?? null)
  const ahead = createWriteAhead((batch: Batch) => writeBatch(run, batch))
  let cast: Cast = { ownerIds, bots: survey.bots, names: new Map(), accountId }
  let place = -1
  let batch = emptyBatch({ kind: 'none' })
  const turn = async (chat: ExportChat): Promise<void> => {
    if (!isEmpty(batch)) await ahead.write(batch)
    batch = emptyBatch(chat)
  }
  for await (const item of readExport(run.source, run.facts, onRead)) {
    if (item.type === 'chat') {
      place += 1
      await turn(item.chat)
      cast = { ...cast, names: survey.names[place] ?? new Map() }
    } else if (item.type === 'person' && !ownerIds.has(item.person.userId)) batch.saved.push(item.person)
    else if (item.type === 'entry') {
      const meaning = meaningOf(batch.chat, item.entry, cast)
      batch.activities.push(...meaning.activities)
      if (meaning.row) batch[meaning.isToPartner ? 'sent' : 'rows'].push(meaning.row)
      counts.unnamed += meaning.unnamed
      counts.skippedBots += meaning.skippedBot ? 1 : 0
    }
    if (batch.activities.length + batch.rows.length + batch.sent.length + batch.saved.length >= BATCH)
      await turn(batch.chat)
  }
  await turn({ kind: 'none' })
  await ahead.settle()
}

const writeBatch = async (run: Run, batch: Batch): Promise<void> => {
  const { chat, activities, rows, sent, saved } = batch
  const partner = chat.kind === 'private' ? { telegramId: chat.partnerId, name: chat.partnerName } : null
  const ref = chat.kind === 'group' ? chat.ref : null
  const source = `import:${run.source.name}`
  const written = await inTenant(run.deps.db, run.tenantId, (tx) =>
    writeHistory(tx, { activities, rows, sent, saved, partner, chat: ref, source, now: run.facts.now }),
  )
  const { counts } = run
  counts.created += written.created
  counts.newMessages += written.messages
  for (const { kind } of written.fresh) {
    if (kind === 'joined_chat') counts.joins += 1
    if (kind === 'left_chat' || kind === 'removed_from_chat') counts.leaves += 1
    if (kind === 'reaction') counts.reactions += 1
  }
  run.batches += 1
  await refreshStatistics(run.deps.db, 'history', run.batches)
}
