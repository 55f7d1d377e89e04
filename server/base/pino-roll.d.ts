/** pino-roll ships no types; this is the part of it that is used. */
declare module 'pino-roll' {
  import type { EventEmitter } from 'node:events'

  interface RollingFile extends EventEmitter {
    write(line: string): boolean
    end(): void
  }

  export default function openRollingFile(options: {
    readonly file: string
    readonly extension: string
    readonly frequency: 'daily' | 'hourly'
    readonly dateFormat: string
    readonly size: string
    readonly limit: { readonly count: number; readonly removeOtherLogFiles: boolean }
  }): Promise<RollingFile>
}
