import { styleText } from 'node:util'

/** Where a command speaks: data goes to `out`, talk goes to `err`, so that a pipe carries data alone. */
export interface Terminal {
  readonly out: NodeJS.WritableStream
  readonly err: NodeJS.WritableStream
  /** A person sits at it and can be asked. */
  readonly isInteractive: boolean
  /** Whether `out` may carry colours; false under NO_COLOR and on a pipe. */
  readonly hasColor: boolean
  /** Progress on `err` may overwrite its line. */
  readonly isLive: boolean
  /** Columns of `out`; 100 where nobody says. */
  readonly columns: number
}

/** A reader that closed its end (`| head`) has read enough: what is still written is dropped, and nothing fails. */
export const ignoreClosedPipes = (terminal: Terminal): void => {
  for (const stream of [terminal.out, terminal.err]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error
    })
  }
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** `text` in a style where the terminal shows one, as it is elsewhere. */
export const paint = (terminal: Pick<Terminal, 'hasColor'>, style: Style, text: string): string =>
  terminal.hasColor ? styleText(style, text, { validateStream: false }) : text
