import { invalid, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import {
  type OwnCondition,
  type OwnPreview,
  type OwnSegment,
  createOwnSegment,
  getOwnSegment,
  listOwnSegments,
  previewOwnSegment,
  removeOwnSegment,
} from '#server/modules/segments/index.ts'
import { maskContact } from '#server/modules/tenancy/index.ts'

import { MEMBER_OPTION, actingMember } from '../acting-member.ts'
import type { CommandInput } from '../command-input.ts'
import { command } from '../command.ts'
import type { CliContext } from '../context.ts'
import { renderTable } from '../present/table.ts'
import { readJsonObject } from '../read-json-file.ts'

const ACTIONS = ['list', 'create', 'preview', 'remove'] as const

const ownConditionText = (condition: OwnCondition): string => {
  if ('feature' in condition) return `${condition.feature} ${condition.op} ${condition.value}`
  const [what, name] =
    'tag' in condition
      ? ['tag', condition.tag]
      : 'consent' in condition
        ? ['consent', condition.consent]
        : ['segment', condition.segment]
  return `${what} ${condition.is ? '=' : '≠'} ${name}`
}

/** One by its number or its name. Errors: `not_found`. */
export const resolveOwnSegment = async (tx: TenantTx, reference: string): Promise<OwnSegment> => {
  const named = (await listOwnSegments(tx)).find(({ name }) => name === reference)
  if (named) return named
  if (!/^\d{1,15}$/.test(reference)) throw notFound('own_segment', reference)
  return getOwnSegment(tx, Number(reference))
}

type Result = { readonly segments: readonly OwnSegment[] } | OwnPreview | { readonly removed: OwnSegment }

const renderSegments = ({ t, terminal }: CliContext, rows: readonly OwnSegment[]): string =>
  renderTable(
    terminal,
    [
      { title: t('column.id'), value: (row) => row.id, align: 'right' },
      { title: t('column.name'), value: (row) => row.name },
      { title: t('column.version'), value: (row) => row.version, align: 'right' },
      { title: t('column.rule'), value: (row) => row.conditions.map(ownConditionText).join(' ∧ ') },
    ],
    rows,
    t('segments.noOwn'),
  )

const renderPreview = (context: CliContext, { count, sample }: OwnPreview): string => {
  const { t, terminal, formats, now } = context
  const people = renderTable(
    terminal,
    [
      { title: t('column.id'), value: (row) => row.id, align: 'right' },
      { title: t('column.name'), value: (row) => [row.firstName, row.lastName].filter(Boolean).join(' ') },
      {
        title: t('column.lastSeen'),
        value: (row) => (row.lastSeenAt === null ? '' : formats.relative(row.lastSeenAt, now())),
      },
    ],
    sample,
    '',
  )
  return [t('segments.ownFits', { people: formats.number(count) }), people].filter(Boolean).join('\n\n')
}

const perform = async (context: CliContext, input: CommandInput): Promise<Result> => {
  const action = input.argOf('action', ACTIONS)
  if (action === 'list') return { segments: await context.read(listOwnSegments) }
  const reference = input.arg('segment')
  if (action === 'create') {
    const file = input.findArg('rule-file')
    if (file === null) throw invalid('argument_missing', 'rule-file')
    const { conditions } = await readJsonObject('rule-file', file)
    return context.change(async (tx) => ({
      segments: [await createOwnSegment(tx, { name: reference, conditions }, await actingMember(tx, context, input))],
    }))
  }
  if (action === 'preview')
    return context.read(async (tx) => {
      const { access } = await actingMember(tx, context, input)
      const found = await previewOwnSegment(tx, (await resolveOwnSegment(tx, reference)).conditions, context.now())
      return { ...found, sample: found.sample.map((contact) => maskContact(access, contact)) }
    })
  const { name } = await context.read((tx) => resolveOwnSegment(tx, reference))
  await context.confirm(context.t('segments.ownRemoveSure', { name }))
  return context.change(async (tx) => {
    const { id } = await resolveOwnSegment(tx, reference)
    return { removed: await removeOwnSegment(tx, id, await actingMember(tx, context, input)) }
  })
}

/** The segments a tenant made for itself: list them, make one from a file, see who fits, remove one. */
export const ownSegments = command<Result>({
  name: 'own',
  args: [{ name: 'action' }, { name: 'segment', optional: true }, { name: 'rule-file', optional: true }],
  options: [MEMBER_OPTION],
  run: perform,
  render: (context, result) => {
    if ('count' in result) return renderPreview(context, result)
    if ('removed' in result) return context.t('segments.ownRemoved', { name: result.removed.name })
    return renderSegments(context, result.segments)
  },
})
