import { Command as Commander, type CommanderError, Option } from 'commander'

import { LOCALES } from '#contract/words.ts'

import { type CommandInput, readInput } from './command-input.ts'
import type { AnyCommand, CommandGroup, OptionSpec } from './command.ts'
import type { Terminal } from './terminal.ts'
import type { Translate } from '#server/base/translate.ts'

/** What was asked for: a command with its input, found by parsing. */
export interface Invocation {
  readonly command: AnyCommand
  readonly input: CommandInput
}

/** Titles that commander writes itself, by the text it would write. */
const TITLES: Readonly<Record<string, string>> = {
  'Usage:': 'help.usage',
  'Arguments:': 'help.arguments',
  'Options:': 'help.options',
  'Global Options:': 'help.globalOptions',
  'Commands:': 'help.commands',
}

export interface ProgramOptions {
  readonly terminal: Terminal
  readonly t: Translate
  readonly version: string
  readonly groups: readonly CommandGroup[]
}

/** The whole command tree, silent about errors: they are thrown, and told by the caller in its language. */
export const buildProgram = (options: ProgramOptions, found: (invocation: Invocation) => void): Commander => {
  const { t, terminal } = options
  const program = new Commander('gavatcore')
  dress(program, options)
  program
    .description(t('about'))
    .usage(t('help.usageOf'))
    .version(options.version, '-V, --version', t('option.version'))
    .addOption(new Option('--json', t('option.json')))
    .addOption(new Option('--yes', t('option.yes')))
    .addOption(new Option('--dry-run', t('option.dry-run')))
    .addOption(new Option('--tenant <slug>', t('option.tenant')))
    .addOption(new Option('--lang <language>', t('option.lang')).choices([...LOCALES]))
    .helpCommand(`help [${t('help.command')}]`, t('help.helpCommand'))
  for (const group of options.groups) {
    if ('lone' in group) {
      addCommand(program, options, group.lone, `command.${group.lone.name}.about`, found)
      continue
    }
    const parent = dress(program.command(group.name), options)
      .description(t(`command.${group.name}.about`))
      .usage(t('help.usageOf'))
      .helpCommand(false)
    for (const command of group.commands)
      addCommand(parent, options, command, `command.${group.name}.${command.name}`, found)
  }
  terminal.out.on('error', () => undefined)
  return program
}

const dress = (commander: Commander, { t, terminal }: ProgramOptions): Commander =>
  commander
    .exitOverride()
    .helpOption('-h, --help', t('option.help'))
    .configureOutput({
      writeOut: (text) => void terminal.out.write(text),
      writeErr: (text) => void terminal.err.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
      getOutHasColors: () => terminal.hasColor,
      getErrHasColors: () => terminal.hasColor,
    })
    .configureHelp({
      showGlobalOptions: true,
      sortSubcommands: false,
      styleTitle: (title) => (title in TITLES ? t(TITLES[title] ?? '') : title),
    })

const addCommand = (
  parent: Commander,
  options: ProgramOptions,
  command: AnyCommand,
  description: string,
  found: (invocation: Invocation) => void,
): void => {
  const { t } = options
  const leaf = dress(parent.command(command.name), options).description(t(description)).usage(usageOf(command, t))
  for (const arg of command.args ?? []) {
    const name = arg.variadic ? `${arg.name}...` : arg.name
    leaf.argument(arg.optional ? `[${name}]` : `<${name}>`, t(`argument.${arg.name}`))
  }
  for (const option of command.options ?? []) leaf.addOption(optionOf(option, t))
  leaf.action((...given: unknown[]) => {
    const args = new Map(
      (command.args ?? []).flatMap((arg, i): (readonly [string, string | string[]])[] =>
        given[i] === undefined ? [] : [[arg.name, given[i] as string | string[]]],
      ),
    )
    found({ command, input: readInput(args, leaf.opts()) })
  })
}

const usageOf = (command: AnyCommand, t: Translate): string => {
  const args = (command.args ?? []).map((arg) => {
    const name = arg.variadic ? `${arg.name}...` : arg.name
    return arg.optional ? `[${name}]` : `<${name}>`
  })
  return [...args, `[${t('help.optionsWord')}]`].join(' ')
}

const optionOf = (spec: OptionSpec, t: Translate): Option => {
  const flags = spec.value === undefined ? `--${spec.name}` : `--${spec.name} <${spec.value}>`
  const option = new Option(flags, t(`option.${spec.name}`)).makeOptionMandatory(spec.required ?? false)
  return spec.many
    ? option.argParser((value: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), value])
    : option
}

/** Which text says what commander objects to. */
const USAGE_TEXTS: Readonly<Record<string, string>> = {
  'commander.unknownCommand': 'usage.unknownCommand',
  'commander.unknownOption': 'usage.unknownOption',
  'commander.missingArgument': 'usage.missingArgument',
  'commander.excessArguments': 'usage.excessArguments',
  'commander.optionMissingArgument': 'usage.optionNeedsValue',
  'commander.missingMandatoryOptionValue': 'usage.optionMissing',
  'commander.invalidArgument': 'usage.optionWord',
  'commander.conflictingOption': 'usage.optionsConflict',
}

/** A complaint of commander in the language of the run, with its suggestion where it has one. */
export const explainUsage = (error: CommanderError, t: Translate): string => {
  const [, subject = ''] = /'([^']*)'/.exec(error.message) ?? []
  const [, words = ''] = /Allowed choices are ([^.]*)[.]/.exec(error.message) ?? []
  const [, suggestion] = /\(Did you mean (?:one of )?([^?]*)\?\)/.exec(error.message) ?? []
  const text = t(USAGE_TEXTS[error.code] ?? 'usage.other', { subject, words })
  return suggestion === undefined ? text : `${text} ${t('usage.didYouMean', { suggestion })}`
}
