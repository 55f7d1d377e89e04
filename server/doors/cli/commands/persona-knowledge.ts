import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'

import { LOCALES } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import {
  type FoundPassage,
  type KnowledgeFile,
  type KnowledgeView,
  addKnowledge,
  findKnowledge,
  getKnowledge,
  listKnowledge,
  removeKnowledge,
} from '#server/modules/conversations/index.ts'

import { command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import type { CliContext } from '../context.ts'
import { manyLines, renderTable } from '../present/table.ts'
import { paint } from '../terminal.ts'
import { asOwner } from './members.ts'

const ACTIONS = ['list', 'add', 'show', 'search', 'remove'] as const

type Told =
  | { readonly files: readonly KnowledgeFile[] }
  | { readonly view: KnowledgeView }
  | { readonly found: readonly FoundPassage[] }

/** No package takes as much; a larger file is not read at all. */
const BYTES_MAX = 16 * 1024 * 1024

const readBytes = async (file: string): Promise<Uint8Array> => {
  try {
    const { size } = await stat(file)
    if (size > BYTES_MAX) throw invalid('file_too_large', 'what', { path: file, bytes: size, max: BYTES_MAX })
    return await readFile(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined || !('syscall' in (error as object))) throw error
    if (code === 'ENOENT') throw invalid('file_missing', 'what', { path: file })
    throw invalid('file_unreadable', 'what', { path: file, problem: code })
  }
}

const run = async (context: CliContext, input: CommandInput): Promise<Told> => {
  const accountId = input.id('account')
  const { access } = asOwner(context)
  const action = input.argOf('action', ACTIONS)
  const files = () => context.read(async (tx) => ({ files: await listKnowledge(tx, accountId, access) }))
  if (action === 'list') return files()
  const what = input.arg('what')
  if (action === 'search')
    return context.read(async (tx) => ({
      found: await findKnowledge(tx, accountId, what, input.whole('limit', 1, 20) ?? 5),
    }))
  if (action === 'show')
    return context.read(async (tx) => ({ view: await getKnowledge(tx, { accountId, name: what }, access) }))
  if (action === 'remove') {
    await context.confirm(context.t('personas.knowledgeRemoveSure', { name: what }))
    await context.change((tx) => removeKnowledge(tx, { accountId, name: what }, asOwner(context)))
    return files()
  }
  const bytes = await readBytes(what)
  const language = input.oneOf('language', LOCALES)
  const given = { accountId, name: path.basename(what), bytes, ...(language !== null && { language }) }
  return { files: [await context.change((tx) => addKnowledge(tx, given, asOwner(context)))] }
}

const renderFiles = ({ t, terminal, formats, now }: CliContext, files: readonly KnowledgeFile[]): string =>
  renderTable(
    terminal,
    [
      { title: t('column.name'), value: ({ name }) => name },
      { title: t('column.version'), value: ({ version }) => version, align: 'right' },
      { title: t('personas.language'), value: ({ language }) => language },
      { title: t('personas.bytes'), value: ({ byteCount }) => formats.number(byteCount), align: 'right' },
      { title: t('personas.passages'), value: ({ passageCount }) => formats.number(passageCount), align: 'right' },
      { title: t('audit.actor'), value: ({ addedBy }) => addedBy },
      { title: t('audit.at'), value: ({ addedAt }) => formats.relative(addedAt, now()) },
    ],
    files,
    t('personas.knowledgeNone'),
  )

const render = (context: CliContext, told: Told): string => {
  const { t, terminal, formats } = context
  if ('files' in told) return renderFiles(context, told.files)
  const passage = (head: string, text: string) => `${paint(terminal, 'bold', head)}\n${manyLines(text)}`
  if ('view' in told) {
    const { versions, passages } = told.view
    return [
      renderFiles(context, versions),
      ...passages.map(({ heading, text }, i) => passage(`${i + 1} ${heading}`, text)),
    ].join('\n\n')
  }
  if (told.found.length === 0) return t('personas.knowledgeNothing')
  return told.found
    .map(({ source, number, heading, text, score }) =>
      passage(`${formats.percent(score, 0)} · ${source} ${number} ${heading}`, text),
    )
    .join('\n\n')
}

/** `personas knowledge list|add|show|search|remove`. */
export const knowledge = command({
  name: 'knowledge',
  args: [{ name: 'action' }, { name: 'account' }, { name: 'what', optional: true }],
  options: [
    { name: 'language', value: LOCALES.join('|') },
    { name: 'limit', value: 'n' },
  ],
  run,
  render,
})
