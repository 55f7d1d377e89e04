import path from 'node:path'

import { invalid } from '#server/base/errors.ts'
import {
  type CsvImportOptions,
  type CsvImportResult,
  type ImportDeps,
  type TelegramImportResult,
  importCsv,
  importTelegramExport,
} from '#server/modules/contacts/index.ts'
import { recomputeSegments } from '#server/modules/segments/index.ts'

import { command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { showProgress } from '../present/progress.ts'
import { renderPairs, renderTable } from '../present/table.ts'
import { paint } from '../terminal.ts'

const UNKNOWN_COLUMNS = ['refuse', 'ignore', 'attributes'] as const

type ImportedFile =
  | ({ readonly kind: 'csv' } & CsvImportResult)
  | ({ readonly kind: 'telegram' } & TelegramImportResult)

/** `moved`: people whose segments changed by it, null on a dry run. */
type ImportResult = ImportedFile & { readonly moved: number | null }

/** `Ad=firstName` as column and field; the name of a column may hold equals signs. */
const mappingOf = (input: CommandInput): Readonly<Record<string, string>> =>
  Object.fromEntries(
    input.texts('map').map((given): readonly [string, string] => {
      const at = given.lastIndexOf('=')
      if (at <= 0) throw invalid('mapping_expected', '--map', { given: given.slice(0, 60) })
      return [given.slice(0, at), given.slice(at + 1)]
    }),
  )

const csvOptions = (context: CliContext, input: CommandInput): CsvImportOptions => {
  const [encoding, delimiter, errorsPath] = [input.text('encoding'), input.text('delimiter'), input.text('errors')]
  const unknownColumns = input.oneOf('unknown-columns', UNKNOWN_COLUMNS)
  return {
    mapping: mappingOf(input),
    tags: input.texts('add-tag'),
    dryRun: context.options.dryRun,
    ...(unknownColumns !== null && { unknownColumns }),
    ...(encoding !== null && { encoding }),
    ...(delimiter !== null && { delimiter: delimiter === '\\t' ? '\t' : delimiter }),
    ...(errorsPath !== null && { errorsPath }),
  }
}

/** A result.json of Telegram Desktop by its name, a CSV file otherwise. */
const importFile = async (context: CliContext, input: CommandInput, deps: ImportDeps): Promise<ImportedFile> => {
  const file = input.arg('people-file')
  const { id: tenantId } = await context.tenant()
  if (path.extname(file).toLowerCase() !== '.json') {
    return { kind: 'csv', ...(await importCsv(deps, tenantId, file, csvOptions(context, input))) }
  }
  const [ownTelegramId, timeZone] = [input.whole('own-id', 1, Number.MAX_SAFE_INTEGER), input.text('time-zone')]
  const options = {
    dryRun: context.options.dryRun,
    ...(ownTelegramId !== null && { ownTelegramId }),
    ...(timeZone !== null && { timeZone }),
  }
  return { kind: 'telegram', ...(await importTelegramExport(deps, tenantId, file, options)) }
}

const renderCsv = ({ t, terminal, formats }: CliContext, result: CsvImportResult): string => {
  const counts = ['rows', 'created', 'updated', 'unchanged', 'invalid'] as const
  const pairs = counts.map((name) => [t(`import.${name}`), formats.number(result[name])] as const)
  const columns = Object.entries(result.columns).map(([name, use]) => `${name} → ${use ?? '—'}`)
  const errors = renderTable(
    terminal,
    [
      { title: t('import.line'), value: (row) => row.line, align: 'right' },
      { title: t('column.reason'), value: (row) => t(`words:importFault.${row.reason}`) },
      { title: t('import.value'), value: (row) => row.value },
    ],
    result.errors,
    '',
  )
  const all = result.errorsPath === null ? [] : [t('import.allErrors', { path: result.errorsPath })]
  return [renderPairs(terminal, [...pairs, [t('import.columns'), columns.join(', ')]]), errors, ...all]
    .filter(Boolean)
    .join('\n\n')
}

const renderTelegram = ({ t, terminal, formats }: CliContext, result: TelegramImportResult): string => {
  const counts = [
    'chats',
    'people',
    'messages',
    'created',
    'newMessages',
    'joins',
    'leaves',
    'reactions',
    'skippedBots',
    'unreadable',
  ] as const
  const period = [result.firstAt, result.lastAt]
    .map((at) => (at === null ? '—' : formats.instant(at, 'UTC')))
    .join(' – ')
  return renderPairs(terminal, [
    ...counts.map((name) => [t(`import.${name}`), formats.number(result[name])] as const),
    [t('import.period'), period],
  ])
}

export const importContacts = command({
  name: 'import',
  args: [{ name: 'people-file' }],
  options: [
    { name: 'map', value: 'column=field', many: true },
    { name: 'unknown-columns', value: 'refuse|ignore|attributes' },
    { name: 'add-tag', value: 'tag', many: true },
    { name: 'encoding', value: 'name' },
    { name: 'delimiter', value: 'character' },
    { name: 'errors', value: 'file' },
    { name: 'own-id', value: 'id' },
    { name: 'time-zone', value: 'zone' },
  ],
  run: async (context, input): Promise<ImportResult> => {
    const progress = showProgress(context.terminal, context.t, { label: context.t('import.running'), show: 'percent' })
    try {
      const [db, clock] = [await context.db(), context.host.clock]
      const imported = await importFile(context, input, {
        db,
        clock,
        onProgress: ({ phase, done, total }) =>
          progress.update(phase === 'checking' ? done / 2 : (total + done) / 2, total),
      })
      // A running server would do it by the events; here the lists are right at once, whether one runs or not.
      const moved = imported.dryRun ? null : (await recomputeSegments({ db, clock }, (await context.tenant()).id)).moved
      return { ...imported, moved }
    } finally {
      progress.end()
    }
  },
  render: (context, result) => {
    const body = result.kind === 'csv' ? renderCsv(context, result) : renderTelegram(context, result)
    const after =
      result.moved === null
        ? [context.t('talk.dryRun')]
        : [
            context.t('import.segmented', { moved: context.formats.number(result.moved) }),
            context.t('import.noConsent'),
          ]
    return [body, paint(context.terminal, 'dim', after.join('\n'))].join('\n\n')
  },
  exitCode: (result) => (result.kind === 'csv' && result.invalid > 0 ? EXIT.refused : EXIT.ok),
})
