import pg from 'pg'

export interface Listener {
  /** Resolves once the first connection listens. */
  readonly ready: Promise<void>
  close(): Promise<void>
}

const FIRST_RETRY_MS = 200
const LAST_RETRY_MS = 5_000

/**
 * Hears NOTIFY on `channels` over a connection of its own, and connects again, for ever, when it is lost. Notices sent
 * while it was down are lost: `onConnected` runs after each connection so the caller can look for itself.
 */
export const listenTo = (
  connectionString: string,
  channels: readonly string[],
  onNotice: (channel: string, payload: string) => void,
  onConnected: () => void = () => {},
): Listener => {
  let closed = false
  let client: pg.Client | null = null
  let timer: NodeJS.Timeout | null = null
  let markReady: () => void = () => {}
  const ready = new Promise<void>((resolve) => (markReady = resolve))

  const connect = async (retryMs: number): Promise<void> => {
    const next = new pg.Client({ connectionString, application_name: 'gavatcore listener', keepAlive: true })
    const again = () => {
      if (client === next) client = null
      if (!closed && !timer) {
        timer = setTimeout(() => {
          timer = null
          void connect(Math.min(retryMs * 2, LAST_RETRY_MS))
        }, retryMs)
      }
    }
    next.on('error', again)
    next.on('end', again)
    next.on('notification', (notice) => onNotice(notice.channel, notice.payload ?? ''))
    try {
      await next.connect()
      if (closed) return await next.end()
      for (const channel of channels) await next.query(`listen ${pg.escapeIdentifier(channel)}`)
      client = next
      markReady()
      onConnected()
    } catch {
      again()
    }
  }
  void connect(FIRST_RETRY_MS)

  return {
    ready,
    async close() {
      closed = true
      markReady()
      if (timer) clearTimeout(timer)
      await client?.end().catch(() => {})
    },
  }
}
