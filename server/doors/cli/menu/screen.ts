import type { CliContext } from '../context.ts'
import type { Prompter } from '../prompter.ts'

/** What a screen of the menu works with. */
export interface MenuContext {
  readonly cli: CliContext
  readonly prompter: Prompter
  /** Shows a block of text to the person. */
  readonly show: (text: string) => void
}

/** Runs until the person goes back. */
export type Screen = (menu: MenuContext) => Promise<void>
