import { MESSAGE_STYLES, SEGMENTS } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import {
  PRESET_NAMES,
  type Strategy,
  type StrategyChange,
  applyPreset,
  listStrategies,
  listStrategyVersions,
  restoreStrategy,
  setStrategy,
} from '#server/modules/delivery/index.ts'

import { type CommandGroup, command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import { ACTOR, type CliContext } from '../context.ts'
import { renderTable } from '../present/table.ts'

const renderStrategies = ({ t, terminal, formats, now }: CliContext, rows: readonly Strategy[]): string =>
  renderTable(
    terminal,
    [
      { title: t('column.segment'), value: (row) => row.segment },
      { title: t('column.state'), value: (row) => t(row.enabled ? 'talk.on' : 'talk.off') },
      { title: t('column.priority'), value: (row) => row.priority, align: 'right' },
      { title: t('column.every'), value: (row) => t('strategies.hours', { count: row.everyHours }), align: 'right' },
      { title: t('column.perDay'), value: (row) => row.maxPerDay, align: 'right' },
      {
        title: t('column.cooldown'),
        value: (row) => t('strategies.hours', { count: row.cooldownHours }),
        align: 'right',
      },
      { title: t('column.hours'), value: (row) => row.hours.join(' ') },
      { title: t('column.style'), value: (row) => t(`words:style.${row.style}`) },
      { title: t('column.version'), value: (row) => row.version, align: 'right' },
      { title: t('column.changed'), value: (row) => `${row.changedBy}, ${formats.relative(row.createdAt, now())}` },
    ],
    rows,
    t('strategies.none'),
  )

const show = command({
  name: 'show',
  args: [{ name: 'segment', optional: true }],
  run: (context, input) =>
    context.read((tx) =>
      input.findArg('segment') === null
        ? listStrategies(tx)
        : listStrategyVersions(tx, input.argOf('segment', SEGMENTS)),
    ),
  render: renderStrategies,
})

const hoursOf = (input: CommandInput): readonly number[] | null => {
  const given = input.text('hours')
  if (given === null) return null
  return given.split(/[ ,]+/).map((word) => {
    if (!/^\d{1,2}$/.test(word) || Number(word) > 23)
      throw invalid('hours_expected', '--hours', { given: given.slice(0, 60) })
    return Number(word)
  })
}

const changeOf = (input: CommandInput): StrategyChange => {
  const [enabled, style, hours] = [
    input.oneOf('enabled', ['on', 'off']),
    input.oneOf('style', MESSAGE_STYLES),
    hoursOf(input),
  ]
  const [priority, everyHours] = [input.whole('priority', 1, 10), input.whole('every-hours', 1, 8760)]
  const [maxPerDay, cooldownHours] = [input.whole('max-per-day', 0, 5), input.whole('cooldown-hours', 1, 8760)]
  return {
    ...(enabled !== null && { enabled: enabled === 'on' }),
    ...(style !== null && { style }),
    ...(hours !== null && { hours }),
    ...(priority !== null && { priority }),
    ...(everyHours !== null && { everyHours }),
    ...(maxPerDay !== null && { maxPerDay }),
    ...(cooldownHours !== null && { cooldownHours }),
  }
}

const set = command({
  name: 'set',
  args: [{ name: 'segment' }],
  options: [
    { name: 'enabled', value: 'on|off' },
    { name: 'priority', value: 'n' },
    { name: 'every-hours', value: 'n' },
    { name: 'max-per-day', value: 'n' },
    { name: 'cooldown-hours', value: 'n' },
    { name: 'hours', value: 'list' },
    { name: 'style', value: 'style' },
  ],
  run: (context, input) => {
    const segment = input.argOf('segment', SEGMENTS)
    return context.change((tx) => setStrategy(tx, segment, changeOf(input), { changedBy: ACTOR, at: context.now() }))
  },
  render: (context, strategy) => renderStrategies(context, [strategy]),
})

const restore = command({
  name: 'restore',
  args: [{ name: 'segment' }, { name: 'version' }],
  run: (context, input) => {
    const segment = input.argOf('segment', SEGMENTS)
    const version = input.id('version')
    return context.change((tx) => restoreStrategy(tx, segment, version, { changedBy: ACTOR, at: context.now() }))
  },
  render: (context, strategy) => renderStrategies(context, [strategy]),
})

const preset = command({
  name: 'preset',
  args: [{ name: 'preset' }],
  run: async (context, input) => {
    const name = input.argOf('preset', PRESET_NAMES)
    await context.confirm(context.t('strategies.presetSure', { preset: name }))
    const changed = await context.change((tx) => applyPreset(tx, name, ACTOR, context.now()))
    return { preset: name, changed }
  },
  render: ({ t }, { preset: name, changed }) => t('strategies.presetSet', { preset: name, changed }),
})

export const strategies: CommandGroup = { name: 'strategies', commands: [show, set, restore, preset] }
