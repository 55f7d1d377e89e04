import type { CliContext } from './context.ts'
import type { CommandInput } from './command-input.ts'

export interface ArgumentSpec {
  readonly name: string
  /** One that may be left out; required by default. */
  readonly optional?: boolean
  /** Takes all that follows; the last argument only. */
  readonly variadic?: boolean
}

export interface OptionSpec {
  /** Long name without dashes: `dry-run`. */
  readonly name: string
  /** What stands for the value in the help; a switch when absent. */
  readonly value?: string
  /** May be given several times. */
  readonly many?: boolean
  /** The command makes no sense without it. */
  readonly required?: boolean
}

/**
 * One command. Its description is `command.<group>.<name>` (a lone one: `command.<name>.about`) and its options' are
 * `option.<name>`; `run` gives data, which `--json` prints as it is and `render` puts into words.
 */
export interface Command<R> {
  readonly name: string
  readonly args?: readonly ArgumentSpec[]
  readonly options?: readonly OptionSpec[]
  readonly run: (context: CliContext, input: CommandInput) => Promise<R>
  /** What a person reads; nothing is printed for an empty text. */
  readonly render: (context: CliContext, result: R) => string | Promise<string>
  /** How the command ends when it did not throw; 0 by default. */
  readonly exitCode?: (result: R) => number
}

/** Commands with different results, side by side. */
export type AnyCommand = Command<never>

/** Forgets the type of the result, once `run` and `render` agree on it. */
export const command = <R>(spec: Command<R>): AnyCommand => spec as unknown as AnyCommand

/** `gavatcore contacts …`, or a lone command that is its own group. */
export type CommandGroup =
  | { readonly name: string; readonly commands: readonly AnyCommand[] }
  | { readonly lone: AnyCommand }
