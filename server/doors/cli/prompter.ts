/** One line of a menu. */
export interface Choice<T> {
  readonly value: T
  readonly label: string
  readonly hint?: string
}

/** Asks the person at the terminal. Null: they pressed Ctrl-C or Escape, or went away. */
export interface Prompter {
  confirm(question: string): Promise<boolean | null>
  text(question: string, placeholder: string): Promise<string | null>
  /** What is typed is not shown. */
  secret(question: string): Promise<string | null>
  select<T extends string | number>(question: string, choices: readonly Choice<T>[]): Promise<T | null>
}
