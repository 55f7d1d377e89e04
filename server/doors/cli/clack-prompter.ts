import { type Option, confirm, isCancel, password, select, text } from '@clack/prompts'

import type { Translate } from '#server/base/translate.ts'

import type { Choice, Prompter } from './prompter.ts'

/** A terminal that closes while a question stands would leave it unanswered for ever; that counts as going away. */
const orGone = async <T>(stdin: NodeJS.ReadStream, answer: Promise<T | symbol>): Promise<T | null> => {
  let gone = () => {}
  const leaving = new Promise<null>((resolve) => {
    gone = () => resolve(null)
  })
  stdin.once('end', gone).once('close', gone)
  try {
    const first = await Promise.race([answer, leaving])
    return isCancel(first) ? null : (first as T | null)
  } finally {
    stdin.off('end', gone).off('close', gone)
  }
}

/** Asks with clack's prompts. */
export const createClackPrompter = (t: Translate, stdin: NodeJS.ReadStream = process.stdin): Prompter => ({
  confirm: (message) =>
    orGone<boolean>(stdin, confirm({ message, initialValue: false, active: t('talk.yes'), inactive: t('talk.no') })),
  text: (message, placeholder) => orGone<string>(stdin, text({ message, placeholder })),
  secret: (message) => orGone<string>(stdin, password({ message })),
  // Clack's options differ by the type of their value; all of ours have a label.
  select: <T extends string | number>(message: string, choices: readonly Choice<T>[]) => {
    const options = [...choices] as Option<T>[]
    return orGone<T>(stdin, select<T>({ message, options, maxItems: 14, showInstructions: false }))
  },
})
