import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'

import { invalid } from '#server/base/errors.ts'

import { Cancelled, type CliContext } from './context.ts'

/**
 * A secret from a file, from standard input (`-`), or typed unseen. Never an argument: those stand in the shell's history
 * and in the list of processes. Errors: `invalid/file_missing`, `invalid/file_unreadable`,
 * `invalid/secret_needed` where nobody can be asked.
 */
export const readSecret = async (
  context: CliContext,
  file: string | null,
  question: string,
  field = '--token-file',
): Promise<string> => {
  if (file === '-') return (await text(process.stdin)).trim()
  if (file !== null) {
    try {
      return (await readFile(file, 'utf8')).trim()
    } catch (error) {
      const problem = (error as NodeJS.ErrnoException).code ?? ''
      if (problem === 'ENOENT') throw invalid('file_missing', field, { path: file })
      throw invalid('file_unreadable', field, { path: file, problem })
    }
  }
  if (!context.terminal.isInteractive) throw invalid('secret_needed', field)
  const answer = await (await context.host.prompter(context.t)).secret(question)
  if (answer === null) throw new Cancelled()
  return answer
}
