import {
  createPipeline,
  findPipeline,
  listPipelines,
  removePipeline,
  renamePipelineStage,
  setPipelineStages,
  showBoard,
  type Pipeline,
} from '#server/modules/contacts/index.ts'

import { MEMBER_OPTION, actingMember } from '../acting-member.ts'
import { type CommandGroup, command } from '../command.ts'
import type { CliContext } from '../context.ts'
import { renderBar } from '../present/bar.ts'
import { renderTable } from '../present/table.ts'

const renderPipelines = ({ t, terminal }: CliContext, rows: readonly Pipeline[]): string =>
  renderTable(
    terminal,
    [
      { title: t('column.id'), value: (row) => row.id, align: 'right' },
      { title: t('column.name'), value: (row) => row.name },
      { title: t('pipelines.stages'), value: (row) => row.stages.map((stage) => stage.name).join(' → ') },
    ],
    rows,
    t('pipelines.none'),
  )

const list = command({ name: 'list', run: (context) => context.read(listPipelines), render: renderPipelines })

const board = command({
  name: 'board',
  args: [{ name: 'pipeline', optional: true }],
  options: [MEMBER_OPTION],
  run: (context, input) =>
    context.read(async (tx) => showBoard(tx, input.findArg('pipeline'), await actingMember(tx, context, input))),
  render: ({ t, terminal, formats }, { stages }) => {
    const most = Math.max(...stages.map((stage) => stage.contacts))
    return renderTable(
      terminal,
      [
        { title: t('pipelines.stage'), value: (row) => row.name },
        { title: t('column.people'), value: (row) => formats.number(row.contacts), align: 'right' },
        { title: '', value: (row) => renderBar(row.contacts, most, 30) },
      ],
      stages,
      t('pipelines.none'),
    )
  },
})

const create = command({
  name: 'create',
  args: [{ name: 'pipeline' }, { name: 'stages', variadic: true }],
  options: [MEMBER_OPTION],
  run: (context, input) =>
    context.change(async (tx) => {
      const given = { name: input.arg('pipeline'), stages: input.rest('stages') }
      return createPipeline(tx, given, await actingMember(tx, context, input))
    }),
  render: (context, made) => renderPipelines(context, [made]),
})

const stages = command({
  name: 'stages',
  args: [{ name: 'pipeline' }, { name: 'stages', variadic: true }],
  options: [MEMBER_OPTION],
  run: (context, input) =>
    context.change(async (tx) => {
      const { id } = await findPipeline(tx, input.arg('pipeline'))
      return setPipelineStages(tx, { id, stages: input.rest('stages') }, await actingMember(tx, context, input))
    }),
  render: (context, changed) => renderPipelines(context, [changed]),
})

const renameStage = command({
  name: 'rename-stage',
  args: [{ name: 'pipeline' }, { name: 'stage' }, { name: 'new-name' }],
  options: [MEMBER_OPTION],
  run: (context, input) =>
    context.change(async (tx) => {
      const { id } = await findPipeline(tx, input.arg('pipeline'))
      const given = { id, stage: input.arg('stage'), name: input.arg('new-name') }
      return renamePipelineStage(tx, given, await actingMember(tx, context, input))
    }),
  render: (context, changed) => renderPipelines(context, [changed]),
})

const remove = command({
  name: 'remove',
  args: [{ name: 'pipeline' }],
  options: [MEMBER_OPTION],
  run: async (context, input) => {
    const { id, name } = await context.read((tx) => findPipeline(tx, input.arg('pipeline')))
    await context.confirm(context.t('pipelines.removeSure', { name }))
    await context.change(async (tx) => removePipeline(tx, id, await actingMember(tx, context, input)))
    return { removed: id, name }
  },
  render: ({ t }, { name }) => t('pipelines.removed', { name }),
})

export const pipelines: CommandGroup = {
  name: 'pipelines',
  commands: [list, board, create, stages, renameStage, remove],
}
