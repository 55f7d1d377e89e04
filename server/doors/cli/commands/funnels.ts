import { DAY_MS } from '#server/base/duration.ts'
import { invalid, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import {
  type Funnel,
  type PreviewStep,
  checkFunnel,
  findForSale,
  findFunnel,
  listFunnels,
  listRuns,
  previewFunnel,
  reportFunnel,
  setFunnel,
  setReminders,
} from '#server/modules/sales/index.ts'

import { type CommandGroup, command } from '../command.ts'
import type { CliContext } from '../context.ts'
import { renderFunnelReport } from '../present/funnel-report.ts'
import { renderTable } from '../present/table.ts'
import { paint } from '../terminal.ts'
import { readJsonObject } from '../read-json-file.ts'
import { asOwner } from './members.ts'

const find = async (tx: TenantTx, name: string): Promise<Funnel> => {
  const funnel = await findFunnel(tx, name)
  if (!funnel) throw notFound('funnel', name)
  return funnel
}

type Way = Funnel['definition']['stages'][number]['transitions'][number]

const wayText = ({ t }: CliContext, way: Way): string => {
  const when = Object.entries(way.when ?? {}).map(([name, values]) => `${name}: ${values.join(', ')}`)
  const notes = [
    ...(way.hours === undefined ? [] : [t('funnels.hours', { hours: way.hours })]),
    ...when,
    ...(way.isOff ? [t('funnels.off')] : []),
  ]
  const does = way.does === undefined ? '' : ` · ${t(`funnels.does.${way.does}`)}`
  return `${t(`funnels.on.${way.on}`)}${notes.length > 0 ? ` (${notes.join('; ')})` : ''} → ${way.to}${does}`
}

const renderFunnel = (context: CliContext, funnel: Funnel): string => {
  const { t, terminal } = context
  const stages = funnel.definition.stages.map(({ name, kind, transitions }) =>
    [
      `${paint(terminal, 'bold', name)} · ${t(`words:funnelStageKind.${kind}`)}`,
      ...transitions.map((way) => `  ${wayText(context, way)}`),
    ].join('\n'),
  )
  return [
    paint(terminal, 'bold', t('funnels.title', { name: funnel.name, version: funnel.version })),
    t('funnels.start', { stage: funnel.definition.start }),
    ...stages,
  ].join('\n')
}

const list = command({
  name: 'list',
  run: (context) => context.read(listFunnels),
  render: ({ t, terminal }, rows) =>
    renderTable(
      terminal,
      [
        { title: t('column.name'), value: (row) => row.name },
        { title: t('column.version'), value: (row) => row.version, align: 'right' },
        { title: t('funnels.stages'), value: (row) => row.definition.stages.map(({ name }) => name).join(' → ') },
        { title: t('column.changed'), value: (row) => row.updatedBy ?? '–' },
      ],
      rows,
      '',
    ),
})

const show = command({
  name: 'show',
  args: [{ name: 'funnel' }],
  run: (context, input) => context.read((tx) => find(tx, input.arg('funnel'))),
  render: renderFunnel,
})

const set = command({
  name: 'set',
  args: [{ name: 'funnel' }, { name: 'funnel-file', optional: true }],
  options: [
    { name: 'reminders', value: 'on|off' },
    { name: 'silence-hours', value: '1-720' },
  ],
  run: async (context, input) => {
    const [name, path] = [input.arg('funnel'), input.findArg('funnel-file')]
    const reminders = input.oneOf('reminders', ['on', 'off'])
    const hours = input.number('silence-hours', 1, 720)
    if (path === null && reminders === null) throw invalid('argument_missing', 'funnel-file')
    const definition = path === null ? null : await readJsonObject('funnel-file', path)
    return context.change(async (tx) => {
      if (definition) await setFunnel(tx, { name, definition }, asOwner(context))
      const change = { name, isOn: reminders === 'on', ...(hours !== null && { hours }) }
      if (reminders !== null) await setReminders(tx, change, asOwner(context))
      return find(tx, name)
    })
  },
  render: renderFunnel,
})

interface Preview {
  readonly funnel: Funnel
  readonly steps: readonly PreviewStep[]
}

const preview = command({
  name: 'preview',
  args: [{ name: 'funnel' }, { name: 'funnel-file', optional: true }],
  options: [
    { name: 'saying', value: 'text', many: true },
    { name: 'account', value: 'id' },
  ],
  run: async (context, input): Promise<Preview> => {
    const [name, path] = [input.arg('funnel'), input.findArg('funnel-file')]
    const given = path === null ? null : checkFunnel(await readJsonObject('funnel-file', path))
    const accountId = input.whole('account', 1, Number.MAX_SAFE_INTEGER)
    const at = context.now()
    return context.read(async (tx) => {
      const funnel = given
        ? { name, version: 0, definition: given, updatedBy: null, updatedAt: null }
        : await find(tx, name)
      const sale = accountId === null ? null : await findForSale(tx, accountId, at)
      const catalogue = sale?.products.map((product) => product.name) ?? []
      return { funnel, steps: previewFunnel(funnel.definition, input.texts('saying'), { catalogue, at }) }
    })
  },
  render: (context, { funnel, steps }) => {
    const { t, terminal } = context
    const said = steps.map(({ text, wish, stages, does }) => {
      const heard = wish === null ? t('funnels.noWish') : t(`funnels.wish.${wish.intent}`)
      const names = wish === null || wish.products.length === 0 ? '' : ` (${wish.products.join(', ')})`
      const deeds = does.map((deed) => ` · ${t(`funnels.does.${deed}`)}`).join('')
      return `${paint(terminal, 'bold', `« ${text} »`)}\n  ${heard}${names}\n  ${stages.join(' → ')}${deeds}`
    })
    return [renderFunnel(context, funnel), ...said].join('\n\n')
  },
})

const DAYS_SHOWN = 30

const report = command({
  name: 'report',
  args: [{ name: 'funnel' }],
  options: [{ name: 'days', value: '1-365' }],
  run: (context, input) => {
    const until = context.now() + 1
    const from = until - (input.whole('days', 1, 365) ?? DAYS_SHOWN) * DAY_MS
    return context.read((tx) => reportFunnel(tx, input.arg('funnel'), { from, until }))
  },
  render: renderFunnelReport,
})

const people = command({
  name: 'people',
  args: [{ name: 'funnel' }],
  options: [
    { name: 'stage', value: 'name' },
    { name: 'contact-id', value: 'id' },
    { name: 'limit', value: 'count' },
    { name: 'before', value: 'id' },
  ],
  run: (context, input) => {
    const stage = input.text('stage')
    const [contactId, beforeId] = ['contact-id', 'before'].map((name) => input.whole(name, 1, Number.MAX_SAFE_INTEGER))
    const filter = {
      funnel: input.arg('funnel'),
      ...(stage !== null && { stage }),
      ...(contactId != null && { contactId }),
      ...(beforeId != null && { beforeId }),
    }
    return context.read((tx) => listRuns(tx, filter, input.whole('limit', 1, 500) ?? 50))
  },
  render: ({ t, terminal, formats, now }, rows) =>
    renderTable(
      terminal,
      [
        { title: t('column.id'), value: (row) => row.id, align: 'right' },
        { title: t('column.contact'), value: (row) => row.contactId ?? '–', align: 'right' },
        { title: t('column.account'), value: (row) => row.accountId, align: 'right' },
        { title: t('funnels.stage'), value: (row) => row.stage },
        { title: t('funnels.since'), value: (row) => formats.relative(row.sinceAt, now()) },
        { title: t('column.reason'), value: (row) => t(`funnels.on.${row.why}`) },
        { title: t('orders.product'), value: (row) => row.product ?? '–' },
        { title: t('column.version'), value: (row) => row.version, align: 'right' },
      ],
      rows,
      t('funnels.nobody'),
    ),
})

export const funnels: CommandGroup = { name: 'funnels', commands: [list, show, set, preview, report, people] }
