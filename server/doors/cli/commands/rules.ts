import { writeFile } from 'node:fs/promises'

import { LOCALES } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import {
  type ChangedRule,
  type Rule,
  addRule,
  editRule,
  explainRules,
  exportRules,
  getRule,
  importRules,
  listRules,
  reportRules,
  setRuleState,
} from '#server/modules/automations/index.ts'
import type { LintFinding } from '#server/modules/templates/index.ts'

import { type CommandGroup, type OptionSpec, command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import type { CliContext } from '../context.ts'
import { renderBar } from '../present/bar.ts'
import { manyLines, renderPairs, renderTable } from '../present/table.ts'
import { readJsonObject } from '../read-json-file.ts'
import { resolveContact } from '../resolve-contact.ts'
import { paint } from '../terminal.ts'
import { asOwner } from './members.ts'
import { ruleIn } from './rule-options.ts'

const triggerText = ({ t }: CliContext, { trigger }: Rule): string => {
  const kind = t(`words:ruleTrigger.${trigger.kind}`)
  switch (trigger.kind) {
    case 'keyword':
      return `${kind}: ${trigger.words.join(trigger.match === 'all' ? ' + ' : ', ')}`
    case 'regex':
      return `${kind}: ${trigger.pattern}`
    case 'command':
      return `/${trigger.command}`
    case 'time':
      return `${kind}: ${t(`rules.${trigger.when}`)} ${trigger.from}–${trigger.to} (${trigger.weekdays.join(', ')})`
    case 'first_message':
    case 'join':
    case 'leave':
      return kind
    default:
      return trigger satisfies never
  }
}

const renderRules = (context: CliContext, rules: readonly Rule[]): string => {
  const { t, terminal } = context
  return renderTable(
    terminal,
    [
      { title: t('column.id'), value: ({ id }) => id, align: 'right' },
      { title: t('rules.priority'), value: ({ priority }) => priority, align: 'right' },
      { title: t('column.name'), value: ({ name }) => name },
      { title: t('rules.trigger'), value: (rule) => triggerText(context, rule) },
      { title: t('rules.scope'), value: ({ scope }) => t(`words:ruleScope.${scope}`) },
      {
        title: t('column.state'),
        value: ({ state }) => t(`words:ruleState.${state}`),
        style: ({ state }) => (state === 'enabled' ? 'green' : 'yellow'),
      },
      { title: t('column.version'), value: ({ version }) => version, align: 'right' },
    ],
    rules,
    t('rules.none'),
  )
}

const renderFindings = ({ t, terminal }: CliContext, findings: readonly LintFinding[]): readonly string[] =>
  findings.map(
    ({ code, field, params }) =>
      `${paint(terminal, 'yellow', t('templates.warning'))}  ${field}: ${t(`lint:${code}`, params)}`,
  )

const renderRule = (context: CliContext, rule: Rule): string => {
  const { t, terminal } = context
  const texts = rule.actions.flatMap((action) => (action.kind === 'reply' ? action.texts : []))
  const others = rule.actions.filter(({ kind }) => kind !== 'reply')
  return [
    renderRules(context, [rule]),
    renderPairs(terminal, [
      [t('rules.contactCooldown'), rule.contactCooldownMinutes],
      [t('rules.chatCooldown'), rule.chatCooldownMinutes],
      [t('rules.maxPerDay'), rule.maxPerDay ?? '–'],
      [t('rules.goesOn'), t(rule.goesOn ? 'talk.yes' : 'talk.no')],
      [t('rules.marksAnswered'), t(rule.marksAnswered ? 'talk.yes' : 'talk.no')],
      ...others.map((action) => [t(`rules.action.${action.kind}`), JSON.stringify(action)] as const),
    ]),
    ...texts.map(({ locale, text, buttons }) =>
      [
        paint(terminal, 'bold', locale),
        manyLines(text),
        ...buttons.map((row) => row.map((button) => `[ ${button.text} ]`).join(' ')),
      ].join('\n'),
    ),
  ].join('\n\n')
}

const renderChanged = (context: CliContext, { rule, findings }: ChangedRule): string =>
  [renderRule(context, rule), ...renderFindings(context, findings)].join('\n\n')

const list = command({
  name: 'list',
  args: [{ name: 'account' }],
  run: (context, input) => context.read((tx) => listRules(tx, input.id('account'), asOwner(context).access)),
  render: renderRules,
})

const show = command({
  name: 'show',
  args: [{ name: 'rule' }],
  run: (context, input) => context.read((tx) => getRule(tx, input.id('rule'), asOwner(context).access)),
  render: (context, { rule, versions }) => {
    const { t, terminal, formats, now } = context
    const history = renderTable<Rule>(
      terminal,
      [
        { title: t('column.version'), value: ({ version }) => version, align: 'right' },
        { title: t('column.state'), value: ({ state }) => t(`words:ruleState.${state}`) },
        { title: t('audit.actor'), value: ({ changedBy }) => changedBy },
        { title: t('audit.at'), value: ({ changedAt }) => formats.relative(changedAt, now()) },
      ],
      versions,
      '',
    )
    return [renderRule(context, rule), history].join('\n\n')
  },
})

const FLAGS: readonly OptionSpec[] = [
  { name: 'rule-name', value: 'text' },
  { name: 'keyword', value: 'word', many: true },
  { name: 'all-words' },
  { name: 'regex', value: 'pattern' },
  { name: 'on-command', value: '/word' },
  { name: 'outside', value: '09:00-18:00' },
  { name: 'inside', value: '09:00-18:00' },
  { name: 'weekday', value: '1-7', many: true },
  { name: 'when', value: 'first_message|join|leave' },
  { name: 'reply', value: 'text' },
  { name: 'reply-lang', value: LOCALES.join('|') },
  { name: 'label-with', value: 'tag', many: true },
  { name: 'hand-over' },
  { name: 'in-group' },
  { name: 'everything' },
  { name: 'rank', value: '1-1000' },
  { name: 'contact-cooldown', value: 'minutes' },
  { name: 'chat-cooldown', value: 'minutes' },
  { name: 'per-day-max', value: 'n' },
  { name: 'goes-on' },
]

/** What a file and the options beside it say; the options win. */
const givenIn = async (context: CliContext, input: CommandInput): Promise<Readonly<Record<string, unknown>>> => {
  const path = input.findArg('rule-file')
  const file = path === null ? {} : await readJsonObject('rule-file', path)
  return { ...file, ...ruleIn(input, (await context.tenant()).locale) }
}

const add = command({
  name: 'add',
  args: [{ name: 'account' }, { name: 'rule-file', optional: true }],
  options: FLAGS,
  run: async (context, input) => {
    const given = await givenIn(context, input)
    return context.change((tx) => addRule(tx, { accountId: input.id('account'), given }, asOwner(context)))
  },
  render: renderChanged,
})

const edit = command({
  name: 'edit',
  args: [{ name: 'rule' }, { name: 'rule-file', optional: true }],
  options: FLAGS,
  run: async (context, input) => {
    const change = await givenIn(context, input)
    return context.change((tx) => editRule(tx, { id: input.id('rule'), change }, asOwner(context)))
  },
  render: renderChanged,
})

const switchTo = (name: 'enable' | 'disable', state: 'enabled' | 'disabled') =>
  command({
    name,
    args: [{ name: 'rule' }],
    run: (context, input) =>
      context.change((tx) => setRuleState(tx, { id: input.id('rule'), state }, asOwner(context))),
    render: (context, rule: Rule) => renderRules(context, [rule]),
  })

const remove = command({
  name: 'remove',
  args: [{ name: 'rule' }],
  run: async (context, input) => {
    const id = input.id('rule')
    const { rule } = await context.read((tx) => getRule(tx, id, asOwner(context).access))
    await context.confirm(context.t('rules.removeSure', { name: rule.name }))
    return context.change((tx) => setRuleState(tx, { id, state: 'removed' }, asOwner(context)))
  },
  render: ({ t }, { name }) => t('rules.removed', { name }),
})

const test = command({
  name: 'test',
  args: [{ name: 'account' }, { name: 'words' }],
  options: [{ name: 'as-contact', value: 'contact' }, { name: 'in-group' }, { name: 'addressed' }, { name: 'first' }],
  run: (context, input) =>
    context.read(async (tx) => {
      const person = input.text('as-contact')
      const contactId = person === null ? {} : { contactId: (await resolveContact(tx, person)).id }
      const trial = {
        ...contactId,
        place: input.isOn('in-group') ? ('group' as const) : ('private' as const),
        isAddressed: input.isOn('addressed'),
        isFirst: input.isOn('first'),
        at: context.now(),
      }
      return explainRules(tx, input.id('account'), input.arg('words'), trial, asOwner(context).access)
    }),
  render: (context, explained) => {
    const { t, terminal } = context
    const table = renderTable<(typeof explained)[number]>(
      terminal,
      [
        { title: t('column.id'), value: ({ rule }) => rule.id, align: 'right' },
        { title: t('rules.priority'), value: ({ rule }) => rule.priority, align: 'right' },
        { title: t('column.name'), value: ({ rule }) => rule.name },
        { title: t('rules.trigger'), value: ({ rule }) => triggerText(context, rule) },
        {
          title: t('rules.outcome'),
          value: ({ outcome }) => t(`words:ruleOutcome.${outcome}`),
          style: ({ outcome }) => (outcome === 'fires' ? 'green' : 'dim'),
        },
      ],
      explained,
      t('rules.none'),
    )
    const answers = explained.flatMap(({ rule, answer }) =>
      answer
        ? [
            [
              paint(terminal, 'bold', t('rules.wouldAnswer', { name: rule.name })),
              manyLines(answer.text),
              ...answer.buttons.map((row) => row.map((button) => `[ ${button.text} ]`).join(' ')),
            ].join('\n'),
          ]
        : [],
    )
    return [table, ...answers].join('\n\n')
  },
})

const DAYS_SHOWN = 14
const BAR_WIDTH = 30

const report = command({
  name: 'report',
  args: [{ name: 'account' }],
  options: [{ name: 'days', value: 'n' }],
  run: (context, input) =>
    context.read((tx) =>
      reportRules(
        tx,
        { accountId: input.id('account'), days: input.whole('days', 1, 90) ?? DAYS_SHOWN, at: context.now() },
        asOwner(context).access,
      ),
    ),
  render: ({ t, terminal, formats }, { days, rules }) => {
    if (rules.length === 0) return t('rules.none')
    const max = Math.max(...rules.flatMap(({ perDay }) => perDay))
    return rules
      .map(({ rule, fired, answers, perDay }) => {
        const head = t('rules.fired', { name: rule.name, count: fired, answers: formats.number(answers) })
        const lines = renderTable<number>(
          terminal,
          [
            { title: '', value: (i) => days[i] ?? '' },
            { title: '', value: (i) => perDay[i] ?? 0, align: 'right' },
            { title: '', value: (i) => renderBar(perDay[i] ?? 0, max, BAR_WIDTH) },
          ],
          days.map((_, i) => i),
          '',
        )
        return `${paint(terminal, 'bold', head)}\n${lines}`
      })
      .join('\n\n')
  },
})

const exportAll = command({
  name: 'export',
  args: [{ name: 'account' }],
  options: [{ name: 'output', value: 'file' }],
  run: async (context, input) => {
    const rules = await context.read((tx) => exportRules(tx, input.id('account'), asOwner(context).access))
    const output = input.text('output')
    if (output === null || context.options.dryRun) return rules
    try {
      await writeFile(output, `${JSON.stringify(rules, null, 2)}\n`, { flag: 'wx', mode: 0o600 })
    } catch (error) {
      const problem = (error as NodeJS.ErrnoException).code ?? ''
      throw invalid('file_not_written', '--output', { path: output, problem })
    }
    context.note(context.t('talk.written', { path: output }))
    return { accountId: input.id('account'), output }
  },
  render: (_context, result) => ('format' in result ? JSON.stringify(result, null, 2) : ''),
})

const importAll = command({
  name: 'import',
  args: [{ name: 'account' }, { name: 'rules-file' }],
  options: [{ name: 'replace' }],
  run: async (context, input) => {
    const json = await readJsonObject('rules-file', input.arg('rules-file'))
    const given = { accountId: input.id('account'), json, replaces: input.isOn('replace') }
    return context.change((tx) => importRules(tx, given, asOwner(context)))
  },
  render: (context, { added, changed, unchanged, removed, findings }) => {
    const { t, terminal } = context
    const pairs = [
      [t('rules.added'), added],
      [t('rules.changed'), changed],
      [t('rules.unchanged'), unchanged],
      [t('rules.removedOnes'), removed],
    ] as const
    const told = pairs.map(([title, names]) => [title, names.length === 0 ? '–' : names.join(', ')] as const)
    return [renderPairs(terminal, told), ...renderFindings(context, findings)].join('\n')
  },
})

export const rules: CommandGroup = {
  name: 'rules',
  commands: [
    list,
    show,
    add,
    edit,
    switchTo('enable', 'enabled'),
    switchTo('disable', 'disabled'),
    remove,
    test,
    report,
    exportAll,
    importAll,
  ],
}
